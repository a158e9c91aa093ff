"""`benchmark search`: what a search by photo costs, compared with a lower bound and other servers.

All candidates are measured alternately in one run: photo by photo with one client, round by round with many. So
background load affects all alike, and ratios are reproducible where milliseconds are not. One client's searches are
measured in processor time of the servers: a machine that others share changes it least.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandParser, OutputWrapper

from catalogue.progress import progress_bar
from lab.benchmarks.serving.clients import Plan, Tally, body_of
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.one_client import measure_one_client
from lab.benchmarks.serving.photos import BROWSER_SIDE, browser_photos
from lab.benchmarks.serving.tables import engines_table, throughput_table
from lab.benchmarks.serving.trial import Gunicorn, course_server, gathering_server, stocked_shop
from lab.harness.synthetic_vectors import real_vectors, synthetic_vectors
from lab.harness.trial_shop import ROOT, TrialShop
from visualsearch.index.base import StoredVectors
from visualsearch.inference.artefact import open_model
from visualsearch.inference.litert import MODEL_FILE

HELP = "What a search costs, and which part of it, compared with its lower bound, a course's server and other engines."
SEARCH, COURSE_SEARCH = "/api/predict", "/predict"
PARTS = ("one", "many", "gathered", "course", "engines")
# Real embeddings from which the synthetic ones are derived.
REAL = 400
WARMING_S = 3.0


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--articles", type=int, default=5_000, help="articles of the shop, two photos each (5000)")
    parser.add_argument("--photos", type=Path, help="folder of photos to search with; drawn articles without")
    parser.add_argument("--count", type=int, default=12, help="photos that are sent, in turn (12)")
    parser.add_argument("--side", type=int, default=BROWSER_SIDE, help="pixels of their longer side at most (1024)")
    parser.add_argument("--requests", type=int, default=100, help="requests of the one client (100)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32], help="clients at once (1 8 32)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each number of clients (3)")
    parser.add_argument("--seconds", type=float, default=10, help="seconds of each round (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the made vectors (1)")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure; all unless named"
    )


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    parts = set(options["only"])
    out.write(machine())
    if parts - {"engines"}:
        photos = browser_photos(options["photos"], options["count"], side=options["side"])
        sizes = [len(photo) / 1000 for photo in photos]
        kind = options["photos"].name if options["photos"] else "drawn"
        out.write(
            f"{len(photos)} photos ({kind}) up to {options['side']} px, {min(sizes):.0f} to {max(sizes):.0f} kB; "
            f"{options['articles']:,} articles, {options['articles'] * 2:,} vectors"
        )
        with stocked_shop(vectors_for(options)) as shop:
            measure_servers(shop, photos, options, out)
    if "engines" in parts:
        out.write("\n" + measure_engines(options["rounds"] * 10))


def vectors_for(options: dict[str, Any]) -> StoredVectors:
    """Return two synthetic vectors per article, distributed like those of the given photos or of drawn articles."""
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"])
    count = 2 * options["articles"]
    real = real_vectors(model, options["photos"], limit=min(REAL, count))
    return np.concatenate(list(synthetic_vectors(real, count, seed=options["seed"])))


def measure_servers(shop: TrialShop, photos: list[bytes], options: dict[str, Any], out: OutputWrapper) -> None:
    gunicorn = Gunicorn.of_the_shop()
    bodies = shop.data / "bodies"
    bodies.mkdir()
    for number, photo in enumerate(photos):
        (bodies / f"{number:04d}").write_bytes(body_of(photo))
    parts = set(options["only"])
    targets = {"shop": (shop.port, SEARCH)}
    with ExitStack() as stack:
        if "course" in parts:
            course = stack.enter_context(course_server(shop, 2 * options["articles"], gunicorn))
            targets["course"] = (course, COURSE_SEARCH)
        if "gathered" in parts:
            targets["gathered"] = (stack.enter_context(gathering_server(shop)), SEARCH)
        for port, path in targets.values():
            send(Plan(port, path, str(bodies), gunicorn.workers * 4, WARMING_S))
        if "one" in parts:
            table = measure_one_client(shop, photos, bodies, options["requests"], targets.get("course", (None,))[0])
            out.write("\n" + table)
        if parts & {"many", "gathered"}:
            out.write("\n" + measure_many_clients(targets, bodies, options, gunicorn))


def measure_many_clients(
    targets: dict[str, tuple[int, str]], bodies: Path, options: dict[str, Any], gunicorn: Gunicorn
) -> str:
    """Return the throughput table. Each round measures each server with each number of clients."""
    tallies: dict[tuple[str, int], list[Tally]] = {}
    turns = [(name, clients) for clients in options["clients"] for name in targets] * options["rounds"]
    for name, clients in progress_bar(turns, desc="many clients", leave=False):
        port, path = targets[name]
        tally = send(Plan(port, path, str(bodies), clients, options["seconds"]))
        tallies.setdefault((name, clients), []).append(tally)
    return throughput_table(tallies, options["clients"], asdict(gunicorn))


def send(plan: Plan) -> Tally:
    """Run the load generator in a separate process. Raises CalledProcessError if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "lab.benchmarks.serving.clients"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return Tally(**json.loads(done.stdout))


def measure_engines(rounds: int) -> str:
    """Return the latency table of the shipped networks on each inference engine, for one photo and a batch."""
    # Imported on demand: only this part needs the engines.
    serving = import_module("lab.benchmarks.serving.engines")
    named = settings.VISUAL_MODEL
    int8, float32 = (settings.ARTEFACTS_DIR / named[name] / MODEL_FILE for name in ("NAME", "FALLBACK"))
    with tempfile.TemporaryDirectory(prefix="vitrine-engines-") as folder:
        onnx: Path | None = Path(folder) / "float32.onnx"
        try:
            serving.as_onnx(float32, onnx)
        except RuntimeError as error:
            onnx, why = None, str(error)
        one = serving.engines(int8, float32, onnx, batch=1)
        several = serving.engines(int8, float32, onnx, batch=serving.BATCH)
        cosines = serving.agreement(one, "LiteRT float32")
        calls = {(name, 1): call for name, call in one.items()}
        calls |= {(name, serving.BATCH): call for name, call in several.items()}
        medians = serving.medians_ms(calls, rounds)
    table = engines_table(medians, cosines, serving.BATCH, rounds)
    return table if onnx else f"{table}\nONNX Runtime is left out: {why}"
