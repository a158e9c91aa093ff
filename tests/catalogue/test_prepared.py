"""Statements that are written once answer as the query would each time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from catalogue import prepared
from catalogue.models import Article
from catalogue.prepared import Prepared, Row
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def priced(ids: list[int], sku: str, stock: int) -> QuerySet[Any, Row]:
    found = Article.objects.filter(pk__in=ids, sku__gt=sku, stock__lt=stock)
    return found.order_by("pk").values_list("pk", "sku", "price")


@pytest.mark.parametrize("count", [0, 1, 16, 17, 40])
def test_rows_are_those_of_the_query_however_many_ids_there_are(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(prepared, "MOST_IDS", 32)
    for number in range(40):
        ArticleFactory.create(sku=f"{number:02d}", price=Decimal("19.90"), stock=number % 3)
    ids = list(Article.objects.order_by("-pk").values_list("pk", flat=True)[:count])

    rows = Prepared(priced).rows(ids, "05", 2)

    assert sorted(rows) == list(priced(ids, "05", 2))


def test_a_statement_is_written_once_for_lists_of_about_one_length() -> None:
    written: list[int] = []

    def write(ids: list[int]) -> QuerySet[Any, Row]:
        written.append(len(ids))
        return Article.objects.filter(pk__in=ids).values_list("pk")

    statement = Prepared(write)
    with CaptureQueriesContext(connection) as captured:
        for count in (3, 16, 17, 32, 5):
            statement.rows(list(range(1, count + 1)))

    assert (written, len(captured)) == ([16, 32], 5)


def test_a_query_without_a_list_takes_values_alone() -> None:
    articles = [ArticleFactory.create(sku=sku) for sku in ("A", "B")]

    named = Prepared(lambda sku: Article.objects.filter(sku=sku).values_list("pk"))

    assert [named.rows(None, sku) for sku in ("A", "B", "C")] == [[(articles[0].pk,)], [(articles[1].pk,)], []]


def test_a_list_may_be_of_texts() -> None:
    articles = [ArticleFactory.create(sku=sku) for sku in ("A", "B", "C")]

    listed = Prepared(lambda skus: Article.objects.filter(sku__in=skus).order_by("sku").values_list("pk"))

    assert listed.rows(["A", "C"]) == [(articles[0].pk,), (articles[2].pk,)]


def test_of_rows_that_begin_alike_the_first_alone_is_returned() -> None:
    for sku, stock in (("A", 1), ("B", 1), ("C", 2)):
        ArticleFactory.create(sku=sku, stock=stock)

    by_stock = Prepared(lambda ids: Article.objects.filter(stock__in=ids).order_by("-sku").values_list("stock", "sku"))

    assert by_stock.rows([1, 2], first_of_each=True) == [(2, "C"), (1, "B")]


def test_a_value_that_would_stand_in_two_places_is_refused() -> None:
    twice = Prepared(lambda sku: Article.objects.filter(sku=sku, name=sku).values_list("pk"))

    with pytest.raises(ValueError, match="once"):
        twice.rows(None, "A")
