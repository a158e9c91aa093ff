"""What a model sees in files of photos: in those that are stored, and in those that are searched with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image

from catalogue.imaging import read_image
from catalogue.progress import progress_bar
from lab.evaluation.gallery import Gallery
from visualsearch.inference.regions import describe
from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors

PHOTOS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Looked:
    """What a model saw in photos, and the gallery of their vectors."""

    inferences: list[Inference]
    gallery: Gallery


def look_at(model: Model, photos: Sequence[Path], title: str) -> Iterator[tuple[Inference, Image]]:
    """Yield the model's inference of each file, in order, beside the picture, with a progress bar."""
    with progress_bar(total=len(photos), desc=title, unit="photo") as bar:
        for start in range(0, len(photos), PHOTOS_AT_ONCE):
            pictures = [read_file(file) for file in photos[start : start + PHOTOS_AT_ONCE]]
            yield from zip(model.predict(pictures), pictures, strict=True)
            bar.update(len(pictures))


def queries_in(
    model: Model, photos: Sequence[Path], title: str, show: Callable[[Path], Image] | None = None
) -> list[Inference]:
    """Return what the model sees in photos that are searched with: their first garment."""
    show = show or read_file
    return [model.predict_garments([show(file)])[0][0] for file in progress_bar(photos, desc=title, unit="photo")]


def stock(model: Model, photos: Sequence[Path], title: str) -> Looked:
    """Return what the model sees in photos that are found, and their vectors as a shop stores them."""
    inferences: list[Inference] = []
    described: list[Vectors] = []
    for inference, picture in look_at(model, photos, title):
        inferences.append(inference)
        described += describe(model, [picture], [inference])
    return Looked(inferences, Gallery.of(described))


def read_file(file: Path) -> Image:
    """Return the image in a file, upright RGB."""
    return read_image(file.read_bytes())
