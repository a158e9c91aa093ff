"""`benchmark index`: the shop's index and other vector indexes, on the same synthetic vectors, in one run.

Each row has its own processes: one builds the index, a fresh one opens it and searches on one thread. Finished rows
are stored in <output>/index.json, so an interrupted run is resumed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper

from catalogue.progress import progress_bar
from lab.benchmarks.baselines.collection import Collection
from lab.benchmarks.baselines.entrants import ENTRANTS, HERE
from lab.benchmarks.baselines.report import as_text
from lab.benchmarks.baselines.rows import row_without_running, run_baseline
from lab.harness.synthetic_vectors import neighbour_quantiles, real_vectors, synthetic_vectors
from visualsearch.index.base import StoredVectors
from visualsearch.inference.artefact import open_model

HELP = "The index compared with FAISS's types, hnswlib, USearch, pgvector and Milvus: speed, memory and recall."
FILE, CURVES = "index.json", "index.png"
# States of rows that a resumed run does not measure again.
FINISHED = ("done", "stopped")


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="how many vectors")
    parser.add_argument(
        "--baselines", nargs="+", choices=list(ENTRANTS), default=list(ENTRANTS), help="all unless named"
    )
    parser.add_argument("--queries", type=int, default=200, help="searches of each measurement (200)")
    parser.add_argument("--build-limit", type=float, default=30, help="minutes after which a step is stopped (30)")
    parser.add_argument("--photos", type=Path, help="folder of photos that real vectors come from; drawn ones without")
    parser.add_argument("--seed", type=int, default=1, help="of the made vectors (1)")
    parser.add_argument(
        "--output", type=Path, default=Path("benchmark"), help="folder of figures and curves (benchmark)"
    )
    parser.add_argument("--fresh", action=argparse.BooleanOptionalAction, help="measure again what was measured")
    parser.add_argument("--from", dest="source", type=Path, help="print what is in that folder and measure nothing")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    if options["source"]:
        out.write(as_text(read(options["source"] / FILE)))
        return
    output: Path = options["output"]
    output.mkdir(parents=True, exist_ok=True)
    seed: int = options["seed"]
    real = embedded_photos(options["photos"], output)
    source = options["photos"].name if options["photos"] else "drawn articles"
    parameters = {
        "real": f"{len(real):,} of {source}",
        "dimensions": real.shape[1],
        "queries": options["queries"],
        "seed": seed,
    }
    measured = begin(output / FILE, parameters, fresh=bool(options["fresh"]))
    if not measured["likeness"]:
        measured["likeness"] = likeness(real, seed=seed)
    with tempfile.TemporaryDirectory(prefix="vitrine-benchmark-") as folder:
        for row in measure_missing(measured["rows"], real, options, Path(folder)):
            keep(measured["rows"], row)
            write(output / FILE, measured)
    write(output / FILE, measured)
    out.write(as_text(measured))
    out.write(f"\nKept in {output / FILE}")
    done = [row for row in measured["rows"] if row["state"] == "done"]
    if done:
        # Imported on demand: only plots need matplotlib.
        import_module(f"{HERE}.curves").draw(done, output / CURVES)
        out.write(f"Drawn in {output / CURVES}")


def embedded_photos(photos: Path | None, output: Path) -> StoredVectors:
    """Return the shipped model's embeddings of a folder's photos, or of the demo's; they are cached in the output."""
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"])
    return real_vectors(model, photos, kept=output / f"real-{photos.name if photos else 'drawn'}.npy")


def likeness(real: StoredVectors, *, seed: int) -> list[dict[str, Any]]:
    """Return the QUANTILES of the similarity to neighbours of some ranks, for real and as many synthetic vectors."""
    made = np.concatenate(list(synthetic_vectors(real, len(real), seed=seed)))
    of_real, of_made = neighbour_quantiles(real), neighbour_quantiles(made)
    return [{"rank": rank, "real": of_real[rank].tolist(), "made": of_made[rank].tolist()} for rank in of_real]


def measure_missing(
    rows: list[dict[str, Any]], real: StoredVectors, options: dict[str, Any], folder: Path
) -> Iterator[dict[str, Any]]:
    """Measure and yield the rows that are not finished. A size's vectors are generated when a row needs them."""
    finished = {(row["count"], row["baseline"]) for row in rows if row["state"] in FINISHED}
    missing = [(count, name) for count in options["sizes"] for name in options["baselines"]]
    missing = [each for each in missing if each not in finished]
    collection: Collection | None = None
    with progress_bar(missing, unit="row") as bar:
        for count, name in bar:
            bar.set_description(f"{name} at {count:,}")
            row = row_without_running(name, count, real.shape[1], folder)
            if row is None:
                if collection is None or collection.count != count:
                    shutil.rmtree(folder / "collection", ignore_errors=True)
                    collection = make(real, count, options, folder / "collection")
                row = run_baseline(name, collection, folder / name, limit_s=options["build_limit"] * 60)
            yield row


def make(real: StoredVectors, count: int, options: dict[str, Any], folder: Path) -> Collection:
    """Generate the synthetic vectors of a size, and queries that are not among them."""
    queries = np.concatenate(list(synthetic_vectors(real, options["queries"], seed=options["seed"] + 1)))
    drawn = synthetic_vectors(real, count, seed=options["seed"])
    vectors = progress_bar(drawn, desc=f"making {count:,} vectors", leave=False)
    return Collection.write(folder, vectors, queries, seed=options["seed"])


def begin(path: Path, asked: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
    """Return the results of an earlier run, or empty ones. Raises CommandError if those have other parameters."""
    if path.exists() and not fresh:
        measured = read(path)
        if measured["asked"] != asked:
            raise CommandError(f"{path} was measured with {measured['asked']}; add --fresh or name another --output.")
        return measured
    return {"asked": asked, "machine": machine(), "likeness": [], "rows": []}


def keep(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    """Insert or replace a row, ordered by size and then as in ENTRANTS."""
    order = list(ENTRANTS)
    others = [each for each in rows if (each["count"], each["baseline"]) != (row["count"], row["baseline"])]
    rows[:] = sorted([*others, row], key=lambda each: (each["count"], order.index(each["baseline"])))


def read(path: Path) -> dict[str, Any]:
    """Return the stored results. Raises CommandError if there are none."""
    try:
        measured: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise CommandError(f"{path} is not there; run this without --from first.") from error
    return measured


def write(path: Path, measured: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(measured, indent=1))
    part.replace(path)


def machine() -> dict[str, Any]:
    """Return a description of the machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((text.split(": ")[1] for text in lines if text.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": memory / 1e9,
        "python": platform.python_version(),
    }
