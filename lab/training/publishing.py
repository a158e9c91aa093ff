"""Publishes an artefact: network file, labels, descriptor, and the model card with the measured quality."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.looking import read_file
from lab.evaluation.protocol import judge_all
from visualsearch.inference.artefact import CARD_FILE, LABELS_FILE, open_model, sha256_of
from visualsearch.inference.descriptor import PROJECTION_FILE, SETTINGS_FILE, Descriptor
from visualsearch.inference.garments import DETECTION_FILE, HEAD_FILE, DetectionSettings
from visualsearch.inference.litert import BATCH_PHOTOS, MODEL_FILE
from visualsearch.inference.regions import VECTORS_A_PHOTO
from visualsearch.inference.types import Model

TIMED_ROUNDS = 20
# Photos by which two models are compared.
AGREEMENT_PHOTOS = 64


@dataclass(frozen=True, slots=True)
class Name:
    """Name and version of an artefact."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Head:
    """A garment head: the bytes of its .tflite file, and which of its peaks are garments."""

    network: bytes
    settings: DetectionSettings

    @classmethod
    def of(cls, folder: Path) -> Head | None:
        """Return the head of an artefact's folder, None where it has none."""
        file = folder / HEAD_FILE
        return cls(file.read_bytes(), DetectionSettings.load(folder)) if file.exists() else None


def publish(
    folder: Path,
    name: Name,
    network: bytes,
    descriptor: Descriptor,
    labels: Sequence[str],
    facts: Mapping[str, object],
    *,
    head: Head | None = None,
) -> Model:
    """Write an artefact into `folder` and return it, opened.

    `head` detects garments on the feature maps that the network outputs. `facts` extend or override the card. Unless
    they name another `space`, its vectors are only comparable to its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(network)
    (folder / LABELS_FILE).write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    descriptor.save(folder)
    files = [MODEL_FILE, LABELS_FILE, SETTINGS_FILE, PROJECTION_FILE]
    if head is not None:
        (folder / HEAD_FILE).write_bytes(head.network)
        head.settings.save(folder)
        files += [HEAD_FILE, DETECTION_FILE]
    card = {
        "name": name.name,
        "version": name.version,
        "space": f"{name.name}/{name.version}",
        "dimensions": descriptor.dimensions,
        "vectors_a_photo": VECTORS_A_PHOTO if descriptor.settings.regions else 1,
        "labels": list(labels),
        "input_size": descriptor.settings.size,
        "files": {file: sha256_of(folder / file) for file in files},
        "bytes": {file: (folder / file).stat().st_size for file in files},
    }
    write_card(folder, card | dict(facts))
    return open_model(folder, interpreters=1)


def write_card(folder: Path, facts: Mapping[str, object]) -> None:
    """Write the model card of the artefact in `folder`."""
    (folder / CARD_FILE).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def measure(model: Model, data: Path, luma: Path | None, outfits: Path | None = None) -> dict[str, object]:
    """Return accuracy and recall by the evaluation protocol, with 95 % confidence intervals, as a card stores them."""
    with tempfile.TemporaryDirectory() as queries:
        return judge_all(model, data, Path(queries), luma, outfits).report().as_dict()


def time_photos(model: Model, photos: Sequence[LabelledPhoto]) -> dict[str, float]:
    """Return the median latency in ms per decoded photo, from pixels to vector: alone and in a batch."""
    pictures = [read_file(photo.path) for photo in photos[:BATCH_PHOTOS]]

    def median_ms(count: int) -> float:
        model.embed(pictures[:count])
        times = []
        for _ in range(TIMED_ROUNDS):
            started = time.perf_counter()
            model.embed(pictures[:count])
            times.append(time.perf_counter() - started)
        return round(1000 * statistics.median(times) / count, 2)

    return {"one_photo_ms": median_ms(1), f"batch_of_{len(pictures)}_ms_a_photo": median_ms(len(pictures))}


def facts_of(model: Model, stand_in: Model | None, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """Return what a photo costs, and the agreement with the float32 stand-in if there is one, as a card stores them."""
    facts: dict[str, object] = {"latency": time_photos(model, photos)}
    if stand_in is not None:
        facts["cosine_with_float32"] = agreement(model, stand_in, photos[:AGREEMENT_PHOTOS])
    return facts


def agreement(model: Model, other: Model, photos: Sequence[LabelledPhoto]) -> dict[str, float]:
    """Return mean and least cosine between two models' embeddings of the same photos."""
    pictures = [read_file(photo.path) for photo in photos]
    cosines = np.sum(model.embed(pictures) * other.embed(pictures), axis=1)
    return {"mean": round(float(cosines.mean()), 4), "least": round(float(cosines.min()), 4), "photos": len(pictures)}
