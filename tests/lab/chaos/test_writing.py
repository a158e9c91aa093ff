from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalogue.models import Article
from lab.chaos import rows, verdict
from lab.chaos.journal import Journal, Ledger, Stock, Write
from lab.chaos.writing import KINDS, carry_out, choose, described, in_rows, settle
from visualsearch.services.indexing import embedding

pytestmark = pytest.mark.django_db

WRITES = 90


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "journal")


def write_all(journal: Journal, ledger: Ledger, count: int) -> None:
    rng = random.Random(1)
    for number in range(count):
        write = choose(rng, number, ledger.stock)
        journal.begin(write)
        carry_out(write, ledger.stock.get(write.sku))
        journal.acknowledge(write)
        ledger.read()


def cut_short(journal: Journal, ledger: Ledger) -> Write:
    """Begin the deletion of the article's first photo of two."""
    added = Write(0, "add", "ONE", Stock((1, 2), True))
    journal.begin(added)
    carry_out(added, None)
    journal.acknowledge(added)
    write = Write(1, "delete photo", "ONE", Stock((2,), True))
    journal.begin(write)
    ledger.read()
    return write


def test_rows_follow_every_kind_of_write(journal: Journal, ledger: Ledger) -> None:
    write_all(journal, ledger, WRITES)

    assert set(ledger.acknowledged) == set(KINDS)
    assert {sku: in_rows(sku) for sku in ledger.stock} == {sku: described(stock) for sku, stock in ledger.stock.items()}


def test_rows_files_and_vectors_other_than_acknowledged_are_violations(journal: Journal, ledger: Ledger) -> None:
    write_all(journal, ledger, 12)
    embedding.embed_photos(embedding.waiting_ids(limit=100))
    assert verdict.differences(rows.described(), ledger) == []

    first, second, third, fourth = Article.objects.filter(published=True, photos__isnull=False).distinct()[:4]
    first.delete()
    Article.objects.filter(pk=second.pk).update(published=False)
    Path(third.photos.all()[0].file.path).unlink()
    fourth.photos.all()[0].embeddings.all().delete()
    Article.objects.create(sku="NOBODY", name="nobody's")
    ledger.stock["NOBODY"] = None

    told = verdict.differences(rows.described(), ledger)

    assert len(told) == 5
    for text in (
        f"{first.sku} is lost",
        f"{second.sku} is not as it was acknowledged",
        f"{third.sku}: its files are not of its photos",
        f"{fourth.sku}: its vectors are not of its photos",
        "NOBODY is there, and was deleted",
    ):
        assert any(one.startswith(text) for one in told), (text, told)


@pytest.mark.parametrize("happened", [True, False])
def test_a_writer_finds_out_what_became_of_a_write_that_was_cut_short(
    journal: Journal, ledger: Ledger, happened: bool
) -> None:
    write = cut_short(journal, ledger)
    if happened:
        carry_out(write, ledger.stock["ONE"])

    settle(ledger, journal)
    ledger.read()

    assert ledger.stock["ONE"] == (write.after if happened else Stock((1, 2), True))
    assert ledger.open == {}


def test_half_a_write_is_reported(journal: Journal, ledger: Ledger) -> None:
    cut_short(journal, ledger)
    Article.objects.get(sku="ONE").photos.all().delete()

    with pytest.raises(RuntimeError, match="neither as before nor as after write 1"):
        settle(ledger, journal)
