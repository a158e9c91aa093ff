"""One file of all that a network learns worn garments from: small photos, labels, boxes, and its weights.

So that a machine can train that has neither the photos' folders, nor TensorFlow, nor LiteRT.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.outfits import BoxedPhoto
from visualsearch.inference.letterbox import to_photo
from visualsearch.inference.types import Box

if TYPE_CHECKING:
    # Only annotations need them: a machine that reads a pack has no LiteRT.
    from visualsearch.inference.garments import Detection, GarmentHead
    from visualsearch.inference.litert import LiteRTModel

CONTENTS, WEIGHTS = "contents.json", "network.weights.h5"
# Long sides in pixels: a street photo is cropped to its garments, one of a single garment hardly.
STREET_PIXELS, SINGLE_PIXELS = 288, 224
JPEG_QUALITY = 80
# What is worn in one place: tags of one place are assigned to the boxes found there.
PLACES = (("dress", "longsleeve", "outwear", "shirt", "t-shirt"), ("pants", "shorts", "skirt"), ("shoes",), ("hat",))
# Score from which a peak may be a garment that a photo's tags name.
LEAST_SCORE = 0.15

Garments = tuple[tuple[str, Box], ...]


@dataclass(frozen=True, slots=True)
class PackedPhoto:
    """A photo as JPEG, and the garments in it. Of one garment: its label, with the whole photo as its box."""

    content: bytes
    garments: Garments

    def picture(self) -> Image.Image:
        """Return the photo, RGB."""
        return Image.open(io.BytesIO(self.content)).convert("RGB")


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack holds. Boxes of `tagged` photos are supposed: found by a network, named by the photos' tags."""

    labels: list[str]
    street: list[PackedPhoto]
    tagged: list[PackedPhoto]
    single: list[PackedPhoto]
    weights: bytes


def write_pack(
    file: Path,
    labels: Sequence[str],
    street: Sequence[BoxedPhoto],
    tagged: Sequence[BoxedPhoto],
    single: Sequence[LabelledPhoto],
    weights: bytes,
) -> None:
    """Write a pack of photos in their folders. `single` without a category teach how they look, not what they are."""
    whole: Box = (0.0, 0.0, 1.0, 1.0)
    alone = [BoxedPhoto(one.path, ((one.category, whole),) if one.category else ()) for one in single]
    contents: dict[str, object] = {"labels": list(labels)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, photos, pixels in (
            ("street", street, STREET_PIXELS),
            ("tagged", tagged, STREET_PIXELS),
            ("single", alone, SINGLE_PIXELS),
        ):
            contents[name] = [photo.garments for photo in photos]
            for number, photo in enumerate(progress_bar(photos, desc=f"Packing {name}", unit="photo")):
                archive.writestr(f"{name}/{number}.jpg", _small(photo.path, pixels))
        archive.writestr(CONTENTS, json.dumps(contents))
        archive.writestr(WEIGHTS, weights)


def read_pack(file: Path) -> Pack:
    """Return what a pack holds, all of it in memory."""
    with zipfile.ZipFile(file) as archive:
        contents = json.loads(archive.read(CONTENTS))

        def photos(name: str) -> list[PackedPhoto]:
            return [
                PackedPhoto(archive.read(f"{name}/{number}.jpg"), tuple((label, _box(box)) for label, box in garments))
                for number, garments in enumerate(contents[name])
            ]

        return Pack(contents["labels"], photos("street"), photos("tagged"), photos("single"), archive.read(WEIGHTS))


def read_tagged(model: LiteRTModel, head: GarmentHead, folder: Path) -> list[BoxedPhoto]:
    """Return the photos of `folder`/tags.csv (columns photo, tags) with the boxes that the head finds, named by tags.

    What a tag means is read from `folder`/garments.csv (columns tag, category). Photos none of whose tags can be
    assigned are left out.
    """
    with (folder / "garments.csv").open(newline="", encoding="utf-8") as file:
        meaning = {row["tag"]: row["category"] for row in csv.DictReader(file)}
    with (folder / "tags.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return list(_supposed(model, head, folder, rows, meaning))


def _supposed(
    model: LiteRTModel, head: GarmentHead, folder: Path, rows: Sequence[Mapping[str, str]], meaning: Mapping[str, str]
) -> Iterator[BoxedPhoto]:
    labels = model.card.labels
    for row in progress_bar(rows, desc="Looking at tagged photos", unit="photo"):
        wanted = {meaning.get(tag, "") for tag in row["tags"].split("|")} & set(labels)
        path = folder / "photos" / f"{row['photo']}.jpg"
        with Image.open(path) as picture:
            photo = picture.convert("RGB")
        (outputs,) = model.outputs([photo])
        named = assigned(head.detect(*outputs[2:]), wanted, labels)
        garments = tuple((label, to_photo(box, photo.size, model.descriptor.settings.framing)) for label, box in named)
        if garments:
            yield BoxedPhoto(path, garments)


def assigned(detections: Sequence[Detection], wanted: set[str], labels: Sequence[str]) -> Garments:
    """Return the labels that a photo is known to show with the boxes that they most probably have.

    Labels of one place on the body share out the boxes whose likeliest label is of that place.
    """
    garments: list[tuple[str, Box]] = []
    for place in PLACES:
        tags = sorted(wanted & set(place))
        there = [one for one in detections if labels[int(one.probabilities.argmax())] in place]
        if not tags or len(there) < len(tags):
            continue
        best = max(
            permutations(there, len(tags)),
            key=lambda some: sum(
                float(one.probabilities[list(labels).index(tag)]) * one.score
                for one, tag in zip(some, tags, strict=True)
            ),
        )
        garments += [(tag, one.box) for one, tag in zip(best, tags, strict=True)]
    return tuple(garments)


def _small(path: Path, pixels: int) -> bytes:
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "JPEG", quality=JPEG_QUALITY)
    return written.getvalue()


def _box(values: Sequence[float]) -> Box:
    x, y, width, height = values
    return x, y, width, height
