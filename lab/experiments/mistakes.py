"""The most confident errors of an experiment, with the class activation map if the photos are available."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.evaluation.cases import digest_of
from lab.evaluation.clothing import read_photos
from lab.evaluation.protocol import judged_photos, read_file
from lab.experiments.cards import RowCard
from visualsearch.inference.artefact import open_model
from visualsearch.inference.litert import MODEL_FILE

THUMBNAIL = (150, 190)
SHOWN = 12
OVERLAY = 0.55
JPEG_QUALITY = 70


@dataclass(frozen=True, slots=True)
class Mistake:
    """A photo that the row got wrong. `picture` and `seen` are data URIs, empty without the photos or the artefact."""

    truth: str
    said: str
    probability: float
    picture: str = ""
    seen: str = ""


def worst_mistakes(card: RowCard, data: Path | None) -> list[Mistake]:
    """Return the wrong cases of which the row was surest, the surest first.

    `data` is the folder of photos that judged. Raises ValueError if they are others.
    """
    said = card.cases.categories
    if said is None:
        return []
    wrong = np.flatnonzero(~said.right)
    places = wrong[np.argsort(-said.probability[wrong], kind="stable")][:SHOWN].tolist()
    mistakes = [Mistake(said.truth[place], said.predicted[place], float(said.probability[place])) for place in places]
    return mistakes if data is None else _pictured(card, mistakes, places, data)


def _pictured(card: RowCard, mistakes: Sequence[Mistake], places: Sequence[int], data: Path) -> list[Mistake]:
    photos = judged_photos(read_photos(data))
    if digest_of([photo.path.name for photo in photos]) != card.cases.judged["category"]:
        raise ValueError(f"{card.name} was judged by other photos than those of {data}.")
    pictures = [read_file(photos[place].path) for place in places]
    maps: list[NDArray[np.float32]] | None = None
    if (card.folder / MODEL_FILE).exists():
        maps = [inference.map for inference in open_model(card.folder, interpreters=1).predict(pictures)]
    return [
        Mistake(
            mistake.truth,
            mistake.said,
            mistake.probability,
            _data_uri(picture),
            "" if maps is None else _data_uri(_overlaid(picture, maps[number])),
        )
        for number, (mistake, picture) in enumerate(zip(mistakes, pictures, strict=True))
    ]


def _overlaid(picture: Image.Image, seen: NDArray[np.float32]) -> Image.Image:
    """Return the picture under a map (h, w), 0 to 1, in the colours of heat."""
    heat = Image.fromarray((mpl.colormaps["inferno"](seen)[..., :3] * 255).astype(np.uint8))
    return Image.blend(picture, heat.resize(picture.size, Image.Resampling.BILINEAR), OVERLAY)


def _data_uri(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail(THUMBNAIL)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
