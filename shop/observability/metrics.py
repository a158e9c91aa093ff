"""Prometheus metrics of requests, and the endpoint /metrics."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter("vitrine_requests", "Requests answered.", ["method", "view", "status"])
SHED_SEARCHES = Counter("vitrine_shed_searches", "Searches refused because they had waited too long for their turn.")
SECONDS = Histogram(
    "vitrine_request_seconds",
    "From a request to its answer.",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@cache
def resident() -> Gauge:
    """Return the gauge of resident memory, created only in processes that serve: others would report 0."""
    return Gauge("vitrine_process_resident_bytes", "Memory of each process of the web.", multiprocess_mode="liveall")


# Reading it takes as long as ten other metrics.
RESIDENT_READ_EVERY_S = 1.0
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class MetricsMiddleware:
    """Counts requests by view, not by path: no personal data, and no time series that a visitor can create."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Created before there are threads: creating it twice raises an error.
        self.resident = resident()
        self._read_at = -RESIDENT_READ_EVERY_S

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, view, response.status_code).inc()
        now = time.perf_counter()
        SECONDS.labels(view).observe(now - started)
        if now - self._read_at >= RESIDENT_READ_EVERY_S:
            self._read_at = now
            self.resident.set(resident_bytes())
        return response


def resident_bytes() -> int:
    """Return the resident memory of this process; 0 where it cannot be read, also for want of a file descriptor."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics in Prometheus's format; 404 for clients that may not read them."""
    if not may_ask(request):
        raise Http404
    registry = REGISTRY
    if settings.METRICS_FOLDER:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    text = generate_latest(registry)
    if settings.VISUAL_SEARCH:
        from visualsearch.services.monitoring.metrics import ShopCollector  # noqa: PLC0415  (without the app it cannot be imported)

        of_shop = CollectorRegistry()
        of_shop.register(ShopCollector())
        text += generate_latest(of_shop)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def may_ask(request: HttpRequest) -> bool:
    """Return whether the request has the token or, if none is set, comes directly from this machine."""
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}")
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and "X-Forwarded-For" not in request.headers
