"""The lower bound of bulk embedding: one process that reads, decodes and embeds files, in batches.

    python -m lab.benchmarks.serving.bulk_lower_bound FOLDER --count 3000 --process 0 --of 2

It prints "ready" after warm-up, starts on a line of input, and prints "done".
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings

if __name__ == "__main__":
    django.setup()

from catalogue.imaging import read_image
from catalogue.photos.validators import photo_limits
from visualsearch.inference.artefact import open_model
from visualsearch.inference.litert import BATCH_PHOTOS
from visualsearch.inference.types import Model
from visualsearch.services.indexing.embedding import DECODE_SIZE


def embed(model: Model, files: Sequence[Path]) -> None:
    for start in range(0, len(files), BATCH_PHOTOS):
        batch = files[start : start + BATCH_PHOTOS]
        model.embed([read_image(file.read_bytes(), limits=photo_limits(), target=DECODE_SIZE) for file in batch])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--process", type=int, required=True)
    parser.add_argument("--of", type=int, required=True)
    options = parser.parse_args()
    files = sorted(options.folder.iterdir())
    mine = [files[number % len(files)] for number in range(options.process, options.count, options.of)]
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    embed(model, mine[:BATCH_PHOTOS])
    print("ready", flush=True)  # noqa: T201  (to the process that started it)
    sys.stdin.readline()
    embed(model, mine)
    print("done", flush=True)  # noqa: T201  (as above)


if __name__ == "__main__":
    main()
