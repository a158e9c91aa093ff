"""One step of one rival, in a process of its own: `python -m …rivals.process STEP RIVAL COLLECTION FOLDER`.

The step's figures are written to <folder>/<step>.json; an error goes to standard error, and is the exit status 1.
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

from lab.benchmarks.baselines.base import Rival
from lab.benchmarks.baselines.collection import SELECTIVITIES, Collection, Filter
from lab.benchmarks.baselines.entrants import ENTRANTS

# The depth at which rivals are compared, and that of the shop's recall under filters.
LIMIT, PAGE = 10, 20
# Of the settings, the table shows the quickest that finds so much, or else the one that finds most.
WANTED_RECALL = 0.97
# The filters that rivals are compared under: 1 % and 10 % pass.
FILTERS = (100, 1_000)
WARM_UP = 10
# A slow rival is not asked all queries: it stops after so long, but not before so many.
MEASURE_S, FEWEST = 30.0, 20


@dataclass(frozen=True, slots=True)
class Point:
    """A rival under one setting and one filter. `below` of ten thousand photos pass."""

    setting: int
    below: int
    p50_ms: float
    p99_ms: float
    recall: float
    queries: int


def build(rival: Rival, collection: Collection) -> dict[str, Any]:
    """Build, and return the seconds that took."""
    started = time.perf_counter()
    rival.build(collection)
    return {"build_s": time.perf_counter() - started, "build_cores": rival.build_cores}


def serve(rival: Rival, collection: Collection) -> dict[str, Any]:
    """Open and search. Returns seconds until the first answer, the growth of memory, and a point a setting."""
    query = collection.queries[0]
    return_freed_memory()
    before, started = private_bytes([]), time.perf_counter()
    rival.open()
    rival.search(query, limit=LIMIT, setting=rival.settings[0], allowed_ids=None)
    opened_s = time.perf_counter() - started
    points = [measure(rival, collection, setting, None, LIMIT) for setting in rival.settings]
    return_freed_memory()
    memory = private_bytes(rival.servers()) - before
    best = best_point(points)
    filtered = [measure(rival, collection, best.setting, collection.filter(below), LIMIT) for below in FILTERS]
    return {
        "open_s": opened_s,
        "memory_bytes": memory,
        "about": rival.describe(),
        "best": asdict(best),
        "points": [asdict(point) for point in points],
        "filtered": [asdict(point) for point in filtered],
    }


def recall_under_filters(rival: Rival, collection: Collection) -> dict[str, Any]:
    """Return recall@20 at each selectivity."""
    rival.open()
    setting = rival.settings[-1]
    points = [measure(rival, collection, setting, collection.filter(below), PAGE) for below in SELECTIVITIES]
    return {"points": [asdict(point) for point in points]}


STEPS = {"build": build, "serve": serve, "filters": recall_under_filters}


def measure(rival: Rival, collection: Collection, setting: int, allowed_ids: Filter | None, limit: int) -> Point:
    """Put the queries to a rival one by one. Raises ValueError for an answer that the filter forbids."""
    for query in collection.queries[:WARM_UP]:
        rival.search(query, limit=limit, setting=setting, allowed_ids=allowed_ids)
    times, found = [], []
    for query in collection.queries:
        started = time.perf_counter()
        ids = rival.search(query, limit=limit, setting=setting, allowed_ids=allowed_ids)
        times.append((time.perf_counter() - started) * 1000)
        found.append(ids)
        if sum(times) > MEASURE_S * 1000 and len(times) >= FEWEST:
            break
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    recall = collection.recall(found, limit=limit, allowed_ids=allowed_ids)
    below = allowed_ids.below if allowed_ids else SELECTIVITIES[-1]
    return Point(setting, below, p50, p99, recall, len(times))


def best_point(points: list[Point]) -> Point:
    """Return the quickest of the points that find enough, or else the one that finds most."""
    enough = [point for point in points if point.recall >= WANTED_RECALL]
    if enough:
        return min(enough, key=lambda point: point.p50_ms)
    return max(points, key=lambda point: point.recall)


def return_freed_memory() -> None:
    """Give back what is no longer used, so that what is used next counts as growth."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def private_bytes(servers: list[int]) -> int:
    """Return this process's private memory, and that of servers with what they share among each other."""
    own = memory_of("self")["Private_Dirty"]
    shared = [memory_of(str(server)) for server in servers]
    return own + sum(server["Pss_Anon"] + server["Pss_Shmem"] for server in shared)


def memory_of(process: str) -> dict[str, int]:
    """Return what the kernel says of a process's memory, in bytes by name."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(value.split()[0]) * 1024 for name, _, value in (line.partition(":") for line in lines)}


def main(step: str, name: str, collection: str, folder: str) -> None:
    rival = ENTRANTS[name].load()(Path(folder))
    try:
        figures = STEPS[step](rival, Collection(Path(collection)))
    finally:
        rival.close()
    (Path(folder) / f"{step}.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
