"""Batches augmented by mixup and CutMix, against overfitting to three thousand photos.

Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018; Yun et al., CutMix, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.training import augmentation
from lab.training.training_loop import Batch
from visualsearch.vectors import normalise

# Probability of CutMix (a pasted rectangle of another image) and of mixup (a blend with another image).
PASTED_SHARE = 0.5
BLENDED_SHARE = 0.3
SHARES = (0.8, 0.8)  # parameters of the beta distribution of the mixing ratio
GREY_SHARE = 0.12
# Share of negative examples, images without a garment.
EMPTY_SHARE = 1 / 32


@dataclass(frozen=True, slots=True)
class MixedBatches:
    """Draws the augmented batch of each step, seeded by the step number: a resumed training gets the same batches.

    All arrays have a row for each of `pictures`: `shares` the target distributions, (n, categories); `targets` a
    teacher's features of the unaugmented photos, unit rows (n, d), d may be 0.
    """

    pictures: Sequence[Image.Image]
    shares: NDArray[np.float32]
    targets: NDArray[np.float32]
    photos_per_step: int
    size: int
    seed: int

    def draw(self, step: int) -> Batch:
        """Return images (n, size, size, 3) in −1..1, and the targets of each output by its name, (n, …)."""
        rows = min(self.photos_per_step, len(self.pictures))
        in_round, place = divmod(step, len(self.pictures) // rows)
        order = np.random.default_rng((self.seed, in_round)).permutation(len(self.pictures))
        chosen = order[place * rows :][:rows]
        rng = np.random.default_rng((self.seed, in_round, step))
        pixels = np.stack([self._view(photo, rng) for photo in chosen])
        partners = rng.permutation(rows)
        mixed, own = mix(pixels, pixels[partners], rng)
        shares = blend(self.shares[chosen], self.shares[chosen][partners], own)
        for row in np.flatnonzero(rng.random(rows) < EMPTY_SHARE):
            mixed[row] = _pixels(augmentation.draw_empty(self._any(rng), self.size, rng))
            shares[row] = 1 / shares.shape[1]
        truth = {"categories": shares}
        if self.targets.shape[1]:
            targets = self.targets[chosen]
            truth["teacher"] = normalise(blend(targets, targets[partners], own))
        return mixed, truth

    def _any(self, rng: np.random.Generator) -> Image.Image:
        return self.pictures[int(rng.integers(len(self.pictures)))]

    def _view(self, photo: int, rng: np.random.Generator) -> NDArray[np.float32]:
        view = _pixels(augmentation.draw_view(self.pictures[photo], self._any(rng), self.size, rng))
        return np.broadcast_to(view.mean(axis=-1, keepdims=True), view.shape) if rng.random() < GREY_SHARE else view


def _pixels(view: NDArray[np.uint8]) -> NDArray[np.float32]:
    return view.astype(np.float32) / 127.5 - 1.0


def mix(
    pixels: NDArray[np.float32], others: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Apply CutMix, mixup or neither to each image (n, size, size, 3); return the images and their mixing ratios (n,).

    A ratio of 1 is the image itself, 0 its partner in `others`.
    """
    size = pixels.shape[1]
    mixed = pixels.copy()
    own = np.ones(len(pixels), np.float32)
    for row in range(len(pixels)):
        how, share = rng.random(), rng.beta(*SHARES)
        if how < PASTED_SHARE:
            side = int(size * np.sqrt(1 - share))
            y, x = (int(rng.integers(0, size - side + 1)) for _ in range(2))
            mixed[row, y : y + side, x : x + side] = others[row, y : y + side, x : x + side]
            own[row] = 1 - (side / size) ** 2
        elif how < PASTED_SHARE + BLENDED_SHARE:
            mixed[row] = share * pixels[row] + (1 - share) * others[row]
            own[row] = share
    return mixed, own


def blend(rows: NDArray[np.float32], others: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the convex combination of rows and others, both (n, d), with mixing ratios `own` (n,)."""
    return own[:, None] * rows + (1 - own[:, None]) * others
