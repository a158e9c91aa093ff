"""Prices and availability in Google Merchant feeds, as feeds write them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.catalogue.feeds.merchant_feeds import item, only, xml


def test_an_article_none_of_whose_variants_is_there_has_their_lowest_price(tmp_path: Path) -> None:
    sold_out = {"item_group_id": "G", "availability": "out of stock"}

    row = only(xml(tmp_path, item(id="1", price="30 EUR", **sold_out) + item(id="2", price="25 EUR", **sold_out)))

    assert row.values == {"stock": 0, "price": Decimal(25), "regular_price": None, "currency": "EUR"}


@pytest.mark.parametrize(
    ("dates", "price"),
    [
        ("2020-01-01T00:00Z/2999-01-01T00:00Z", "10"),
        ("2020-01-01T00:00+0100/2020-02-01T00:00+0100", "20"),
        ("2998-01-01/2999-01-01", "20"),
    ],
)
def test_a_sale_price_counts_within_its_dates(tmp_path: Path, dates: str, price: str) -> None:
    row = only(xml(tmp_path, item(price="20 EUR", sale_price="EUR 10", sale_price_effective_date=dates)))

    assert row.values["price"] == Decimal(price)
    assert row.values["regular_price"] == (Decimal(20) if price == "10" else None)


@pytest.mark.parametrize(
    ("text", "price", "currency"),
    [
        ("1,299.00 USD", "1299", "USD"),
        ("1.299,00 EUR", "1299", "EUR"),
        ("39.90EUR", "39.90", "EUR"),
        ("39.90 eur", "39.90", "EUR"),
        ("EUR39.90", "39.90", "EUR"),
        ("€39.90", "39.90", "EUR"),
        ("39.90 €", "39.90", "EUR"),
        ("39.9000 EUR", "39.90", "EUR"),
        ("1 299,00 EUR", "1299", "EUR"),
        ("$39.90 USD", "39.90", "USD"),
        ("0 EUR", "0", "EUR"),
        ("39.90", "39.90", None),
    ],
)
def test_a_price_is_read_as_feeds_write_it(tmp_path: Path, text: str, price: str, currency: str | None) -> None:
    values = only(xml(tmp_path, item(price=text))).values

    assert (values["price"], values.get("currency")) == (Decimal(price), currency)


@pytest.mark.parametrize("sale", ["0 EUR", "0.00 EUR", "", " EUR"])
def test_a_sale_price_of_nothing_is_none(tmp_path: Path, sale: str) -> None:
    assert only(xml(tmp_path, item(price="10.00 EUR", sale_price=sale))).values["price"] == Decimal(10)


AVAILABLE = ["In Stock", "IN_STOCK", "instock", "in-stock", "pre-order", "preorder", "backorder", "on backorder",
             "available for order", "https://schema.org/InStock", "http://schema.org/PreOrder", "en stock"]  # fmt: skip
GONE = ["out of stock", "OutOfStock", "outofstock", "discontinued", "sold out", "mark_as_sold",
        "http://schema.org/OutOfStock"]  # fmt: skip


@pytest.mark.parametrize(("word", "stock"), [*((word, None) for word in AVAILABLE), *((word, 0) for word in GONE)])
def test_availability_is_read_as_feeds_write_it(tmp_path: Path, word: str, stock: int | None) -> None:
    assert only(xml(tmp_path, item(availability=word))).values == {"stock": stock}
