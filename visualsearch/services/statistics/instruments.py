"""Prometheus counters and histograms of searches and embedding, by stage, in each process.

With PROMETHEUS_MULTIPROC_DIR those of all processes of a machine are summed. Names follow
https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Histogram

SEARCHES = Counter("vitrine_searches", "Searches with a new photo, by how near the best was.", ["match"])
STAGE_SECONDS = Histogram(
    "vitrine_search_stage_seconds",
    "What a search with a photo spends on each of its stages.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
EMBEDDING_SECONDS = Histogram(
    "vitrine_embedding_batch_seconds",
    "What the model takes for a batch of the catalogue's photos.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
EMBEDDING_SIZE = Histogram(
    "vitrine_embedding_batch_photos", "Photos in such a batch.", buckets=(1, 2, 3, 4, 5, 6, 7, 8)
)


def observe_search(match: str, timings_ms: Mapping[str, float]) -> None:
    """Count a search with a photo, and observe the duration of each stage, in milliseconds by stage."""
    SEARCHES.labels(match).inc()
    for stage, milliseconds in timings_ms.items():
        STAGE_SECONDS.labels(stage).observe(milliseconds / 1000)


def observe_batch(photos: int, seconds: float) -> None:
    """Observe the size and the duration of a batch of the catalogue's photos that was embedded."""
    EMBEDDING_SIZE.observe(photos)
    EMBEDDING_SECONDS.observe(seconds)
