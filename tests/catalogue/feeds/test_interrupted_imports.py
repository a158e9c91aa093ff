"""An import is read on where it stopped, tried without effect, and noted in the transaction that writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogue.feeds import Progress, RowError, import_articles
from catalogue.messages import Message
from catalogue.models import Article, Brand, Category, Photo
from tests.catalogue.feeds.rows import Rows, bring_in, numbers, row
from tests.catalogue.stores import files
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class GivenUpError(Exception):
    """Whoever keeps the record wants no more."""


def test_an_import_goes_on_after_the_rows_of_an_earlier_one() -> None:
    rows = Rows(*(row(sku, values={"name": sku}) for sku in ("1", "2", "3", "4")))
    readings = import_articles(rows, batch_size=2)
    next(readings)
    stopped = next(readings)
    Article.objects.filter(sku="1").delete()

    *_, last = import_articles(rows, batch_size=2, since=stopped)

    assert (last.total, numbers(last)) == (4, (4, 0, 0, 0))
    assert sorted(Article.objects.values_list("sku", flat=True)) == ["2", "3", "4"]


def test_a_number_that_an_earlier_run_read_is_refused_when_it_comes_again() -> None:
    *_, last = import_articles(Rows(row("1"), row("2"), row("1")), since=Progress(total=3, created=2))

    assert [refusal.sku for refusal in last.refusals] == ["1"]


def test_a_dry_run_says_what_the_import_then_does_and_leaves_no_trace(draw: Any, announced: list[list[int]]) -> None:
    ArticleFactory.create(sku="old", price="1.00")
    ArticleFactory.create(sku="same", name="same", price="2.00")
    rows = (
        row("new", values={"name": "new"}, category=("Women", "Dresses"), brand="Anna", photos=(draw("a.png"),)),
        row("old", values={"price": Decimal("3.00")}),
        row("same", values={"price": Decimal("2.00")}),
        row("SAME"),
        RowError("9", "", Message.of("text", text="it is bad")),
    )
    before = (list(Article.objects.values()), Category.objects.count(), Brand.objects.count(), files("photos"))

    tried = bring_in(*rows, dry=True, batch_size=1)

    assert before == (list(Article.objects.values()), Category.objects.count(), Brand.objects.count(), files("photos"))
    assert not Photo.objects.exists()
    assert announced == []
    assert numbers(tried) == numbers(bring_in(*rows, batch_size=1)) == (1, 1, 1, 2)


def test_what_is_recorded_is_written_with_its_batch_or_not_at_all(draw: Any) -> None:
    told: list[Progress] = []

    def record(progress: Progress) -> None:
        told.append(progress)
        if progress.done > 2:
            raise GivenUpError

    readings = import_articles(
        Rows(row("1"), RowError("2", "", Message.of("text", text="bad")), row("3", photos=(draw("a.png"),))),
        batch_size=2,
        record=record,
    )

    with pytest.raises(GivenUpError):
        list(readings)

    assert [(numbers(progress), len(progress.refusals)) for progress in told] == [((1, 0, 0, 1), 1), ((2, 0, 0, 1), 0)]
    assert list(Article.objects.values_list("sku", flat=True)) == ["1"]
    assert files("photos") == set()
