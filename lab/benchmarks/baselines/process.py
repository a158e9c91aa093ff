"""One step of one baseline, in a process of its own: `python -m …baselines.process STEP BASELINE COLLECTION FOLDER`.

The step's figures are written to <folder>/<step>.json; an error is printed to stderr with exit status 1.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.benchmarks.baselines.base import Baseline
from lab.benchmarks.baselines.collection import SELECTIVITIES, Collection, Filter
from lab.benchmarks.baselines.entrants import ENTRANTS
from lab.benchmarks.serving.accounting import processor_s

# k of the recall@k that baselines are compared by, and of that under filters.
LIMIT, PAGE = 10, 20
# The table shows the fastest setting with at least this recall, or else the one with the highest recall.
WANTED_RECALL = 0.97
# Selectivities, per ten thousand, that baselines are compared under: 1 % and 10 % pass.
FILTERS = (100, 1_000)
WARM_UP = 10
# A slow baseline stops after MEASURE_S seconds, but not before FEWEST queries.
MEASURE_S, FEWEST = 30.0, 20


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of a baseline under one setting and one filter, which `below` of ten thousand photos pass.

    `processor_ms` is the median of the process's own processor time, and the mean of its servers'.
    """

    setting: int
    below: int
    p50_ms: float
    p99_ms: float
    processor_ms: float
    recall: float
    queries: int


def build(baseline: Baseline, collection: Collection) -> dict[str, Any]:
    """Build the index, and return the duration."""
    started = time.perf_counter()
    baseline.build(collection)
    return {"build_s": time.perf_counter() - started, "build_cores": baseline.build_cores}


def serve(baseline: Baseline, collection: Collection) -> dict[str, Any]:
    """Open and search. Returns the seconds until the first answer, memory growth, and a point for each setting."""
    query = collection.queries[0]
    return_freed_memory()
    before, started = private_bytes([]), time.perf_counter()
    baseline.open()
    baseline.search(query, limit=LIMIT, setting=baseline.settings[0], allowed_ids=None)
    opened_s = time.perf_counter() - started
    points = [measure(baseline, collection, setting, None, LIMIT) for setting in baseline.settings]
    return_freed_memory()
    memory = private_bytes(baseline.servers()) - before
    best = best_point(points)
    filtered = [measure(baseline, collection, best.setting, collection.filter(below), LIMIT) for below in FILTERS]
    return {
        "open_s": opened_s,
        "memory_bytes": memory,
        "about": baseline.describe(),
        "best": asdict(best),
        "points": [asdict(point) for point in points],
        "filtered": [asdict(point) for point in filtered],
    }


def recall_under_filters(baseline: Baseline, collection: Collection) -> dict[str, Any]:
    """Return recall@20 at each selectivity, with the setting that `serve` found best."""
    setting = json.loads((baseline.folder / "serve.json").read_text())["best"]["setting"]
    baseline.open()
    points = [measure(baseline, collection, setting, collection.filter(below), PAGE) for below in SELECTIVITIES]
    return {"points": [asdict(point) for point in points]}


STEPS = {"build": build, "serve": serve, "filters": recall_under_filters}


def measure(baseline: Baseline, collection: Collection, setting: int, allowed_ids: Filter | None, limit: int) -> Point:
    """Search for the queries one by one, after warm-up. Raises ValueError for a result that violates the filter."""
    for query in collection.queries[:WARM_UP]:
        baseline.search(query, limit=limit, setting=setting, allowed_ids=allowed_ids)
    times, processor, results = [], [], []
    servers_before = processor_s(*baseline.servers())
    for query in collection.queries:
        started, busy = time.perf_counter(), time.process_time()
        ids = baseline.search(query, limit=limit, setting=setting, allowed_ids=allowed_ids)
        processor.append((time.process_time() - busy) * 1000)
        times.append((time.perf_counter() - started) * 1000)
        results.append(ids)
        if sum(times) > MEASURE_S * 1000 and len(times) >= FEWEST:
            break
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    recall = collection.recall(results, limit=limit, allowed_ids=allowed_ids)
    below = allowed_ids.below if allowed_ids else SELECTIVITIES[-1]
    of_servers = (processor_s(*baseline.servers()) - servers_before) * 1000 / len(times)
    return Point(setting, below, p50, p99, float(np.median(processor)) + of_servers, recall, len(times))


def best_point(points: list[Point]) -> Point:
    """Return the fastest point of at least WANTED_RECALL, or else the one with the highest recall."""
    enough = [point for point in points if point.recall >= WANTED_RECALL]
    if enough:
        return min(enough, key=lambda point: point.p50_ms)
    return max(points, key=lambda point: point.recall)


def return_freed_memory() -> None:
    """Return freed memory to the system, so that reusing it counts as growth."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def private_bytes(servers: list[int]) -> int:
    """Return the private memory of this process plus that of `servers`, including their shared memory, in bytes."""
    own = memory_of("self")["Private_Dirty"]
    shared = [memory_of(str(server)) for server in servers]
    return own + sum(server["Pss_Anon"] + server["Pss_Shmem"] for server in shared)


def memory_of(process: str) -> dict[str, int]:
    """Return the fields of a process's /proc smaps_rollup, in bytes by name."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(value.split()[0]) * 1024 for name, _, value in (line.partition(":") for line in lines)}


def main(step: str, name: str, collection: str, folder: str) -> None:
    baseline = ENTRANTS[name].load()(Path(folder))
    try:
        figures = STEPS[step](baseline, Collection(Path(collection)))
    finally:
        baseline.close()
    if step == "build":
        figures["disk_bytes"] = sum(path.stat().st_size for path in baseline.data.rglob("*") if path.is_file())
    (Path(folder) / f"{step}.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
