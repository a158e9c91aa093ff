"""A trained network learns worn garments in its last blocks, and is held to what it said before of photos of one.

Needs Keras alone, on any backend: `python -m lab.training.adapting PACK FOLDER` trains on a machine without TensorFlow.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lab.training import architectures, graph
from lab.training.packing import WEIGHTS, Pack, read_pack
from lab.training.training_loop import Batch, Checkpoint, optimiser, run_round
from lab.training.worn_views import Lessons, lessons_of
from visualsearch.inference.letterbox import coverage_of

LESSONS_FILE = "lessons.npz"
SMOOTHING = 0.1
TEMPERATURE = 2.0
# Garments of a view that teach their names; composites have four, people a few more.
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Adaptation:
    """The hyperparameters. Layers from the first whose name starts with `trained_from` learn, those before do not.

    The loss is the cross-entropy of each garment's name, by the mean of the class map within its box, + `soft_weight` ×
    the divergence from the network's former opinion of a photo of one garment + `kept_weight` × (1 − cosine) between
    the former square roots of the pooled features and those now, of such photos; `kept_elsewhere` of that in others.
    """

    trained_from: str = "block_13_"
    steps: int = 450
    views_per_step: int = 32
    size: int = 224
    learning_rate: float = 2e-4
    weight_decay: float = 0.05
    averaging: float = 0.99
    dropped: float = graph.DROPPED_CHANNELS
    soft_weight: float = 1.0
    kept_weight: float = 32.0
    kept_elsewhere: float = 1.0
    seed: int = 1


def adapt(pack: Pack, folder: Path, recipe: Adaptation) -> keras.Model:
    """Return the served graph of a pack's network after training. `folder` keeps checkpoints and resumes from them."""
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    served = unpacked(pack, recipe.size, recipe.dropped)
    trunk, tail = parted(served, recipe.trained_from)
    lessons = _cached(folder / LESSONS_FILE, trunk, tail, pack, recipe)
    train_tail(tail, lessons, pack.labels, folder, recipe)
    return served


def train_tail(tail: keras.Model, lessons: Lessons, labels: list[str], folder: Path, recipe: Adaptation) -> None:
    """Train the last blocks of a network, in place, on lessons that the blocks before them have seen."""
    class_map, pooled = tail.output
    logits = keras.layers.GlobalAveragePooling2D(name="logits")(class_map)
    model = keras.Model(tail.input, {"names": class_map, "softened": logits, "kept": pooled})
    model.compile(
        optimiser(recipe.steps, recipe.learning_rate, weight_decay=recipe.weight_decay, momentum=recipe.averaging),
        loss={"names": name_loss, "softened": softened_loss, "kept": kept_loss},
        loss_weights={"names": 1.0, "softened": recipe.soft_weight, "kept": recipe.kept_weight},
    )
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(folder, "adapting", asdict(recipe))
    done = checkpoint.restore(model)
    batches = WornBatches(lessons, labels, tuple(class_map.shape[1:3]), recipe)
    run_round(model, batches.draw, recipe.steps, done, checkpoint, "Learning worn garments")


def unpacked(pack: Pack, size: int, dropped: float = 0.0) -> keras.Model:
    """Return the served graph of a pack's network."""
    served = untrained(len(pack.labels), size, dropped)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / WEIGHTS
        file.write_bytes(pack.weights)
        served.load_weights(file)
    return served


def untrained(labels: int, size: int, dropped: float = 0.0) -> keras.Model:
    """Return the served graph of MobileNetV2 with folded batch norms and random weights."""
    return graph.build_served(
        graph.fold(architectures.named(architectures.DEFAULT).build(size)), labels, dropped=dropped
    )


def parted(served: keras.Model, trained_from: str) -> tuple[keras.Model, keras.Model]:
    """Return what stays and what learns, which share the layers of `served`: pixels to a map, and that to the outputs.

    Raises ValueError if no layer's name starts with `trained_from`.
    """
    first = next((layer for layer in served.layers if layer.name.startswith(trained_from)), None)
    if first is None:
        raise ValueError(f"No layer's name starts with {trained_from}.")
    between = first.input
    trunk = keras.Model(served.input, between)
    for layer in trunk.layers:
        layer.trainable = False
    return trunk, keras.Model(between, served.output)


class WornBatches:
    """Draws the batch of each step, seeded by its number: a resumed training gets the same batches."""

    def __init__(self, lessons: Lessons, labels: list[str], cells: tuple[int, int], recipe: Adaptation) -> None:
        self._lessons, self._labels, self._cells, self._recipe = lessons, labels, cells, recipe
        counts = Counter(label for garments in lessons.garments for label, _ in garments)
        # Rare labels count more, by the fourth root: hats are an eighth as frequent as T-shirts.
        most = max(counts.values(), default=1)
        self._weight = {label: (most / count) ** 0.25 for label, count in counts.items()}

    def draw(self, step: int) -> Batch:
        """Return maps and the targets of each output, rows of one view each; see the losses for their columns."""
        lessons, recipe = self._lessons, self._recipe
        rows = min(recipe.views_per_step, len(lessons.garments))
        in_round, place = divmod(step, len(lessons.garments) // rows)
        order = np.random.default_rng((recipe.seed, in_round)).permutation(len(lessons.garments))
        chosen = np.sort(order[place * rows :][:rows])
        named = np.stack([self._named(view) for view in chosen])
        single = lessons.single[chosen].astype(np.float32)[:, None]
        powers = np.exp((lessons.logits[chosen] - lessons.logits[chosen].max(axis=1, keepdims=True)) / TEMPERATURE)
        kept = np.maximum(single, recipe.kept_elsewhere)
        return lessons.maps[chosen].astype(np.float32), {
            "names": named,
            "softened": single * powers / powers.sum(axis=1, keepdims=True),
            "kept": np.concatenate([lessons.pooled[chosen].astype(np.float32), kept], axis=1),
        }

    def _named(self, view: int) -> NDArray[np.float32]:
        """Return for each garment of a view the share of each cell in its mean, and its name's smoothed share."""
        rows, columns = self._cells
        named = np.zeros((MOST_NAMED, rows * columns + len(self._labels)), np.float32)
        for row, (label, box) in zip(named, self._lessons.garments[view][:MOST_NAMED], strict=False):
            row[: rows * columns] = coverage_of((rows, columns), box).ravel()
            row[rows * columns :] = SMOOTHING / len(self._labels)
            row[rows * columns + self._labels.index(label)] += 1 - SMOOTHING
            row[rows * columns :] *= self._weight[label]
        return named


def name_loss(wanted: keras.KerasTensor, class_map: keras.KerasTensor) -> keras.KerasTensor:
    """Return the cross-entropy of the names of each view's garments, summed, (n,).

    `wanted` (n, garments, cells + labels): cells of the class map in a garment's mean, then its name's shares.
    """
    labels = class_map.shape[-1]
    cells = class_map.shape[1] * class_map.shape[2]
    flat = ops.reshape(class_map, (-1, cells, labels))
    logits = ops.matmul(wanted[..., :cells], flat)
    return -ops.sum(wanted[..., cells:] * ops.log_softmax(logits, axis=-1), axis=(1, 2))


def softened_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return T² × the divergence from softened probabilities, (n,); rows of zeros cost nothing."""
    said = ops.log_softmax(logits / TEMPERATURE, axis=-1)
    return TEMPERATURE**2 * ops.sum(wanted * (ops.log(wanted + 1e-7) - said), axis=-1)


def kept_loss(wanted: keras.KerasTensor, pooled: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 − cosine between the square roots of former and present pooled features, (n,), by the last column."""
    before, now = (ops.sqrt(ops.relu(values) + 1e-6) for values in (wanted[:, :-1], pooled))
    cosine = ops.sum(ops.normalize(before, axis=-1) * ops.normalize(now, axis=-1), axis=-1)
    return wanted[:, -1] * (1 - cosine)


def blend_weights(served: keras.Model, former: keras.Model, share: float) -> None:
    """Give a graph the mean of its weights, `share` of them, and another's (Wortsman et al., Model soups, 2022)."""
    served.set_weights(
        [
            share * now + (1 - share) * before
            for now, before in zip(served.get_weights(), former.get_weights(), strict=True)
        ]
    )


def _cached(file: Path, trunk: keras.Model, tail: keras.Model, pack: Pack, recipe: Adaptation) -> Lessons:
    if not file.exists():
        made = lessons_of(trunk, tail, pack, recipe.size, recipe.seed)
        part = file.with_suffix(".part.npz")
        np.savez(
            part,
            maps=made.maps,
            pooled=made.pooled,
            logits=made.logits,
            single=made.single,
            garments=np.array(json.dumps(made.garments)),
        )
        part.replace(file)
    with np.load(file) as kept:
        garments = [
            tuple((label, (box[0], box[1], box[2], box[3])) for label, box in view)
            for view in json.loads(str(kept["garments"]))
        ]
        return Lessons(kept["maps"], garments, kept["pooled"], kept["logits"], kept["single"])


def main() -> None:
    """Train by a pack, and write the weights into a folder, beside checkpoints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("folder", type=Path)
    usual = Adaptation()
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--views-per-step", type=int, default=usual.views_per_step)
    parser.add_argument("--trained-from", default=usual.trained_from, metavar="NAME")
    chosen = parser.parse_args()
    recipe = Adaptation(steps=chosen.steps, views_per_step=chosen.views_per_step, trained_from=chosen.trained_from)
    adapt(read_pack(chosen.pack), chosen.folder, recipe).save_weights(chosen.folder / WEIGHTS)


if __name__ == "__main__":
    main()
