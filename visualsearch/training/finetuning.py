"""Fine-tunes MobileNetV2: to tell categories, to know a photo again, and not to forget what ImageNet taught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visualsearch.evaluation.clothing import LabelledPhoto
from visualsearch.training import architecture, heads, losses, views
from visualsearch.training.labels import UNKNOWN, category_labels, category_names, kind_labels
from visualsearch.training.mixing import MixedBatches
from visualsearch.training.rounds import Batch, Checkpoint, optimiser, run_round
from visualsearch.training.teacher import features_of, teach

LOSSES = {
    "categories": losses.category_loss,
    "kinds": losses.proxy_loss,
    "instances": losses.instance_loss,
    "teacher": losses.teacher_loss,
}
LOSS_WEIGHTS = {"categories": 1.0, "kinds": 0.5, "instances": 0.5, "teacher": 2.0}
MIXED_LOSSES = {
    "categories": losses.mixed_category_loss,
    "instances": losses.teacher_loss,
    "teacher": losses.teacher_loss,
}
MIXED_LOSS_WEIGHTS = {"categories": 1.5, "instances": 1.0, "teacher": 1.0}
# Photos of one kind that follow each other in the order of the first round.
ALIKE = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to train. `size` is that of the views; a network may serve a larger one.

    The second round starts from the first one's weights and ImageNet's, `kept` of the former: weights between the two
    know unseen contributors' photos better than either.
    """

    steps: int = 960
    mixed_steps: int = 520
    photos_per_step: int = 32
    size: int = 160
    learning_rate: float = 2e-4
    weight_decay: float = 0.02
    mixed_weight_decay: float = 0.05
    kept: float = 0.6
    seed: int = 1


def fine_tune(photos: Sequence[LabelledPhoto], weights: str | Path, folder: Path, recipe: Recipe) -> keras.Model:
    """Return the served graph, trained on `photos`.

    `folder` keeps checkpoints: an interrupted training goes on from the last one. It belongs to one set of photos,
    weights and recipe; raises ValueError if its checkpoint was made by another recipe.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    names = category_names(photos)
    categories, kinds = category_labels(photos, names), kind_labels(photos)
    pictures = views.load_photos(photos)
    targets_file = folder / "teacher.npy"
    if not targets_file.exists():
        np.save(targets_file, teach(weights, pictures))
    targets = np.load(targets_file)
    served = architecture.build_served(architecture.build_backbone(weights, recipe.size), len(names))
    initial = served.get_weights()
    model = heads.add_heads(served, int(kinds.max()) + 1, targets.shape[1])

    model.compile(
        optimiser(recipe.steps, recipe.learning_rate, weight_decay=recipe.weight_decay, momentum=0.99),
        loss=LOSSES,
        loss_weights=LOSS_WEIGHTS,
    )
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(folder, "first", asdict(recipe))
    done = checkpoint.restore(model)
    if done == 0:
        pooled = features_of(keras.Model(served.input, served.output[1]), pictures, recipe.size)
        heads.start_heads(model, pooled, (categories, kinds), targets)
    batches = Batches(pictures, (categories, kinds), targets, recipe)
    run_round(model, batches.draw, recipe.steps, done, checkpoint, "First round")

    known = categories != UNKNOWN
    told = [picture for picture, is_known in zip(pictures, known, strict=True) if is_known]
    mixed = MixedBatches(
        told,
        categories[known],
        features_of(keras.Model(model.input, model.output["instances"]), told, recipe.size),
        targets[known],
        2 * recipe.photos_per_step,
        recipe.size,
        recipe.seed,
    )
    _step_back(served, initial, recipe.kept)
    model = keras.Model(model.input, {name: model.output[name] for name in MIXED_LOSSES})
    model.compile(
        optimiser(recipe.mixed_steps, recipe.learning_rate, weight_decay=recipe.mixed_weight_decay, momentum=0.98),
        loss=MIXED_LOSSES,
        loss_weights=MIXED_LOSS_WEIGHTS,
    )
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(folder, "second", asdict(recipe))
    run_round(model, mixed.draw, recipe.mixed_steps, checkpoint.restore(model), checkpoint, "Second round")
    return served


def _step_back(served: keras.Model, initial: Sequence[NDArray[np.float32]], kept: float) -> None:
    """Bring the graph's weights back towards the `initial` ones, but for the class map's, which had none."""
    heads_own = len(served.get_layer("class_map").get_weights())
    now = served.get_weights()
    back = [kept * mine + (1 - kept) * first for mine, first in zip(now, initial, strict=True)]
    served.set_weights(back[:-heads_own] + now[-heads_own:])


class Batches:
    """Draws the batch of each step. It depends on the step's number alone: a continued training sees the same ones."""

    def __init__(
        self,
        pictures: Sequence[Image.Image],
        labels: tuple[NDArray[np.int64], NDArray[np.int64]],
        targets: NDArray[np.float32],
        recipe: Recipe,
    ) -> None:
        self._pictures = pictures
        self._categories, self._kinds = labels
        self._targets = targets
        self._recipe = recipe
        self._rows = min(recipe.photos_per_step, len(pictures))

    def draw(self, step: int) -> Batch:
        """Return pixels (2 × photos, size, size, 3) in −1..1, and the truth of each output: two views of each photo."""
        in_round, place = divmod(step, len(self._pictures) // self._rows)
        order = order_of_round(self._kinds, np.random.default_rng((self._recipe.seed, in_round)))
        chosen = order[place * self._rows :][: self._rows]
        both = np.concatenate([chosen, chosen])
        pixels = views.draw_batch(self._pictures, chosen, self._recipe.size, (self._recipe.seed, step))
        return pixels, {
            "categories": self._categories[both],
            "kinds": self._kinds[both],
            "instances": both,
            "teacher": self._targets[both],
        }


def order_of_round(kinds: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return all photos in random order, but in runs of ALIKE of one kind.

    A batch's other photos are then hard to tell from each other: a sandal never teaches which T-shirt this is.
    """
    shuffled = rng.permutation(len(kinds))
    by_kind = shuffled[np.argsort(kinds[shuffled], kind="stable")]
    runs = [by_kind[start : start + ALIKE] for start in range(0, len(by_kind), ALIKE)]
    return np.concatenate([runs[place] for place in rng.permutation(len(runs))])
