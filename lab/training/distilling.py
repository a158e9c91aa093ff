"""Knowledge distillation: a student network learns from the labels and from a teacher's outputs for the same images.

Hinton et al., Distilling the Knowledge in a Neural Network, 2015. Beyer et al., Knowledge distillation: A good teacher
is patient and consistent, 2022: teacher and student receive the same augmented and mixed images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.training import heads, losses
from lab.training.finetuning import Lessons, Recipe, compile_for
from lab.training.losses import Objective
from lab.training.mixing import MixedBatches
from lab.training.teacher import features_of
from lab.training.training_loop import Batch, Checkpoint, run_round
from visualsearch.inference.litert import LiteRTModel
from visualsearch.vectors import Vectors

# Unaugmented photos to fit the student's embedding head on, before training: more took time and changed little.
START_PHOTOS = 1024


@dataclass(frozen=True, slots=True)
class Distillation:
    """The teachers, and the weights of the loss terms.

    The loss is `hard_weight` × cross-entropy with the true categories + `soft_weight` × temperature² × KL divergence
    from the teachers' probabilities, both softened by the temperature, + `distance_weight` × (1 − cosine) between the
    shape part of the first teacher's embedding and the student's prediction of it. Several teachers form an ensemble:
    their logits are averaged.
    """

    teachers: tuple[LiteRTModel, ...]
    temperature: float = 2.0
    hard_weight: float = 0.5
    soft_weight: float = 1.0
    distance_weight: float = 2.0

    def objectives(self) -> dict[str, Objective]:
        """Return the student's objectives, by the name of its output."""
        # The gradients of soft targets scale with 1 / temperature² (Hinton et al., section 2).
        soft_weight = self.soft_weight * self.temperature**2
        objectives = {
            "categories": Objective(losses.category_loss, self.hard_weight),
            "softened": Objective(losses.divergence_loss, soft_weight),
            "teacher": Objective(losses.distance_loss, self.distance_weight),
        }
        # The category loss is reported in the progress bar even if its weight is 0.
        return {name: objective for name, objective in objectives.items() if objective.weight or name == "categories"}

    def ask(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the teachers' outputs for images (n, size, size, 3) in −1..1, of any size.

        "softened" has the ensemble's softened probabilities (n, categories), "teacher" the shape part of the first
        teacher's embeddings, unit rows (n, d).
        """
        photos = [Image.fromarray(picture) for picture in np.rint((pixels + 1) * 127.5).astype(np.uint8)]
        logits, embeddings = zip(*(_look(teacher, photos) for teacher in self.teachers), strict=True)
        return {"softened": _softmax(np.mean(logits, axis=0) / self.temperature), "teacher": embeddings[0]}

    def facts(self) -> dict[str, object]:
        """Return the settings as a checkpoint or a model card stores them."""
        numbers = {name: getattr(self, name) for name in self.__slots__ if name != "teachers"}
        cards = [teacher.card for teacher in self.teachers]
        return numbers | {"teachers": [f"{card.name}/{card.version}" for card in cards]}


def distil(
    served: keras.Model,
    lessons: Lessons,
    distillation: Distillation,
    folder: Path,
    recipe: Recipe,
    *,
    started: bool,
    after_step: Callable[[int], None] = lambda _done: None,
) -> None:
    """Train the served graph on the lessons and on the teachers' outputs for each augmented image.

    `started`, `after_step` and `folder` are as in train(). Raises ValueError if a teacher has other categories than
    the lessons, or the folder's checkpoint belongs to another recipe or distillation.
    """
    for teacher in distillation.teachers:
        if list(teacher.card.labels) != list(lessons.names):
            raise ValueError(
                f"The teacher {teacher.card.name} tells {', '.join(teacher.card.labels)} apart, the lessons are of "
                f"{', '.join(lessons.names)}. Choose a teacher that was trained on photos of the same categories."
            )
    folder.mkdir(parents=True, exist_ok=True)
    objectives = distillation.objectives()
    dimensions = distillation.teachers[0].descriptor.shape_dimensions if "teacher" in objectives else 0
    model = heads.add_heads(served, dimensions, distillation.temperature if "softened" in objectives else None)
    compile_for(model, objectives, recipe)
    checkpoint = Checkpoint(folder, "training", asdict(recipe) | {"distillation": distillation.facts()})
    done = checkpoint.restore(model)
    if done == 0:
        _start_heads(model, served, lessons, distillation, recipe, started=started)
    untaught = np.zeros((len(lessons.pictures), 0), np.float32)
    batches = MixedBatches(lessons.pictures, lessons.shares, untaught, recipe.photos_per_step, recipe.size, recipe.seed)

    def draw(step: int) -> Batch:
        pixels, truth = batches.draw(step)
        truths = truth | distillation.ask(pixels)
        return pixels, {name: truths[name] for name in objectives}

    run_round(model, draw, recipe.steps, done, checkpoint, "Distilling", after_step)
    after_step(recipe.steps)


def _start_heads(
    model: keras.Model,
    served: keras.Model,
    lessons: Lessons,
    distillation: Distillation,
    recipe: Recipe,
    *,
    started: bool,
) -> None:
    """Initialise the student's heads as train() does; the embedding head on START_PHOTOS photos only."""
    pooling = keras.Model(served.input, served.output[1])
    if not started:
        heads.start_categories(model, features_of(pooling, lessons.pictures, recipe.size), lessons.shares)
    if "teacher" in model.output:
        chosen = np.random.default_rng(recipe.seed).permutation(len(lessons.pictures))[:START_PHOTOS]
        photos = [lessons.pictures[photo] for photo in chosen]
        _, embeddings = _look(distillation.teachers[0], photos)
        heads.start_recall(model, features_of(pooling, photos, recipe.size), embeddings)


def _look(teacher: LiteRTModel, photos: Sequence[Image.Image]) -> tuple[NDArray[np.float32], Vectors]:
    """Return a model's logits (n, categories) and the shape parts of its embeddings, unit rows (n, d)."""
    class_maps, pooled, *_ = zip(*teacher.outputs(photos), strict=True)
    return np.stack(class_maps).mean(axis=(1, 2)), teacher.descriptor.shape(np.stack(pooled))


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
