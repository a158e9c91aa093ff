"""Concurrent readers that check invariants: deleted or hidden articles never appear, found ones stay found."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

import httpx

from lab.chaos.journal import Ledger
from lab.chaos.pictures import picture

LIMIT = 10
# Web processes may lag each other by SHOP_INDEX_REFRESH_S plus the duration of a search on a busy machine.
FOUND_IN_ALL_AFTER_S = 10.0
# Tolerance of similarity for ties: rounding may swap two equal articles.
AS_NEAR = 0.002
# A search that takes longer counts as hung.
PATIENCE_S = 60.0
PAUSE_S = 0.05


class Readers:
    """Threads that search for random pictures. All access to `ledger` is under `lock`."""

    def __init__(self, address: str, ledger: Ledger, lock: threading.Lock, *, count: int, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []
        self.took_s: list[float] = []
        self._address = address
        self._ledger = ledger
        self._lock = lock
        self._found: dict[int, float] = {}
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(seed + place,), daemon=True) for place in range(count)
        ]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(PATIENCE_S + 10)
            if thread.is_alive():
                self.violations.append("a reader does not end")

    def _run(self, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311  (no secret)
        while not self._stopped.wait(PAUSE_S):
            with self._lock:
                number = rng.choice(list(self._ledger.article_of)) if self._ledger.article_of else None
            if number is not None:
                self._search(number)

    def _search(self, number: int) -> None:
        started = time.monotonic()
        try:
            # A new connection each time, which either web process may accept.
            answer = httpx.post(
                f"{self._address}/api/predict",
                files={"image": picture(number)},
                data={"limit": LIMIT},
                timeout=PATIENCE_S,
            )
        except httpx.TimeoutException:
            self._note(f"a search for picture {number} hung for {PATIENCE_S:g} s")
            return
        except httpx.TransportError:
            # The web process was killed, or is starting.
            self.counts["away"] += 1
            return
        self.counts["answered"] += 1
        self.took_s.append(time.monotonic() - started)
        if answer.status_code != 200:
            self._note(f"a search was answered with {answer.status_code}: {answer.text[:300]}")
            return
        with self._lock:
            # Writes begun during the search may be visible in the response.
            self._ledger.read()
            self._judge(number, answer.json()["articles"], started)

    def _judge(self, number: int, articles: list[dict[str, Any]], started: float) -> None:
        for article in articles:
            if self._ledger.gone.get(article["sku"], started) < started:
                self._note(f"{article['sku']} was found, after it was deleted or hidden")
        sku = self._ledger.article_of[number]
        expected = number in self._ledger.pictures_of(sku) and self._ledger.changed[sku] < started
        if comes_first(sku, articles):
            self.counts["found"] += expected
            self._found.setdefault(number, time.monotonic())
        elif not expected:
            self._found.pop(number, None)
        elif self._found.get(number, started) < started - FOUND_IN_ALL_AFTER_S:
            self._note(f"picture {number} of {sku} was found before, and now is not")

    def _note(self, text: str) -> None:
        self.violations.append(text)


def comes_first(sku: str, articles: list[dict[str, Any]]) -> bool:
    """Whether an article is the first match, or tied with it."""
    near = [article["sku"] for article in articles if article["similarity"] > articles[0]["similarity"] - AS_NEAR]
    return sku in near
