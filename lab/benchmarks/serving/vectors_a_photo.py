"""What embedding a studio photo costs by its number of vectors: of all of it, and of its regions too."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from PIL import Image

from catalogue.imaging import read_image
from visualsearch.inference.artefact import open_model
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.litert import BATCH_PHOTOS
from visualsearch.inference.regions import describe
from visualsearch.inference.types import Model
from visualsearch.services.indexing.embedding import DECODE_SIZE

# Around a picture that is put before white, as in a studio, in its own sides.
MARGIN = 0.1
GOAL = 2.5


def vectors_table(pictures: Path, rounds: int) -> str:
    """Return milliseconds of a processor a photo, for the files of a folder as studio photos, rounds in turn."""
    files = [before_white(file) for file in sorted(pictures.iterdir())]
    several = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    one = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    one.descriptor = Descriptor(replace(one.descriptor.settings, regions=False), one.descriptor.projection)
    models = (one, several)
    counts = [max(embed(model, files)) for model in models]
    seconds = [0.0, 0.0]
    for _ in range(rounds):
        for place, model in enumerate(models):
            started = time.thread_time()
            embed(model, files)
            seconds[place] += time.thread_time() - started
    times = seconds[1] / seconds[0]
    lines = [
        "",
        f"{len(files)} of them before white, in one process, {rounds} rounds in turn; ms of a processor a photo",
    ]
    for count, spent_s in zip(counts, seconds, strict=True):
        name = f"{count} vector{'s' if count > 1 else ''} a photo"
        lines.append(f"{name:18s}{1000 * spent_s / rounds / len(files):8.1f}")
    lines.append(f"goal: at most {GOAL:g} times as long: {'met' if times <= GOAL else 'missed'} ({times:.2f})")
    return "\n".join(lines)


def embed(model: Model, files: Sequence[bytes]) -> list[int]:
    """Decode and embed files in batches, as a worker does. Returns how many vectors each has."""
    counts: list[int] = []
    for start in range(0, len(files), BATCH_PHOTOS):
        batch = [read_image(file, target=DECODE_SIZE) for file in files[start : start + BATCH_PHOTOS]]
        counts += map(len, describe(model, batch))
    return counts


def before_white(file: Path) -> bytes:
    """Return a picture in the middle of a white one of its size, as a JPEG file."""
    with Image.open(file) as picture:
        studio = Image.new("RGB", picture.size, "white")
        left, upper = (round(MARGIN * side) for side in picture.size)
        studio.paste(picture.resize((picture.width - 2 * left, picture.height - 2 * upper)), (left, upper))
    encoded = io.BytesIO()
    studio.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()
