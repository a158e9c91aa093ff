"""What all architectures have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import keras

RANDOM = "random"
IMAGENET = "imagenet"


class Architecture(ABC):
    """A convolutional network without top, whose last layer's positions can be classified one by one.

    `frozen_before` is the prefix of the first layers that train: the ones before see edges, cost the most, and stay as
    ImageNet left them.
    """

    name: str
    frozen_before: str
    imagenet_origin: str

    @abstractmethod
    def build(self, size: int) -> keras.Model:
        """Return the network for (size, size, 3) pictures in −1..1, its weights random, its batch norms unfolded."""

    @abstractmethod
    def load_imagenet(self, network: keras.Model) -> None:
        """Give a built network what it learnt of ImageNet. Raises ValueError or OSError if that is not to be had."""

    def initialise(self, network: keras.Model, weights: str) -> None:
        """Give a built network its first weights: RANDOM, IMAGENET, or a file of Keras weights without top."""
        if weights == IMAGENET:
            self.load_imagenet(network)
        elif weights != RANDOM:
            network.load_weights(Path(weights))
