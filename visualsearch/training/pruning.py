"""Unstructured pruning: the smallest weights become zero and stay so.

Zhu and Gupta, To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model Compression, 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from visualsearch.training.graph import CLASS_MAP


@dataclass(frozen=True, slots=True)
class Masks:
    """Which weights stay: `kernels`, and for each a mask of its shape, 1 where a weight stays and 0 where it goes."""

    kernels: Sequence[keras.Variable]
    masks: Sequence[NDArray[np.float32]]

    @classmethod
    def of(cls, served: keras.Model, share: float) -> Masks:
        """Return masks that take the smallest `share` (0 to 1) of the weights of each 1×1 convolution.

        Those hold nearly all weights of these networks. The category head keeps its own, and so does what is frozen: it
        could not learn to do without. Weights already zero go first, so a larger share contains a smaller one.
        """
        kernels = [layer.kernel for layer in served.layers if _is_pruned(layer)]
        return cls(kernels, [_mask(kernel.numpy(), share) for kernel in kernels])

    def apply(self) -> None:
        """Set the weights that go to zero: after each step of training, which would bring them back."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            kernel.assign(kernel.value * mask)

    def share(self) -> float:
        """Return the share of the kernels' weights that is zero now."""
        zeroes = sum(int(np.sum(kernel.numpy() == 0)) for kernel in self.kernels)
        return zeroes / sum(mask.size for mask in self.masks)


def _is_pruned(layer: keras.layers.Layer) -> bool:
    # A depthwise convolution is no Conv2D.
    return (
        isinstance(layer, keras.layers.Conv2D)
        and layer.kernel_size == (1, 1)
        and layer.trainable
        and layer.name != CLASS_MAP
    )


def _mask(kernel: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    mask = np.ones(kernel.size, np.float32)
    mask[np.argsort(np.abs(kernel), axis=None, kind="stable")[: round(share * kernel.size)]] = 0
    return mask.reshape(kernel.shape)
