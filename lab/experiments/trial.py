"""The quick mode, a smoke test: every technique within two minutes, on drawn images and tiny networks."""

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
    """Run TensorFlow eagerly: tracing a graph takes longer than the two training steps of the quick mode."""
    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            # Keras reads batches by a tf.data function, which is traced anyway, and TensorFlow warns about it.
            warnings.filterwarnings("ignore", "Even though .* does not apply to tf.data functions", UserWarning)
            yield
    finally:
        tf.config.run_functions_eagerly(False)


def prepare(output: Path) -> Places:
    """Draw the data sets, train a stand-in for the shipped network, and return the paths."""
    drawn = draw_collections(output / "drawn")
    shipped = output / "shipped"
    if not (shipped / SERVED_FILE).exists():
        photos = split(read_photos(drawn.data))
        lessons = read_lessons(photos.training)
        recipe = Recipe(architecture=TINY_NETWORK, **TINY_RECIPE)
        origins = Sources(drawn.data, RANDOM, DRAWN).facts(photos, "")
        keep(fine_tune(lessons, RANDOM, shipped, recipe), origins, shipped)
    return Places(drawn.data, output, drawn.luma, weights=RANDOM, shipped=shipped, teacher=shipped, data_origin=DRAWN)
