"""How a row of the table of faults is made, of a shop that answers as a test wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from lab.chaos import faults, observing
from lab.chaos.observing import Fault, Row, described, observe
from lab.chaos.pictures import digest
from lab.chaos.supervised import Saved, SupervisedShop


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
        return 507 if self.broken and not (self.heals_itself and self.asked > 5) else 201

    def says(self) -> str:
        self.asked += 1
        if self.heals_itself and self.asked > 5:
            return "ok"
        return "degraded" if self.broken and self.asked > 1 else "ok"

    def lost(self, held: Any) -> list[str]:
        return []


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask often, and find the index as the rows are."""
    monkeypatch.setattr(observing, "PAUSE_S", 0.001)
    monkeypatch.setattr(observing, "ASKED_EVERY_S", 0.001)
    monkeypatch.setattr("lab.chaos.verdict.is_settled", lambda shop: True)
    monkeypatch.setattr("lab.chaos.verdict.read_rows", lambda shop: {})


@contextmanager
def broken(shop: Any) -> Iterator[None]:
    shop.broken = True
    yield
    shop.broken = False


def test_answers_are_counted_until_all_is_well() -> None:
    shop: Any = FakeShop()

    row = observe(shop, Row("some"), Fault(broken, 0.1))

    assert set(row.pages) == {200}
    assert {0} <= set(row.searches)
    assert {507} <= set(row.saves)
    assert row.clean
    assert row.said_after_s is not None
    assert row.well_after_s is not None


def test_what_heals_by_itself_ends_the_row() -> None:
    @contextmanager
    def frozen(shop: Any) -> Iterator[Callable[[], bool]]:
        shop.broken = True
        yield lambda: True

    shop: Any = FakeShop(heals_itself=True)

    row = observe(shop, Row("some"), Fault(frozen, 60))

    assert row.well_after_s is not None


def test_what_does_not_heal_is_told_to_be_never(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def for_good(shop: Any) -> Iterator[None]:
        shop.broken = True
        yield

    monkeypatch.setattr(observing, "HEALS_WITHIN_S", 0.01)
    shop: Any = FakeShop()

    assert observe(shop, Row("some"), Fault(for_good, 0.01)).well_after_s is None


def test_a_row_says_how_often_each_status_was_answered() -> None:
    row = Row("disk full", Counter({200: 9}), Counter({0: 1, 200: 2}), Counter({507: 3}), 1.24, lost=["a"])

    assert described(row) == "disk full | 9 × 200 | 1 × none, 2 × 200 | 3 × 507 | 1.2 s | – | 1 | not clean"


@pytest.fixture
def shop() -> Iterator[SupervisedShop]:
    """A shop that is not started."""
    shop = SupervisedShop()
    yield shop
    shop.__exit__()


def test_what_was_acknowledged_and_is_not_there_is_lost(shop: SupervisedShop) -> None:
    shop.journal = [Saved(number, asked=0, answered=1) for number in (1, 2)]
    article = {"rows": [digest(1), digest(2)], "files": [digest(1), ""], "vectors": [digest(1), digest(2)]}

    assert shop.lost({"articles": {"FAULT-0": article}}) == ["the files of picture 2"]


def test_what_an_older_backup_undid_is_not_lost(shop: SupervisedShop) -> None:
    shop.journal = [Saved(1, asked=0, answered=1), Saved(2, asked=2, answered=4)]

    shop.undo(since=3)

    assert [saved.number for saved in shop.journal] == [1]


def test_a_fault_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no fault earthquake.*disk full"):
        faults.run(print, only=["earthquake"])
