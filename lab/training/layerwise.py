"""Layer-by-layer execution of a network, to read a layer's input after earlier layers have been pruned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from PIL import Image

from lab.training.teacher import network_input

# 128 photos at 224 px take 3 GB of memory.
PHOTOS = 128


class Run:
    """Executes a network layer by layer on one batch. Activations are freed after their last reader."""

    def __init__(self, network: keras.Model, pixels: NDArray[np.float32]) -> None:
        self._pixels = pixels
        self._seen: dict[str, keras.KerasTensor] = {}
        self._readers = Counter(tensor.name for layer in network.operations for tensor in _inputs(layer))

    def before(self, layer: layers.Layer) -> NDArray[np.float32]:
        """Return the input of a layer that has one input and has not run yet, (n, h, w, channels)."""
        return np.asarray(self._seen[layer.input.name])

    def pass_on(self, layer: layers.Layer) -> keras.KerasTensor:
        """Run the next layer and return its output."""
        read = [self._seen[tensor.name] for tensor in _inputs(layer)]
        out = layer(read if len(read) > 1 else read[0]) if read else self._pixels
        for tensor in _inputs(layer):
            self._readers[tensor.name] -= 1
            if not self._readers[tensor.name]:
                del self._seen[tensor.name]
        self._seen[layer.output.name] = out
        return out


def _inputs(layer: layers.Layer) -> list[keras.KerasTensor]:
    return [] if isinstance(layer, layers.InputLayer) else keras.tree.flatten(layer.input)


def some_pixels(pictures: Sequence[Image.Image], size: int) -> NDArray[np.float32]:
    """Return a random sample of at most PHOTOS of the images as network input, (n, size, size, 3) in −1..1."""
    chosen = np.random.default_rng(1).permutation(len(pictures))[:PHOTOS]
    return network_input([pictures[place] for place in chosen], size)
