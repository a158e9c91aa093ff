"""SqueezeNet 1.1 (Iandola et al., 2016) with batch norm after each convolution, since it trains from random weights."""

from __future__ import annotations

import keras
from keras import layers

from lab.training.architectures.base import Architecture

# Per fire module: squeeze channels, and channels of each expand branch. None is a max pooling of stride 2.
MODULES: tuple[tuple[int, int] | None, ...] = (
    (16, 64),
    (16, 64),
    None,
    (32, 128),
    (32, 128),
    None,
    (48, 192),
    (48, 192),
    (64, 256),
    (64, 256),
)


class SqueezeNet(Architecture):
    """SqueezeNet: 1×1 convolutions squeeze the channels before 3×3 ones expand them."""

    name = "squeezenet"
    frozen_before = "stem"
    imagenet_origin = ""

    def build(self, size: int) -> keras.Model:
        picture = keras.Input((size, size, 3))
        values = _convolve(picture, 64, 3, "stem", strides=2)
        values = layers.MaxPooling2D(3, 2, padding="same")(values)
        for number, channels in enumerate(MODULES):
            if channels is None:
                values = layers.MaxPooling2D(3, 2, padding="same")(values)
                continue
            squeeze, expand = channels
            values = _convolve(values, squeeze, 1, f"fire_{number}_squeeze")
            values = layers.Concatenate(name=f"fire_{number}_out")(
                [
                    _convolve(values, expand, 1, f"fire_{number}_expand_1"),
                    _convolve(values, expand, 3, f"fire_{number}_expand_3"),
                ]
            )
        return keras.Model(picture, values)

    def load_imagenet(self, network: keras.Model) -> None:
        raise ValueError('No package brings SqueezeNet\'s ImageNet weights: take a file of your own, or "random".')


def _convolve(
    values: keras.KerasTensor, channels: int, kernel: int, name: str, *, strides: int = 1
) -> keras.KerasTensor:
    values = layers.Conv2D(channels, kernel, strides=strides, padding="same", use_bias=False, name=name)(values)
    values = layers.BatchNormalization(epsilon=1e-3, momentum=0.9, name=f"{name}_norm")(values)
    return layers.ReLU(name=f"{name}_relu")(values)
