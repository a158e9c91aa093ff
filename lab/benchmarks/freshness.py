"""`benchmark freshness`: seconds from the commit of an article until every web process finds it by its photo.

"Found" means that a search over HTTP for the same photo, answered by that process, has the article first or tied with
the first. A probe polls every tenth of a second, one photo at a time, so the figures include that interval, the search
itself and those for earlier photos. The probes' searches add to the load on the shop.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from PIL import Image

from catalogue.progress import progress_bar
from lab.benchmarks.freshness_parts.probing import ASKED_EVERY_S, Probe, children_of
from lab.benchmarks.freshness_parts.saving import SKU, Journal, Save
from lab.benchmarks.freshness_parts.tables import freshness_table
from lab.benchmarks.serving.clients import Client, body_of
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.trial import stocked_shop
from lab.chaos.pictures import picture
from lab.harness.synthetic_vectors import real_vectors, synthetic_vectors
from lab.harness.trial_shop import TrialShop
from visualsearch.index.base import StoredVectors
from visualsearch.inference.artefact import open_model

HELP = "Seconds from the commit of an article until every web process finds it by its photo."
# Real embeddings from which the synthetic ones are derived.
REAL = 400
# Warm-up saves, not counted: the worker may still be starting.
WARMING = 5
FOUND_WITHIN_S = 60.0
LOOKED_EVERY_S = 0.2


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--vectors", type=int, default=100_000, help="vectors that the index holds before (100000)")
    parser.add_argument("--rate", type=float, default=10, help="saves a second, on schedule whatever is late (10)")
    parser.add_argument("--seconds", type=float, default=60, help="seconds of saving (60)")
    parser.add_argument("--side", type=int, default=1024, help="pixels of a photo's longer side (1024)")
    parser.add_argument("--seed", type=int, default=1, help="of the made vectors (1)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    count = max(2, round(options["rate"] * options["seconds"]))
    with stocked_shop(vectors_for(options["vectors"], options["seed"]), workers=True) as shop:
        tokens = draw_photos(shop, WARMING + count, options["side"])
        measure(shop, tokens, first=0, count=WARMING, rate=options["rate"])
        saves, probes = measure(shop, tokens, first=WARMING, count=count, rate=options["rate"])
        written = vectors_written(shop)
    founds = [probe.found for probe in probes]
    out.write(f"{options['vectors']:,} vectors; load {os.getloadavg()[0]:.1f} after the run")
    out.write(freshness_table(saves, founds, written, sum(probe.requests for probe in probes)))
    lost = sum(any(save.number not in found for found in founds) for save in saves)
    if lost:
        raise CommandError(f"{lost} photos were not found in every web process {FOUND_WITHIN_S:g} s after the last.")


def vectors_for(count: int, seed: int) -> StoredVectors:
    """Return synthetic vectors distributed like the embeddings of drawn articles."""
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"])
    real = real_vectors(model, None, limit=min(REAL, count))
    return np.concatenate(list(synthetic_vectors(real, count, seed=seed)))


def draw_photos(shop: TrialShop, count: int, side: int) -> dict[int, str]:
    """Write `count` distinct photos, and return the search token of each, by its number."""
    folder = shop.data / "fresh"
    folder.mkdir()
    tokens, client = {}, Client(shop.port, "/api/predict")
    for number in progress_bar(range(count), desc="photos", leave=False):
        photo = enlarged(picture(number), side)
        (folder / f"{number}.jpg").write_bytes(photo)
        status, answer = client.send(body_of(photo))
        if status != 200:
            raise RuntimeError(f"A search was answered with {status}: {answer[:300]!r}")
        tokens[number] = json.loads(answer)["token"]
    client.close()
    return tokens


def enlarged(photo: bytes, side: int) -> bytes:
    """Return a JPEG file scaled up to `side` pixels, the size of shop photos."""
    with Image.open(io.BytesIO(photo)) as small:
        factor = side / max(small.size)
        large = small.resize((round(small.width * factor), round(small.height * factor)), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.save(file, "JPEG", quality=90)
    return file.getvalue()


def measure(
    shop: TrialShop,
    tokens: dict[int, str],
    *,
    first: int,
    count: int,
    rate: float,
    others: Sequence[TrialShop] = (),
    asked_every_s: float = ASKED_EVERY_S,
) -> tuple[list[Save], list[Probe]]:
    """Save photos while a probe polls each web process, until all are found or FOUND_WITHIN_S after the last save.

    `others` are further machines of the same shop, whose web processes are polled too.
    """
    journal = shop.data / f"saves-{first}.jsonl"
    probes = [
        Probe(machine.port, pid, tokens, journal, asked_every_s=asked_every_s)
        for machine in (shop, *others)
        for pid in children_of(machine.process_id("web"))
    ]
    for probe in probes:
        probe.start()
    try:
        shop.spawn("saver", saver_command(shop.data / "fresh", journal, first=first, count=count, rate=rate))
        shop.wait_for_end("saver", within_s=FOUND_WITHIN_S + 2 * count / rate)
        deadline = time.monotonic() + FOUND_WITHIN_S
        while any(len(probe.found) < count and probe.is_alive() for probe in probes) and time.monotonic() < deadline:
            time.sleep(LOOKED_EVERY_S)
    finally:
        for probe in probes:
            probe.stop()
    return Journal(journal).read(), probes


def saver_command(photos: Path, journal: Path, **options: float) -> list[str]:
    named = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "lab.benchmarks.freshness_parts.saving", str(photos), str(journal), *named]


def vectors_written(shop: TrialShop) -> dict[int, float]:
    """Return when the vector of each saved photo was written, in Unix time, by the photo's number."""
    prefix = SKU.format("")
    output = shop.shell(
        "import json; from visualsearch.models import PhotoEmbedding;"
        f"rows = PhotoEmbedding.objects.filter(photo__article__sku__startswith={prefix!r});"
        "print(json.dumps([[s, c.timestamp()] for s, c in rows.values_list('photo__article__sku', 'created')]))"
    )
    return {int(sku.removeprefix(prefix)): moment for sku, moment in json.loads(output.splitlines()[-1])}
