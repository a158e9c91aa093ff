"""Out-of-domain (OOD) images, without a garment: drawn walls, rooms, meals and plants, and backgrounds of photos."""

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
# Seeds: what thresholds are set by never judges them.
CALIBRATING, JUDGING = 1, 2
# Drawn of each kind, at most; fewer beside few photos, so that the drawn never outnumber the backgrounds by much.
DRAWN_EACH = 60
# A corner that is no wider and no higher than a third of a photo seldom shows the garment.
CORNER_SIDE = (0.2, 0.33)


@dataclass(frozen=True, slots=True)
class OodImage:
    """A photo without a garment, drawn or cropped when it is first needed: the same each time.

    `kind` is one of SCENES, drawn by the seed, or BACKGROUND, a corner of the photo at `path`.
    """

    kind: str
    seed: tuple[int, ...] = ()
    path: Path | None = None

    def picture(self) -> Image:
        """Return the photo, RGB."""
        if self.path is None:
            return _drawn(self.kind, self.seed)
        return corner_of(read_image(self.path.read_bytes()), generator_for(self.path.name))


# Drawing takes longer than looking, and every framing, artefact or row is shown the same: 0.2 MB each.
@cache
def _drawn(kind: str, seed: tuple[int, ...]) -> Image:
    return draw_scene(SCENES[kind], np.random.default_rng(seed))


def corner_of(photo: Image, rng: np.random.Generator) -> Image:
    """Return one of the four corners of a photo."""
    width, height = (max(1, round(edge * rng.uniform(*CORNER_SIDE))) for edge in photo.size)
    left = int(rng.integers(2)) * (photo.width - width)
    top = int(rng.integers(2)) * (photo.height - height)
    return photo.crop((left, top, left + width, top + height))


def ood_images_beside(photos: Sequence[LabelledPhoto], seed: int) -> list[OodImage]:
    """Return a background of each photo, and drawn scenes of every kind."""
    each = min(DRAWN_EACH, -(-len(photos) // len(SCENES)))
    drawn = [OodImage(kind, (seed, place, number)) for place, kind in enumerate(SCENES) for number in range(each)]
    return drawn + [OodImage(BACKGROUND, path=photo.path) for photo in photos]
