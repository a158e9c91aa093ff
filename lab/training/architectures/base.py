"""The interface of all architectures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import keras

RANDOM = "random"
IMAGENET = "imagenet"


class Architecture(ABC):
    """A convolutional backbone without its classification top; its output is a feature map (h, w, channels).

    `frozen_before` is the name prefix of the first trainable layers. The layers before it detect edges and cost the
    most to train, so they keep their ImageNet weights. `imagenet_origin` is the model card's text on those weights.
    """

    name: str
    frozen_before: str
    imagenet_origin: str

    @abstractmethod
    def build(self, size: int) -> keras.Model:
        """Return the network for (size, size, 3) images in −1..1, with random weights and unfolded batch norms."""

    @abstractmethod
    def load_imagenet(self, network: keras.Model) -> None:
        """Load ImageNet weights into a built network.

        Raises ValueError if there are none for this architecture, OSError if they cannot be downloaded.
        """

    def initialise(self, network: keras.Model, weights: str) -> None:
        """Initialise a built network: RANDOM, IMAGENET, or the path of a Keras weights file without top."""
        if weights == IMAGENET:
            self.load_imagenet(network)
        elif weights != RANDOM:
            network.load_weights(Path(weights))
