"""What is seen of a fault: by one client that goes on all the while, by health, and in the end by rows and index."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from lab.chaos import verdict
from lab.chaos.supervised import SupervisedShop
from lab.harness.trial_shop import TrialError, wait_until

HEALS_WITHIN_S = 60.0
# Between two rounds of the client, and between two questions for health.
PAUSE_S, ASKED_EVERY_S = 0.2, 0.5

# Begins as its context is entered, and ends with it, if it does not heal by itself.
# It may give what tells that it has healed by itself, besides health.
Begin = Callable[[SupervisedShop], contextlib.AbstractContextManager[Callable[[], bool] | None]]


@dataclass(frozen=True)
class Fault:
    """A fault, and how long it lasts at the most. `told` says whether health has to notice."""

    begin: Begin
    lasts_s: float = 20.0
    told: bool = True
    # What it needs beside a shop: a "disk" of its own, "postgresql", or a "clock" of its own.
    needs: str = ""


@dataclass
class Row:
    """What was seen of a fault. Answers are counted by status; times in seconds, None for never."""

    name: str
    pages: Counter[int] = field(default_factory=Counter)
    searches: Counter[int] = field(default_factory=Counter)
    saves: Counter[int] = field(default_factory=Counter)
    said_after_s: float | None = None
    well_after_s: float | None = None
    # Whether health has to say so.
    told: bool = False
    lost: list[str] = field(default_factory=list)
    clean: bool = False


class Client(threading.Thread):
    """Opens a page, searches and saves in turn, and counts the answers in a row, while its context lasts."""

    def __init__(self, shop: SupervisedShop, row: Row) -> None:
        super().__init__(daemon=True)
        self._asked = ((shop.page, row.pages), (shop.search, row.searches), (shop.save, row.saves))
        self._stopped = threading.Event()

    def __enter__(self) -> Client:
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.wait(PAUSE_S):
            for ask, counted in self._asked:
                counted[answered(ask)] += 1


def observe(shop: SupervisedShop, row: Row, fault: Fault) -> Row:
    """Return the row, filled with what was answered while the fault lasted and until all was well, and the rest."""
    started = time.monotonic()
    with Client(shop, row):
        with fault.begin(shop) as healed:
            while row.well_after_s is None and time.monotonic() - started < fault.lasts_s:
                state = shop.says()
                if row.said_after_s is None and state != "ok":
                    row.said_after_s = time.monotonic() - started
                if healed is not None and healed() and state == "ok" and is_well(shop):
                    row.well_after_s = time.monotonic() - started
                time.sleep(PAUSE_S)
        ended = time.monotonic()
        if row.well_after_s is None:
            with contextlib.suppress(TrialError):
                heals_s = HEALS_WITHIN_S
                wait_until(lambda: is_well(shop), within_s=heals_s, what="all is well", asked_every_s=ASKED_EVERY_S)
                row.well_after_s = time.monotonic() - ended
    judge(shop, row)
    return row


def is_well(shop: SupervisedShop) -> bool:
    return shop.says() == "ok" and answered(shop.save) == httpx.codes.CREATED


def judge(shop: SupervisedShop, row: Row) -> None:
    """Note what was acknowledged and is not there, and whether the index is that of the rows, nothing pending."""
    with contextlib.suppress(TrialError):
        wait_until(lambda: verdict.is_settled(shop), within_s=HEALS_WITHIN_S, what="the index is as the rows are")
        row.clean = True
    row.lost = shop.lost(verdict.read_rows(shop))


def answered(ask: Callable[[], int]) -> int:
    """Return the status, 0 where there was no answer."""
    try:
        return ask()
    except httpx.TransportError:
        return 0


HEADINGS = "fault | pages | searches | saves | health says so after | well again after | lost | index"


def described(row: Row) -> str:
    """Return a line of the table: name, statuses and how often, the two times, what was lost, and the index."""

    def statuses(counted: Counter[int]) -> str:
        return ", ".join(f"{number} × {status or 'none'}" for status, number in sorted(counted.items()))

    def seconds(taken: float | None) -> str:
        return "–" if taken is None else f"{taken:.1f} s"

    return " | ".join(
        [
            row.name,
            *map(statuses, (row.pages, row.searches, row.saves)),
            seconds(row.said_after_s),
            seconds(row.well_after_s),
            str(len(row.lost)),
            "clean" if row.clean else "not clean",
        ]
    )
