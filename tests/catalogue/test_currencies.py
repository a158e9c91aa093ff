"""Prices in two currencies are not compared: by no filter, no order of a list, and no range beside the filters."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from catalogue.browsing.currencies import price_currencies
from catalogue.browsing.filters import parse_filters
from tests.catalogue.api.conftest import client_of
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def stock(**prices: str | None) -> None:
    """Make an article of each SKU, priced as in "20 CHF"; without a price for None."""
    for sku, price in prices.items():
        amount, _, currency = (price or " EUR").partition(" ")
        ArticleFactory.create(sku=sku, name=sku, price=amount or None, currency=currency)


@pytest.fixture
def two_currencies() -> None:
    stock(euro_10="10 EUR", franc_11="11 CHF", euro_30="30 EUR", franc_90="90 CHF", yen_3000="3000 JPY", free=None)


def api(client: Client, query: str) -> Any:
    return client.get(f"/api/articles?{query}").json()


def listed(client: Client, query: str) -> list[str]:
    return [article["sku"] for article in api(client, query)["results"]]


@pytest.mark.usefixtures("two_currencies")
@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("price_min=10&price_max=12", ["euro_10"]),
        ("price_min=20", ["euro_30"]),
        ("price_max=12&currency=CHF", ["franc_11"]),
        ("price_min=1000&currency=jpy", ["yen_3000"]),
        ("currency=CHF", ["franc_11", "franc_90"]),
        ("currency=EUR", ["euro_10", "euro_30"]),
        ("currency=", ["euro_10", "euro_30", "franc_11", "franc_90", "free", "yen_3000"]),
    ],
)
def test_a_price_is_compared_with_prices_in_its_currency(client: Client, query: str, skus: list[str]) -> None:
    assert sorted(listed(client, query)) == skus


@pytest.mark.usefixtures("two_currencies")
@pytest.mark.parametrize(
    ("ordering", "skus"),
    [
        ("price", ["euro_10", "euro_30", "franc_11", "franc_90", "yen_3000", "free"]),
        ("-price", ["euro_30", "euro_10", "franc_90", "franc_11", "yen_3000", "free"]),
    ],
)
def test_a_list_by_price_has_the_shops_currency_first_and_then_each_other(
    client: Client, ordering: str, skus: list[str]
) -> None:
    assert listed(client, f"ordering={ordering}") == skus


@pytest.mark.usefixtures("two_currencies")
@pytest.mark.parametrize(
    ("query", "currency", "low", "high"),
    [
        ("", "EUR", "10.00", "30.00"),
        ("currency=CHF", "CHF", "11.00", "90.00"),
        ("price_min=5", "EUR", "10.00", "30.00"),
    ],
)
def test_the_range_of_prices_is_in_one_currency_which_it_names(
    client: Client, query: str, currency: str, low: str, high: str
) -> None:
    facets = api(client, f"facets=true&{query}")["facets"]

    assert (facets["currency"], facets["price_min"], facets["price_max"]) == (currency, low, high)
    assert facets["currencies"] == ["EUR", "CHF", "JPY"]


@pytest.mark.parametrize("code", ["GBP", "EURO", "%E2%82%AC", "1"])
def test_a_currency_without_prices_is_refused(client: Client, code: str) -> None:
    stock(euro="10 EUR")

    response = client.get(f"/api/articles?currency={code}")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"currency"}


def test_a_shop_whose_prices_are_all_in_another_currency_compares_those() -> None:
    stock(cheap="10 CHF", dear="90 CHF")

    assert price_currencies() == ["CHF"]
    assert parse_filters({"price_min": "20"}).price_currency == "CHF"


def test_a_shop_without_prices_has_its_own_currency() -> None:
    assert price_currencies() == ["EUR"]


def test_prices_that_shoppers_do_not_see_bring_no_currency() -> None:
    stock(euro="10 EUR")
    ArticleFactory.create(price="10", currency="CHF", published=False)
    ArticleFactory.create(price="10", currency="GBP").delete()
    ArticleFactory.create(price=None, currency="USD")

    assert price_currencies() == ["EUR"]


def test_the_filters_of_a_search_are_read_back_as_the_same() -> None:
    stock(euro="10 EUR", franc="10 CHF")

    for query in ("currency=CHF", "price_max=5&currency=CHF", "price_max=5"):
        chosen = parse_filters(QueryDict(query))
        assert parse_filters(chosen.values()) == chosen
    assert parse_filters({"price_max": "5"}).price_max == Decimal(5)


def options(page: str) -> list[tuple[str, str]]:
    select = re.search(r'<select id="currency".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="(.*?)"( selected)?>', select.group()) if select else []


@pytest.mark.usefixtures("two_currencies")
def test_a_page_lets_a_shopper_choose_the_currency_and_says_which_prices_are_in(client: Client) -> None:
    page = client.get("/articles/").text
    chosen = client.get("/articles/?currency=CHF&price_min=50").text

    assert options(page) == [("", " selected"), ("CHF", ""), ("JPY", "")]
    assert "€10.00 to €30.00" in page
    assert options(chosen) == [("", ""), ("CHF", " selected"), ("JPY", "")]
    assert "Prices in CHF" in chosen
    assert "From CHF50.00" in chosen
    assert "franc_90" in chosen
    assert "franc_11" not in chosen


def test_a_shop_with_one_currency_is_not_asked_for_it(client: Client) -> None:
    stock(euro="10 EUR")

    assert options(client.get("/articles/").text) == []


def test_staff_list_hidden_articles_in_their_currencies(admin_user: Any) -> None:
    stock(euro="10 EUR")
    for sku, amount, currency in (("h_e10", 10, "EUR"), ("h_c11", 11, "CHF"), ("h_e30", 30, "EUR")):
        ArticleFactory.create(sku=sku, price=amount, currency=currency, published=False)
    staff = client_of(admin_user)

    by_price = staff.get("/api/articles?published=false&ordering=price").json()["results"]
    francs = staff.get("/api/articles?published=false&currency=CHF").json()["results"]

    assert [article["sku"] for article in by_price] == ["h_e10", "h_e30", "h_c11"]
    assert [article["sku"] for article in francs] == ["h_c11"]
