"""Which observations readers and the verdict report as violations."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest

from lab.chaos import verdict
from lab.chaos.journal import Journal, Ledger, Stock, Write
from lab.chaos.pictures import picture
from lab.chaos.reading import FOUND_IN_ALL_AFTER_S, Readers
from lab.harness.trial_shop import TrialShop
from tests.lab.chaos.test_journal import acknowledged

# Three articles: one to be found by two pictures, one that lost a picture, one that is hidden.
WRITES = (
    Write(0, "add", "ONE", Stock((1, 2), True)),
    Write(1, "add", "TWO", Stock((3, 4), True)),
    Write(2, "delete photo", "TWO", Stock((3,), True)),
    Write(3, "add", "HID", Stock((5,), True)),
    Write(4, "hide", "HID", Stock((5,), False)),
)
Answers = dict[int, list[dict[str, Any]]]
RIGHT: Answers = {
    1: [{"sku": "ONE", "similarity": 1.0}, {"sku": "TWO", "similarity": 0.5}],
    2: [{"sku": "TWO", "similarity": 1.0}, {"sku": "ONE", "similarity": 0.9999}],
    3: [{"sku": "TWO", "similarity": 1.0}],
    4: [{"sku": "TWO", "similarity": 0.9}, {"sku": "ONE", "similarity": 0.5}],
    5: [{"sku": "ONE", "similarity": 0.5}],
}


class AnsweringShop:
    """Answers searches with what it was told to."""

    def __init__(self, answers: Answers) -> None:
        self._answers = {picture(number): articles for number, articles in answers.items()}

    def predict(self, photo: bytes, **options: Any) -> Any:
        return {"articles": self._answers[photo]}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return acknowledged(tmp_path / "journal", *WRITES)


def searched(ledger: Ledger, **changed: list[dict[str, Any]]) -> list[str]:
    answers = RIGHT | {int(name[1:]): articles for name, articles in changed.items()}
    return verdict.search_all(cast(TrialShop, AnsweringShop(answers)), ledger)[1]


def test_right_answers_are_right(ledger: Ledger) -> None:
    assert searched(ledger) == []


def test_a_picture_that_does_not_find_its_article_is_a_violation(ledger: Ledger) -> None:
    assert searched(ledger, _1=[{"sku": "TWO", "similarity": 1.0}, {"sku": "ONE", "similarity": 0.9}]) == [
        "picture 1 of ONE is not found by itself"
    ]
    assert searched(ledger, _3=[]) == ["picture 3 of TWO is not found by itself"]


def test_a_deleted_picture_that_still_finds_its_article_is_a_violation(ledger: Ledger) -> None:
    assert searched(ledger, _4=[{"sku": "TWO", "similarity": 0.99995}]) == [
        "picture 4 finds TWO, which does not have it any more"
    ]


def test_a_hidden_article_that_is_found_is_a_violation(ledger: Ledger) -> None:
    told = searched(ledger, _1=[*RIGHT[1], {"sku": "HID", "similarity": 0.1}])

    assert told == ["HID is found, and was deleted, hidden or has no photo"]


@pytest.fixture
def readers(ledger: Ledger) -> Readers:
    return Readers("", ledger, threading.Lock(), count=0, seed=0)


def test_readers_tell_what_they_find_after_it_was_hidden(readers: Readers, tmp_path: Path, ledger: Ledger) -> None:
    readers._judge(1, [*RIGHT[1], {"sku": "HID", "similarity": 0.1}], time.monotonic())
    assert readers.violations == ["HID was found, after it was deleted or hidden"]

    Journal(tmp_path / "journal").begin(Write(5, "show", "HID", Stock((5,), True)))
    ledger.read()
    readers._judge(5, [{"sku": "HID", "similarity": 1.0}], time.monotonic())
    assert len(readers.violations) == 1


def test_readers_do_not_mind_what_was_hidden_while_they_searched(readers: Readers, ledger: Ledger) -> None:
    readers._judge(5, [{"sku": "HID", "similarity": 1.0}], ledger.gone["HID"] - 1)

    assert readers.violations == []


def test_readers_tell_what_they_found_before_and_find_no_more(readers: Readers) -> None:
    readers._judge(1, [], time.monotonic())
    readers._judge(1, RIGHT[1], time.monotonic())
    readers._judge(1, [], time.monotonic())
    assert readers.violations == []

    readers._found[1] -= FOUND_IN_ALL_AFTER_S
    readers._judge(1, [], time.monotonic())
    assert readers.violations == ["picture 1 of ONE was found before, and now is not"]


BROKER_AWAY = """\
2026-11-24 10:00:00 INFO something
Traceback (most recent call last):
  File "a.py", line 1, in a
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "b.py", line 1, in b
redis.exceptions.ConnectionError: Error 111 connecting to valkey.sock. Connection refused.
[2026-11-24 10:00:00 +0000] [5] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?
2026-11-24 10:00:00 ERROR celery.worker.consumer consumer: Cannot connect to redis+socket:///valkey.sock
""".splitlines()
FOREIGN = """\
2026-11-24 10:00:00 ERROR django.request Internal Server Error: /api/predict
Traceback (most recent call last):
  File "b.py", line 1, in b
django.db.utils.OperationalError: database is locked
2026-11-24 10:00:00 INFO an ERRORLESS line
""".splitlines()


def test_errors_that_no_kill_explains_are_reported_by_their_lines() -> None:
    assert list(verdict.errors_of(BROKER_AWAY)) == []
    assert list(verdict.errors_of(BROKER_AWAY + FOREIGN)) == [(13, FOREIGN[0]), (16, FOREIGN[3])]
