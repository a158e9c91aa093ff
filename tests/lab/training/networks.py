"""A network small enough for a test, with what the real ones are made of."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from lab.training import graph

SIZE = 32
CATEGORIES = 3


def small_backbone() -> keras.Model:
    """Return a network with an inverted residual and a wide head, its batch norms not folded, its weights random."""
    keras.utils.set_random_seed(1)
    picture = keras.Input((SIZE, SIZE, 3))
    values = _convolve(layers.Conv2D(16, 3, strides=2, **_settings("stem")), picture)
    before = values
    values = _convolve(layers.Conv2D(64, 1, **_settings("expand")), values)
    values = _convolve(layers.DepthwiseConv2D(3, **_settings("depthwise")), values)
    values = _convolve(layers.Conv2D(16, 1, **_settings("project")), values, active=False)
    values = layers.Add(name="add")([before, values])
    values = _convolve(layers.Conv2D(256, 3, strides=2, **_settings("widen")), values)
    return keras.Model(picture, _convolve(layers.Conv2D(512, 1, **_settings("head")), values))


def small_served() -> keras.Model:
    """Return the graph that is served, batch norms folded, whose head misses channels while training."""
    return graph.build_served(graph.fold(small_backbone()), CATEGORIES, dropped=0.2)


def pictures(count: int) -> NDArray[np.uint8]:
    """Return noise of changing colour, (count, SIZE, SIZE, 3)."""
    rng = np.random.default_rng(2)
    colours = rng.integers(0, 200, (count, 1, 1, 3))
    return (colours + rng.integers(0, 56, (count, SIZE, SIZE, 3))).astype(np.uint8)


def as_input(photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return photos as a network takes them, −1..1."""
    return photos.astype(np.float32) / 127.5 - 1.0


def _settings(name: str) -> dict[str, object]:
    initial = {"depthwise_initializer" if name == "depthwise" else "kernel_initializer": "he_normal"}
    return {"padding": "same", "use_bias": False, "name": name, **initial}


def _convolve(layer: layers.Layer, values: keras.KerasTensor, *, active: bool = True) -> keras.KerasTensor:
    values = layers.BatchNormalization(name=f"{layer.name}_norm")(layer(values))
    return layers.ReLU(6.0, name=f"{layer.name}_relu")(values) if active else values
