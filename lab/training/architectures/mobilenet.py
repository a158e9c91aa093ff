"""MobileNetV2 and V3 from keras.applications.

Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018; Howard et al., Searching for MobileNetV3,
2019.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from lab.training.architectures.base import IMAGENET, Architecture


class MobileNetV2(Architecture):
    """MobileNetV2. `width` (Keras' alpha) multiplies the channels; computation grows about with its square."""

    frozen_before = "block_4_"
    imagenet_origin = "Keras, ImageNet (Apache-2.0)"

    def __init__(self, width: float = 1.0) -> None:
        self.width = width
        self.name = "mobilenetv2" if width == 1.0 else f"mobilenetv2-{width:g}"

    def build(self, size: int) -> keras.Model:
        return keras.applications.MobileNetV2(
            input_shape=(size, size, 3), include_top=False, weights=None, alpha=self.width
        )

    def load_imagenet(self, network: keras.Model) -> None:
        # Keras publishes these weights for a few image sizes; without top they fit any size.
        network.set_weights(_fetched(keras.applications.MobileNetV2, alpha=self.width))


class MobileNetV3(Architecture):
    """MobileNetV3, "small" or "large", with squeeze-and-excitation and hard swish."""

    imagenet_origin = "Keras, ImageNet (Apache-2.0)"

    def __init__(self, variant: str, frozen_before: str) -> None:
        self.name = f"mobilenetv3-{variant}"
        self.frozen_before = frozen_before
        self._make = {"small": keras.applications.MobileNetV3Small, "large": keras.applications.MobileNetV3Large}[
            variant
        ]

    def build(self, size: int) -> keras.Model:
        return self._make(
            input_shape=(size, size, 3), include_top=False, weights=None, include_preprocessing=False, dropout_rate=0.0
        )

    def load_imagenet(self, network: keras.Model) -> None:
        network.set_weights(_fetched(self._make, include_preprocessing=False))


def _fetched(make: Callable[..., keras.Model], **settings: object) -> list[NDArray[np.float32]]:
    """Return the ImageNet weights of a Keras application. Raises OSError if they cannot be downloaded."""
    try:
        network = make(input_shape=(224, 224, 3), include_top=False, weights=IMAGENET, **settings)
    except Exception as error:
        # Keras raises a plain Exception if a download fails.
        if type(error) is not Exception:
            raise
        raise OSError(f"Keras could not fetch these weights: {error}") from error
    return list(network.get_weights())


MOBILENETS: tuple[Architecture, ...] = (
    MobileNetV2(),
    MobileNetV2(0.5),
    MobileNetV2(0.35),
    MobileNetV3("small", "expanded_conv_3_"),
    MobileNetV3("large", "expanded_conv_4_"),
)
