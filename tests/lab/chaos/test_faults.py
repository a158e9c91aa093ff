"""How a row of the table of faults is made, of a shop that answers as a test wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from lab.chaos import faults
from lab.chaos.faults import Row, described, observe


class FakeShop:
    """Answers pages and searches, and saves while nothing is broken; health needs two questions to notice."""

    def __init__(self, *, heals_itself: bool = False) -> None:
        self.broken, self.asked, self.heals_itself = False, 0, heals_itself

    def page(self) -> int:
        return 200

    def search(self) -> int:
        if self.broken:
            raise httpx.ReadTimeout("frozen")
        return 200

    def save(self) -> int:
        return 507 if self.broken else 201

    def says(self) -> str:
        self.asked += 1
        if self.heals_itself and self.asked > 5:
            return "ok"
        return "degraded" if self.broken and self.asked > 1 else "ok"


@contextmanager
def broken(shop: Any) -> Iterator[None]:
    shop.broken = True
    yield
    shop.broken = False


def test_answers_are_counted_until_the_fault_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    shop: Any = FakeShop()

    row = observe(shop, Row("some"), broken, 0.05)

    assert set(row.pages) == {200}
    assert (set(row.searches), set(row.saves)) == ({0}, {507})
    assert row.said_after_s is not None
    assert row.well_after_s is not None


def test_what_heals_by_itself_ends_the_row() -> None:
    @contextmanager
    def frozen(shop: Any) -> Iterator[Callable[[], bool]]:
        shop.broken = True
        yield lambda: True

    shop: Any = FakeShop(heals_itself=True)

    row = observe(shop, Row("some"), frozen, 60)

    assert row.pages.total() < 20
    assert row.well_after_s is not None


def test_what_does_not_heal_is_told_to_be_never(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def for_good(shop: Any) -> Iterator[None]:
        shop.broken = True
        yield

    monkeypatch.setattr(faults, "HEALS_WITHIN_S", 0.01)
    shop: Any = FakeShop()

    assert observe(shop, Row("some"), for_good, 0.01).well_after_s is None


def test_a_row_says_how_often_each_status_was_answered() -> None:
    row = Row("disk full", Counter({200: 9}), Counter({0: 1, 200: 2}), Counter({507: 3}), 1.24)
    assert described(row) == "disk full | 9 × 200 | 1 × none, 2 × 200 | 3 × 507 | 1.2 s | –"
