"""The most confident errors of an experiment, with class activation maps if photos and artefact are available."""

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
from lab.evaluation.looking import read_file
from lab.evaluation.protocol import judged_photos
from lab.experiments.cards import RowCard
from visualsearch.inference.artefact import open_model
from visualsearch.inference.litert import MODEL_FILE

THUMBNAIL = (150, 190)
SHOWN = 12
OVERLAY = 0.55
JPEG_QUALITY = 70


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misclassified photo. `picture` and `seen` (with its class map) are data URIs, or "" if not available."""

    truth: str
    said: str
    probability: float
    picture: str = ""
    seen: str = ""


def worst_mistakes(card: RowCard, data: Path | None) -> list[Mistake]:
    """Return the SHOWN wrong predictions of the highest probability, in descending order.

    `data` is the folder of the evaluated photos, if available. Raises ValueError if it has other photos.
    """
    categories = card.cases.categories
    if categories is None:
        return []
    wrong = np.flatnonzero(~categories.right)
    places = wrong[np.argsort(-categories.probability[wrong], kind="stable")][:SHOWN].tolist()
    mistakes = [
        Mistake(categories.truth[place], categories.predicted[place], float(categories.probability[place]))
        for place in places
    ]
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
    """Return the picture blended with a heat map of the class map (h, w), 0 to 1."""
    heat = Image.fromarray((mpl.colormaps["inferno"](seen)[..., :3] * 255).astype(np.uint8))
    return Image.blend(picture, heat.resize(picture.size, Image.Resampling.BILINEAR), OVERLAY)


def _data_uri(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail(THUMBNAIL)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
