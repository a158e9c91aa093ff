"""Unstructured pruning: the weights that matter least become zero and stay so.

Zhu and Gupta, To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model Compression, 2017. Two things are
not of theirs, since magnitudes alone ruin a network whose batch norms are folded into its kernels:

- A weight's magnitude counts by how much its input varies, and is compared with those of its own output alone (Sun et
  al., A Simple and Effective Pruning Approach for Large Language Models, 2024).
- What the weights that go put out in the mean goes into the bias (Nagel et al., Data-Free Quantization through Weight
  Equalization and Bias Correction, 2019, do so of what rounding changes).
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

# So many cuts, in this share of the steps: what is left of them is for the last network.
CUTS = 6
CUTTING = 0.6


@dataclass(frozen=True, slots=True)
class Masks:
    """Which weights stay: `kernels`, and for each a mask of its shape, 1 where a weight stays and 0 where it goes."""

    kernels: Sequence[keras.Variable]
    masks: Sequence[NDArray[np.float32]]

    @classmethod
    def cut(cls, served: keras.Model, share: float, pictures: Sequence[Image.Image]) -> Masks:
        """Set `share` (0 to 1) of the inputs' weights of each output of each 1×1 convolution to zero; return the masks.

        Those hold nearly all weights of these networks. The category head keeps its own, and so does what is frozen: it
        could not learn to do without. Weights already zero go first, so a larger share contains a smaller one. The
        pictures tell which weights matter.
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
        """Set the weights that go to zero: after each step of training, which would bring them back."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            kernel.assign(kernel.value * mask)

    def share(self) -> float:
        """Return the share of the kernels' weights that is zero now."""
        return _zero_share(self.kernels)


class GradualPruning:
    """Cuts more and more while a network learns, so that it makes up for each cut before the next.

    Called after each step of training, which would bring the zeros back.
    """

    def __init__(self, served: keras.Model, share: float, pictures: Sequence[Image.Image], steps: int) -> None:
        """Make the first of CUTS cuts, on the way to `share` at CUTTING of the steps."""
        self._served, self._pictures = served, pictures
        self._steps_a_cut = CUTTING * steps / CUTS
        start = _zero_share([layer.kernel for layer in served.layers if _is_pruned(layer)])
        # The cubic way of Zhu and Gupta: most goes while most is still there.
        self._shares = [share + (start - share) * (1 - cut / CUTS) ** 3 for cut in range(1, CUTS + 1)]
        self._cut = 0
        self.masks = Masks.cut(served, self._shares[0], pictures)

    def __call__(self, done: int) -> None:
        cut = min(CUTS - 1, int(done / self._steps_a_cut))
        # A training that goes on from its checkpoint has made several.
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
    """Return 0 for the weakest of each output's weights, 1 for the others; (1, 1, inputs, outputs), as they come."""
    mask = np.ones_like(strengths)
    weakest = np.argsort(strengths, axis=2, kind="stable")[:, :, : round(share * strengths.shape[2])]
    np.put_along_axis(mask, weakest, 0, axis=2)
    return mask
