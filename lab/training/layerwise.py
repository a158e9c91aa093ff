"""Layer-by-layer execution of a network, for pruning: the inputs of a layer after earlier layers have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from PIL import Image

from lab.training.teacher import network_input

# Run layer by layer, so many photos at 224 px take 3 GB.
PHOTOS = 128


class Run:
    """A network run layer by layer on one batch. What no later layer reads is forgotten."""

    def __init__(self, network: keras.Model, pixels: NDArray[np.float32]) -> None:
        self._pixels = pixels
        self._seen: dict[str, keras.KerasTensor] = {}
        self._readers = Counter(tensor.name for layer in network.operations for tensor in _inputs(layer))

    def before(self, layer: layers.Layer) -> NDArray[np.float32]:
        """Return what the layer, with one input, is about to read, (n, h, w, channels)."""
        return np.asarray(self._seen[layer.input.name])

    def pass_on(self, layer: layers.Layer) -> keras.KerasTensor:
        """Run the next layer and return what it puts out."""
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
    """Return some of the pictures, at most PHOTOS, as a network takes them, (n, size, size, 3) in −1..1."""
    chosen = np.random.default_rng(1).permutation(len(pictures))[:PHOTOS]
    return network_input([pictures[place] for place in chosen], size)
