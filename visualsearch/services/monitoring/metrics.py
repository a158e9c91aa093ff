"""A Prometheus collector of gauges computed at each scrape: rows, index and queues."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from catalogue.exceptions import VitrineError
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.monitoring import diagnosis, health, store
from visualsearch.services.monitoring.dashboard import Dashboard, dashboard


class ShopCollector(Collector):
    """Gauges of rows, index and queues, computed at each scrape. Those of a part that is down are left out."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vitrine_up", "Whether a part answers.", labels=["part"])
        gauges: list[Metric] = []
        for part, collect in (("database", rows), ("index", index), ("broker", queues)):
            try:
                gauges += collect()
                up.add_metric([part], 1)
            except (DatabaseError, RedisError, OSError, VitrineError):
                up.add_metric([part], 0)
        if store.is_remote():
            up.add_metric(["store"], store.store_state() == "ok")
        yield up
        yield from gauges


def rows() -> list[Metric]:
    numbers: Dashboard = dashboard()
    articles = GaugeMetricFamily("vitrine_articles", "Articles, by what shoppers see of them.", labels=["state"])
    articles.add_metric(["published"], numbers.articles.count - numbers.articles.hidden)
    articles.add_metric(["hidden"], numbers.articles.hidden)
    photos = GaugeMetricFamily("vitrine_photos", "Photos, by whether search finds them.", labels=["state"])
    if numbers.searching is not None:
        photos.add_metric(["pending"], numbers.searching.pending)
        photos.add_metric(["failed"], numbers.searching.failed)
    sources = GaugeMetricFamily("vitrine_photo_sources", "Pictures at addresses, still to be had.", labels=["state"])
    sources.add_metric(["waiting"], numbers.sources_waiting)
    sources.add_metric(["failed"], numbers.sources_failed)
    return [articles, photos, sources]


def index() -> list[Metric]:
    version = versions.serving_version()
    opened = indexing.fresh_index(version)
    return [
        GaugeMetricFamily("vitrine_index_vectors", "Vectors that are found.", value=len(opened)),
        GaugeMetricFamily(
            "vitrine_index_lag", "Changes of the log that this process does not know yet.",
            value=max(version.head - opened.sequence, 0),
        ),
        GaugeMetricFamily(
            "vitrine_index_tail", "Changes since the newest snapshot.",
            value=max(opened.sequence - opened.snapshot_sequence, 0),
        ),
    ]  # fmt: skip


def queues() -> list[Metric]:
    tasks = GaugeMetricFamily("vitrine_queue_tasks", "Tasks that no worker has taken yet.", labels=["queue"])
    waited = GaugeMetricFamily("vitrine_queue_oldest_seconds", "Since the oldest of them was queued.", labels=["queue"])
    with diagnosis.connected() as server:
        for name in ("photos", "bulk"):
            tasks.add_metric([name], int(server.llen(name)))
            waited.add_metric([name], age_of(server.lindex(name, -1)))
    ago = health.since_reconciliation_s()
    return [
        tasks,
        waited,
        GaugeMetricFamily(
            "vitrine_last_reconciliation_seconds",
            "Since a worker last reconciled the queue with the rows.",
            value=float("inf") if ago is None else ago,
        ),
    ]


def age_of(message: str | bytes | None) -> float:
    """Return the seconds since a message was queued, by the time in its header; 0 without one."""
    try:
        queued = json.loads(message or "{}").get("headers", {}).get("queued")
    except ValueError:
        return 0.0
    return max(time.time() - queued, 0.0) if isinstance(queued, float) else 0.0
