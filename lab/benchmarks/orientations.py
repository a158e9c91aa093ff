"""`benchmark orientations`: invariance to the eight EXIF orientations, with photos re-encoded as a camera would.

Each embedding is compared with that of the photo encoded upright. JPEG artefacts differ on rotated pixels, so the
network's input differs slightly; in a lossless format it is identical.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.management.base import CommandParser, OutputWrapper
from PIL import Image, ImageOps

from catalogue.imaging import read_image
from catalogue.imaging.orientation import turn_upright
from lab.benchmarks.load import said
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import browser_photos
from visualsearch.inference.artefact import open_model

HELP = "How close the vectors of a photo in eight orientations are to those of the upright one."
GOAL = 0.999
ORIENTATION = 0x0112
# Rotations by 90° are the inverse of each other; all other orientations are their own inverse.
UNDONE_BY = {6: 8, 8: 6}
ENCODINGS: dict[str, dict[str, Any]] = {
    "JPEG 95": {"format": "JPEG", "quality": 95},
    "JPEG 95, 4:4:4": {"format": "JPEG", "quality": 95, "subsampling": 0},
    "JPEG 100, 4:4:4": {"format": "JPEG", "quality": 100, "subsampling": 0},
    "PNG": {"format": "PNG", "compress_level": 1},
}
Vectors = npt.NDArray[np.float32]
Embed = Callable[[list[Image.Image]], Vectors]


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--photos", type=Path, help="folder of photos; drawn articles without")
    parser.add_argument("--count", type=int, default=24, help="photos that are turned (24)")
    parser.add_argument("--among", type=int, default=300, help="photos among which the nearest is looked for (300)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    photos = [read_image(photo) for photo in browser_photos(options["photos"], options["among"])]
    kind = options["photos"].name if options["photos"] else "drawn"
    out.write(f"{options['count']} photos ({kind}) in seven turns, among {len(photos)}; cosines with the upright one's")
    out.write(
        f"{'model':12s}{'encoding':22s}{'lowest':>8s}{'5 %':>8s}{'median':>8s}{'≥ .999':>8s}{'same nearest':>14s}"
    )
    lowest: dict[str, float] = {}
    for name in ("FALLBACK", "NAME"):
        model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL[name])
        label = "int8" if "int8" in model.card.name else "float32"
        gallery = np.concatenate([model.embed(photos[at : at + 8]) for at in range(0, len(photos), 8)])
        ways: dict[str, tuple[Embed, dict[str, Any]]] = {
            encoding: (model.embed, form) for encoding, form in ENCODINGS.items()
        }
        ways["JPEG 95, and mirrored"] = (with_mirrored(model.embed), ENCODINGS["JPEG 95"])
        for way, (embed, form) in ways.items():
            cosines, same = compared(photos[: options["count"]], embed, form, gallery)
            lowest[f"{label}, {way}"] = float(cosines.min())
            out.write(
                f"{label:12s}{way:22s}{cosines.min():8.4f}{np.quantile(cosines, 0.05):8.4f}{np.median(cosines):8.4f}"
                f"{(cosines >= GOAL).mean():8.2f}{same:14.3f}"
            )
    below = [f"{way} {cosine:.4f}" for way, cosine in lowest.items() if cosine < GOAL]
    out.write(said(f"a cosine of {GOAL:g} at least", not below, "; ".join(below) or "all"))


def compared(
    photos: list[Image.Image], embed: Embed, form: dict[str, Any], gallery: Vectors
) -> tuple[npt.NDArray[np.float32], float]:
    """Return the cosine of each rotated photo with the upright one, and the share with the same nearest neighbour."""
    cosines: list[float] = []
    same: list[bool] = []
    for number, photo in enumerate(photos):
        vectors = embed([read_image(content) for content in held_each_way(photo, form)])
        close = vectors @ gallery.T
        close[:, number] = -1
        nearest = close.argmax(axis=1)
        cosines += (vectors[1:] @ vectors[0]).tolist()
        same += (nearest[1:] == nearest[0]).tolist()
    return np.asarray(cosines, np.float32), float(np.mean(same))


def held_each_way(photo: Image.Image, form: dict[str, Any]) -> Iterator[bytes]:
    """Yield the photo as files with EXIF orientations 1 to 8, which all show the same upright photo."""
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stream = io.BytesIO()
        turn_upright(photo, UNDONE_BY.get(orientation, orientation)).save(stream, exif=exif, **form)
        yield stream.getvalue()


def with_mirrored(embed: Embed) -> Embed:
    """Return test-time augmentation: the normalised mean of the embeddings of each picture and its mirror image.

    It halves the variance of the noise and doubles the time.
    """

    def both(pictures: list[Image.Image]) -> Vectors:
        vectors = embed(pictures) + embed([ImageOps.mirror(picture) for picture in pictures])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    return both
