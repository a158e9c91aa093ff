"""Unstructured pruning: the least important weights are set to zero and masked.

Zhu and Gupta, To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model Compression, 2017, with two
changes, since magnitudes alone ruin a network whose batch norms are folded into its kernels:

- A weight's importance is its magnitude times the standard deviation of its input, compared within one output channel
  (Sun et al., A Simple and Effective Pruning Approach for Large Language Models, 2024).
- The mean contribution of the removed weights is added to the bias (bias correction, as Nagel et al., Data-Free
  Quantization through Weight Equalization and Bias Correction, 2019, do for rounding errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.training.graph import CLASS_MAP
from lab.training.layerwise import Run, some_pixels

# Number of pruning steps, spread over this share of the training; the rest trains the final sparse network.
CUTS = 6
CUTTING = 0.6


@dataclass(frozen=True, slots=True)
class Masks:
    """The pruned `kernels`, and for each a mask of its shape: 1 keeps a weight, 0 removes it."""

    kernels: Sequence[keras.Variable]
    masks: Sequence[NDArray[np.float32]]

    @classmethod
    def cut(cls, served: keras.Model, share: float, pictures: Sequence[Image.Image]) -> Masks:
        """Prune `share` (0 to 1) of the weights of each output of each 1×1 convolution in place; return the masks.

        1×1 convolutions hold nearly all weights of these networks. The category head and frozen layers are not pruned:
        frozen ones could not adapt. Weights already zero are removed first, so masks of growing shares are nested. The
        pictures measure the importance of the weights.
        """
        pixels = some_pixels(pictures, int(served.input.shape[1]))
        whole = keras.models.clone_model(served)
        whole.set_weights(served.get_weights())
        reference, pruned = Run(whole, pixels), Run(served, pixels)
        kernels, masks = [], []
        for known, layer in zip(whole.operations, served.operations, strict=True):
            target = reference.pass_on(known)
            if _is_pruned(layer):
                read = pruned.before(layer)
                kernel, bias = layer.get_weights()
                mask = _mask(np.abs(kernel) * read.std(axis=(0, 1, 2))[:, None], share)
                kernel = kernel * mask
                left = read.mean(axis=(0, 1, 2)) @ kernel[0, 0] + bias
                layer.set_weights([kernel, bias + np.asarray(target).mean(axis=(0, 1, 2)) - left])
                kernels.append(layer.kernel)
                masks.append(mask)
            pruned.pass_on(layer)
        return cls(kernels, masks)

    def apply(self) -> None:
        """Set the masked weights to zero again, after a training step has updated them."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            kernel.assign(kernel.value * mask)

    def share(self) -> float:
        """Return the current sparsity: the share of the kernels' weights that is zero."""
        return _zero_share(self.kernels)


class GradualPruning:
    """Raises the sparsity step by step during training, so that the network recovers between pruning steps.

    Call it after each training step, with the number of steps done: it also applies the masks.
    """

    def __init__(self, served: keras.Model, share: float, pictures: Sequence[Image.Image], steps: int) -> None:
        """Apply the first of CUTS pruning steps; `share` is reached after CUTTING of the training steps."""
        self._served, self._pictures = served, pictures
        self._steps_a_cut = CUTTING * steps / CUTS
        start = _zero_share([layer.kernel for layer in served.layers if _is_pruned(layer)])
        # The cubic schedule of Zhu and Gupta: most weights are removed early.
        self._shares = [share + (start - share) * (1 - cut / CUTS) ** 3 for cut in range(1, CUTS + 1)]
        self._cut = 0
        self.masks = Masks.cut(served, self._shares[0], pictures)

    def __call__(self, done: int) -> None:
        cut = min(CUTS - 1, int(done / self._steps_a_cut))
        # A training resumed from a checkpoint may skip several pruning steps.
        if cut > self._cut:
            self._cut = cut
            self.masks = Masks.cut(self._served, self._shares[cut], self._pictures)
        self.masks.apply()


def _is_pruned(layer: keras.layers.Layer) -> bool:
    # A depthwise convolution is no Conv2D.
    return (
        isinstance(layer, keras.layers.Conv2D)
        and layer.kernel_size == (1, 1)
        and layer.trainable
        and layer.name != CLASS_MAP
    )


def _zero_share(kernels: Sequence[keras.Variable]) -> float:
    values = [kernel.numpy() for kernel in kernels]
    return sum(int(np.sum(kernel == 0)) for kernel in values) / sum(int(kernel.size) for kernel in values)


def _mask(strengths: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Return 0 for the `share` of least important weights of each output, 1 for the others; (1, 1, inputs, outputs)."""
    mask = np.ones_like(strengths)
    weakest = np.argsort(strengths, axis=2, kind="stable")[:, :, : round(share * strengths.shape[2])]
    np.put_along_axis(mask, weakest, 0, axis=2)
    return mask
