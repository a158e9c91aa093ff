"""Fine-tuning for classification, with a distillation loss against catastrophic forgetting of ImageNet features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from lab.training import architectures, augmentation, graph, heads, losses
from lab.training.architectures.base import RANDOM
from lab.training.labels import category_names, category_shares
from lab.training.losses import Objective
from lab.training.mixing import MixedBatches
from lab.training.teacher import features_of, teach
from lab.training.training_loop import Checkpoint, optimiser, run_round

OBJECTIVES = {"categories": Objective(losses.category_loss, 1.5), "teacher": Objective(losses.distance_loss, 2.0)}
SMOOTHING = 0.05
TARGETS_FILE = "teacher.npy"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The hyperparameters of a training. `size` is the side of the training views in pixels; inference may use another.

    `averaging` is the momentum of the exponential moving average (EMA) of the weights, `dropped` the dropout rate of
    the head's input channels.
    """

    architecture: str = architectures.DEFAULT
    steps: int = 800
    photos_per_step: int = 32
    size: int = 224
    learning_rate: float = 3e-4
    weight_decay: float = 0.05
    averaging: float = 0.988
    dropped: float = graph.DROPPED_CHANNELS
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Lessons:
    """The training set: n images, and their target distributions `shares` (n, categories) over `names`, float32."""

    names: list[str]
    pictures: list[Image.Image]
    shares: NDArray[np.float32]


def read_lessons(photos: Sequence[LabelledPhoto]) -> Lessons:
    """Return the training set of all photos with a usable label: a category, or "none of the categories"."""
    names = category_names(photos)
    shares = category_shares(photos, names, SMOOTHING)
    labelled = np.asarray(shares.any(axis=1))
    pictures = augmentation.load_photos([photo for photo, is_told in zip(photos, labelled, strict=True) if is_told])
    return Lessons(names, pictures, shares[labelled])


def fine_tune(lessons: Lessons, weights: str, folder: Path, recipe: Recipe) -> keras.Model:
    """Return the served graph, trained on the lessons from initial `weights` as in build_backbone().

    `folder` keeps checkpoints: an interrupted training resumes from the last one. A folder belongs to one set of
    photos, weights and recipe. Raises ValueError if its checkpoint has another recipe, or the weights do not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    backbone = graph.build_backbone(architectures.named(recipe.architecture), weights, recipe.size)
    targets = _targets(backbone, weights, lessons.pictures, folder / TARGETS_FILE)
    served = graph.build_served(backbone, len(lessons.names), dropped=recipe.dropped)
    # Features of random weights are no use to a linear probe, and their batch norms have no statistics yet.
    train(served, lessons, targets, folder, recipe, started=weights == RANDOM)
    return served


def train(
    served: keras.Model,
    lessons: Lessons,
    targets: NDArray[np.float32],
    folder: Path,
    recipe: Recipe,
    *,
    started: bool,
    after_step: Callable[[int], None] = lambda _done: None,
) -> None:
    """Train the served graph in place on the lessons and a teacher's features `targets`, unit rows (n, d), d may be 0.

    Unless `started`, the category head is initialised by linear probing. `after_step` may modify the weights, as
    pruning does. `folder` keeps checkpoints. Raises ValueError if its checkpoint has another recipe.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = heads.add_heads(served, targets.shape[1])
    compile_for(model, OBJECTIVES, recipe)
    checkpoint = Checkpoint(folder, "training", asdict(recipe))
    done = checkpoint.restore(model)
    if done == 0 and (not started or targets.shape[1]):
        pooled = features_of(keras.Model(served.input, served.output[1]), lessons.pictures, recipe.size)
        if not started:
            heads.start_categories(model, pooled, lessons.shares)
        if targets.shape[1]:
            heads.start_recall(model, pooled, targets)
    batches = MixedBatches(lessons.pictures, lessons.shares, targets, recipe.photos_per_step, recipe.size, recipe.seed)
    run_round(model, batches.draw, recipe.steps, done, checkpoint, "Training", after_step)
    after_step(recipe.steps)


def compile_for(model: keras.Model, objectives: Mapping[str, Objective], recipe: Recipe) -> None:
    """Compile the training model for a recipe. Each output gets the objective of its name."""
    model.compile(
        optimiser(recipe.steps, recipe.learning_rate, weight_decay=recipe.weight_decay, momentum=recipe.averaging),
        loss={name: objectives[name].loss for name in model.output},
        loss_weights={name: objectives[name].weight for name in model.output},
    )
    model.optimizer.build(model.trainable_variables)


def _targets(backbone: keras.Model, weights: str, pictures: Sequence[Image.Image], file: Path) -> NDArray[np.float32]:
    """Return the initial network's features of the images, unit rows (n, d), cached in `file`; d is 0 if RANDOM."""
    if weights == RANDOM:
        return np.zeros((len(pictures), 0), np.float32)
    if not file.exists():
        np.save(file, teach(backbone, pictures))
    return np.asarray(np.load(file), np.float32)
