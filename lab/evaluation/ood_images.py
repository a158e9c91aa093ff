"""Out-of-domain (OOD) images without a garment: drawn walls, rooms, food and plants, and background crops of photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL.Image import Image

from catalogue.imaging import read_image
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.query_augmentation import generator_for
from lab.evaluation.scenes import SCENES, draw_scene

BACKGROUND = "background"
# Seeds of the images that set thresholds and of those that evaluate them: the two sets are disjoint.
CALIBRATING, JUDGING = 1, 2
# Maximum number of drawn images of each kind; fewer for few photos, to balance drawn images and backgrounds.
DRAWN_EACH = 60
# Range of a corner crop's sides as a share of the photo's: such a corner seldom shows the garment.
CORNER_SIDE = (0.2, 0.33)


@dataclass(frozen=True, slots=True)
class OodImage:
    """An image without a garment, rendered deterministically on first use.

    `kind` is one of SCENES, drawn with `seed`, or BACKGROUND, a corner of the photo at `path`.
    """

    kind: str
    seed: tuple[int, ...] = ()
    path: Path | None = None

    def picture(self) -> Image:
        """Return the RGB image."""
        if self.path is None:
            return _drawn(self.kind, self.seed)
        return corner_of(read_image(self.path.read_bytes()), generator_for(self.path.name))


# Cached, 0.2 MB each: drawing takes longer than inference, and every framing and model is given the same images.
@cache
def _drawn(kind: str, seed: tuple[int, ...]) -> Image:
    return draw_scene(SCENES[kind], np.random.default_rng(seed))


def corner_of(photo: Image, rng: np.random.Generator) -> Image:
    """Return a crop of a random corner of a photo."""
    width, height = (max(1, round(edge * rng.uniform(*CORNER_SIDE))) for edge in photo.size)
    left = int(rng.integers(2)) * (photo.width - width)
    top = int(rng.integers(2)) * (photo.height - height)
    return photo.crop((left, top, left + width, top + height))


def ood_images_beside(photos: Sequence[LabelledPhoto], seed: int) -> list[OodImage]:
    """Return drawn scenes of every kind, and a background crop of each photo."""
    each = min(DRAWN_EACH, -(-len(photos) // len(SCENES)))
    drawn = [OodImage(kind, (seed, place, number)) for place, kind in enumerate(SCENES) for number in range(each)]
    return drawn + [OodImage(BACKGROUND, path=photo.path) for photo in photos]
