"""The quick mode: every technique within two minutes, on drawn pictures and untrained networks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from lab.evaluation.clothing import read_photos, split
from lab.experiments.drawn import draw_collections
from lab.experiments.places import DRAWN, Places
from lab.experiments.plan import TINY_NETWORK, TINY_RECIPE
from lab.training.architectures.base import RANDOM
from lab.training.build import SERVED_FILE, keep
from lab.training.finetuning import Recipe, fine_tune, read_lessons
from lab.training.options import Sources


@contextmanager
def untraced() -> Iterator[None]:
    """Let TensorFlow take each step as it comes: to trace a graph first takes longer than a trial's two steps."""
    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            # Keras reads its batches by a traced function all the same, and TensorFlow says so.
            warnings.filterwarnings("ignore", "Even though .* does not apply to tf.data functions", UserWarning)
            yield
    finally:
        tf.config.run_functions_eagerly(False)


def prepare(output: Path) -> Places:
    """Draw what a trial needs into a folder, train what stands for the shipped network, and say where all is."""
    drawn = draw_collections(output / "drawn")
    shipped = output / "shipped"
    if not (shipped / SERVED_FILE).exists():
        photos = split(read_photos(drawn.data))
        lessons = read_lessons(photos.training)
        recipe = Recipe(architecture=TINY_NETWORK, **TINY_RECIPE)
        origins = Sources(drawn.data, RANDOM, DRAWN).facts(photos, "")
        keep(fine_tune(lessons, RANDOM, shipped, recipe), origins, shipped)
    return Places(drawn.data, output, drawn.luma, weights=RANDOM, shipped=shipped, teacher=shipped, data_origin=DRAWN)
