"""A request's filters are read once, into a value that knows nothing of requests."""

from __future__ import annotations

import ast
import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from catalogue.browsing import filters
from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, apply_filters, parse_filters, read_filters
from catalogue.columns.following import column_table
from catalogue.exceptions import InvalidRequestError
from catalogue.models import Article, Brand, Category, Colour
from tests.factories import stock_small_shop

pytestmark = [pytest.mark.django_db, pytest.mark.database]

EVERYTHING = "category=dress&category=tops&colour=red&brand=nord&price_min=5&price_max=80.50&in_stock=1"


def slugs(rows: Any) -> list[str]:
    return [row.slug for row in rows]


def test_a_form_and_a_json_object_that_say_the_same_are_one_value() -> None:
    stock_small_shop()

    of_form = parse_filters(QueryDict(EVERYTHING + "&other=1&colour="))
    of_json = parse_filters(
        {
            "category": ["tops", "dress"], "colour": "red", "brand": ["nord"], "price_min": 5, "price_max": 80.5,
            "in_stock": True, "other": {},
        }
    )  # fmt: skip

    assert of_form == of_json
    assert hash(of_form) == hash(of_json)
    assert slugs(of_form.categories) == ["tops", "dress"]
    assert (of_form.price_min, of_form.price_max, of_form.in_stock) == (Decimal(5), Decimal("80.5"), True)


def test_filters_are_not_to_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        NO_FILTERS.in_stock = True  # type: ignore[misc]  # what is tested


def test_the_values_of_filters_are_read_back_as_the_same() -> None:
    stock_small_shop()
    chosen = parse_filters(QueryDict(EVERYTHING))

    assert parse_filters(chosen.values()) == chosen
    assert NO_FILTERS.values() == {}
    assert parse_filters({}) == NO_FILTERS == ArticleFilters()


@pytest.mark.parametrize(("text", "in_stock"), [("true", True), ("ON", True), ("0", False), ("off", False)])
def test_yes_and_no_are_read_as_they_are_written(text: str, in_stock: bool) -> None:
    assert parse_filters({"in_stock": text}).in_stock is in_stock


def test_every_field_that_makes_no_sense_is_named_and_the_others_are_kept() -> None:
    stock_small_shop()
    sent = QueryDict("category=none&colour=red&brand=%00&price_min=cheap&price_max=-1&in_stock=perhaps")

    left, errors = read_filters(sent)
    with pytest.raises(InvalidRequestError) as refused:
        parse_filters(sent)

    assert slugs(left.colours) == ["red"]
    assert left == ArticleFilters(colours=left.colours)
    assert set(errors) == {"category", "brand", "price_min", "price_max", "in_stock"}
    assert refused.value.errors == errors


def test_more_values_than_anybody_means_are_not_looked_up() -> None:
    with CaptureQueriesContext(connection) as captured, pytest.raises(InvalidRequestError):
        parse_filters({"colour": [f"c-{number}" for number in range(filters.MAX_VALUES + 1)]})

    assert len(captured) == 0


def test_reading_takes_a_query_a_filter_of_slugs_and_one_for_prices_and_putting_in_force_none(
    django_assert_num_queries: Any,
) -> None:
    stock_small_shop()
    column_table()

    with django_assert_num_queries(4):
        chosen = parse_filters(QueryDict(EVERYTHING))
    with django_assert_num_queries(1):
        found = [article.sku for article in apply_filters(chosen, Article.objects.published())]

    assert found == []
    assert [Category, Colour, Brand] == [type(rows[0]) for rows in (chosen.categories, chosen.colours, chosen.brands)]


def test_the_module_of_filters_knows_no_http() -> None:
    tree = ast.parse(Path(filters.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert not {name for name in imported if name and name.split(".")[:2] == ["django", "http"]}
    assert "rest_framework" not in {str(name).split(".")[0] for name in imported}


@pytest.mark.parametrize("text", ["39.90", "39,90", "39,9", " 39,90 € ", "€39.90"])
def test_a_price_is_read_as_people_write_it(text: str) -> None:
    assert parse_filters({"price_max": text}).price_max == Decimal("39.9")


@pytest.mark.parametrize("text", ["1,299", "1,2,3", "cheap", "39,90,"])
def test_a_price_with_two_readings_or_none_is_refused(text: str) -> None:
    _, errors = read_filters({"price_max": text})

    assert set(errors) == {"price_max"}
