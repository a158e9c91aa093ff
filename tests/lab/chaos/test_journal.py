from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab.chaos.journal import Journal, Ledger, Stock, Write
from lab.chaos.pictures import picture

ADDED = Write(0, "add", "ONE", Stock((1, 2), True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def acknowledged(path: Path, *writes: Write) -> Ledger:
    journal, ledger = Journal(path), Ledger(path)
    for write in writes:
        journal.begin(write)
        journal.acknowledge(write)
    ledger.read()
    return ledger


def test_a_picture_is_the_same_whenever_it_is_drawn_and_like_no_other() -> None:
    once = picture(7)
    picture.cache_clear()

    assert picture(7) == once != picture(8)


def test_what_was_acknowledged_is_what_the_shop_should_hold(path: Path) -> None:
    ledger = acknowledged(path, ADDED, Write(1, "delete photo", "ONE", Stock((2,), True)))

    assert ledger.stock == {"ONE": Stock((2,), True)}
    assert ledger.acknowledged == {"add": 1, "delete photo": 1}
    assert ledger.pictures_of("ONE") == (2,)
    assert (ledger.open, ledger.gone) == ({}, {})
    assert ledger.article_of == {1: "ONE", 2: "ONE"}


def test_what_was_begun_may_have_happened_or_not(path: Path) -> None:
    ledger = acknowledged(path, ADDED)
    hidden = Write(1, "hide", "ONE", Stock((1, 2), False))
    Journal(path).begin(hidden)

    assert ledger.read() == []
    assert ledger.open == {"ONE": hidden}
    assert ledger.stock["ONE"] == ADDED.after
    assert ledger.pictures_of("ONE") == ()
    assert ledger.gone == {}


def test_what_did_not_happen_leaves_the_article_as_it_was(path: Path) -> None:
    ledger = acknowledged(path, ADDED)
    deleted = Write(1, "delete article", "ONE", None)
    Journal(path).begin(deleted)
    Journal(path).void(deleted)
    ledger.read()

    assert ledger.pictures_of("ONE") == (1, 2)
    assert (ledger.open, ledger.gone) == ({}, {})


@pytest.mark.parametrize("after", [None, Stock((1, 2), False)], ids=["deleted", "hidden"])
def test_what_was_deleted_or_hidden_is_gone_until_it_is_about_to_be_shown(path: Path, after: Stock | None) -> None:
    before = time.monotonic()
    ledger = acknowledged(path, ADDED, Write(1, "", "ONE", after))

    assert before <= ledger.gone["ONE"] <= time.monotonic()
    Journal(path).begin(Write(2, "show", "ONE", Stock((1, 2), True)))
    ledger.read()
    assert ledger.gone == {}


def test_half_of_a_line_is_read_once_it_is_whole(path: Path) -> None:
    ledger = acknowledged(path, ADDED)
    with path.open("a") as file:
        file.write('{"begun": {"number": 1, "kind": "delete article", "sku": "ONE", ')
        file.flush()
        ledger.read()
        assert ledger.open == {}
        file.write('"after": null}}\n')

    ledger.read()

    assert ledger.open == {"ONE": Write(1, "delete article", "ONE", None)}
