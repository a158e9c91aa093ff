"""Part of `attack addresses`: searches for photos where nobody answers, while others look at pages and search."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from django.core.management.base import OutputWrapper

from lab.benchmarks.load import said
from lab.harness.trial_shop import TrialShop
from lab.security.slow import (
    GROWS_AT_MOST_MB,
    PAGE_WITHIN_S,
    SEARCH_WITHIN_S,
    TITLES,
    meanwhile,
    row,
)

AT_ONCE, SOURCES = 60, 6
# A fetch takes as long as it may, and a refusal comes at a whole second after that.
PATIENCE_S = 60.0


def attack(seconds: float, out: OutputWrapper) -> None:
    """Attack a shop from one address and from several, and write the table."""
    with silent_host() as port:
        shop = TrialShop()
        shop.commands = {name: shop.commands[name] for name in ("broker", "web")}
        shop.commands["web"] = shop.commands["web"].replace("shop.wsgi", "lab.harness.silent_host:application")
        (shop.data / "silent-host").write_text(str(port))
        with shop:
            measure(shop, f"http://127.0.0.1:{port}/photo.jpg", seconds, out)


def measure(shop: TrialShop, url: str, seconds: float, out: OutputWrapper) -> None:
    with meanwhile(shop):
        time.sleep(min(seconds, 5.0))
    with meanwhile(shop) as quiet:
        time.sleep(seconds / 2)
    out.write(
        f"\n{AT_ONCE} searches at once for a photo at an address where nobody answers, again and again\n" + TITLES
    )
    out.write(row("nobody attacks", "", 0, quiet))
    rest = min(quiet.memory_mb)
    page_s = search_s = grown = 0.0
    statuses: Counter[int] = Counter()
    failed: Counter[str] = Counter()
    for sources in (1, SOURCES):
        with asked(shop.port, url, sources) as answers, meanwhile(shop) as measured:
            time.sleep(seconds)
        out.write(row("nobody answers", str(sources), AT_ONCE, measured))
        page_s = max(page_s, measured.slow("page"))
        search_s = max(search_s, measured.slow("search"))
        grown = max(grown, max(measured.memory_mb) - rest)
        failed += measured.failed
        statuses += answers
    out.write(f"the attackers' answers: {', '.join(f'{n} × {status}' for status, n in sorted(statuses.items()))}")
    out.write(said(f"a page within {PAGE_WITHIN_S:g} s (p95)", page_s < PAGE_WITHIN_S, f"{page_s:.2f} s"))
    out.write(said(f"a search within {SEARCH_WITHIN_S:g} s (p95)", search_s < SEARCH_WITHIN_S, f"{search_s:.2f} s"))
    out.write(said("no request of others fails", not failed, str(failed.total())))
    out.write(said(f"memory grows less than {GROWS_AT_MOST_MB:g} MB", grown < GROWS_AT_MOST_MB, f"{grown:.0f} MB"))


@contextmanager
def silent_host() -> Iterator[int]:
    """Yield a port of this machine that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as listener:
        yield int(listener.getsockname()[1])


@contextmanager
def asked(port: int, url: str, sources: int) -> Iterator[Counter[int]]:
    """Have AT_ONCE clients ask for the photo while the block runs. Yields the statuses of the answers."""
    answers: Counter[int] = Counter()
    stop, lock = threading.Event(), threading.Lock()

    def ask(number: int) -> None:
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{2 + number % sources}")
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            while not stop.is_set():
                try:
                    status = client.post("/api/predict", json={"url": url}).status_code
                except httpx.TransportError:
                    status = 0
                with lock:
                    answers[status] += 1
                if status in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS}:
                    # As a person who tries again; more would be a flood of requests, of whatever kind.
                    stop.wait(1.0)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()
