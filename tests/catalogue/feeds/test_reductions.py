"""A price before a reduction: what each source says of it, and what becomes of it when only the price changes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, CsvReader, Reader, RowError, import_articles, open_source, recognise
from catalogue.messages import english
from catalogue.models import Article
from tests.catalogue.feeds.rows import bring_in, numbers, row
from tests.factories import ArticleFactory


def reader_of(folder: Path, text: str) -> Reader:
    path = folder / "feed.csv"
    path.write_text(text, encoding="utf-8")
    return open_source(path, kind=recognise(path))


def prices(folder: Path, text: str) -> tuple[Decimal | None, Decimal | None]:
    (found,) = reader_of(folder, text)
    assert isinstance(found, ArticleRow)
    return found.values["price"], found.values.get("regular_price", Decimal(-1))


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("id\timage_link\tprice\tsale_price", "a\t\t49.90 EUR\t29.90 EUR"),
        ("Handle,Title,Variant Price,Variant Compare At Price", "a,A,29.90,49.90"),
        ("URL handle,Title,Price,Compare-at price", "a,A,29.90,49.90"),
        ("Type,SKU,Name,Regular price,Sale price", "simple,a,A,49.90,29.90"),
        ("sku,attribute_set_code,product_type,name,price,special_price", "a,x,simple,A,49.90,29.90"),
        ("ID;Name;Reference;Price (tax incl.);Discount amount", "1;A;a;49.90;20"),
        ("ID;Nom;Référence;Prix TTC;Prix final", "1;A;a;49,90 €;29,90 €"),
        ("sku,price,regular_price", "a,29.90,49.90"),
        ("sku,price,regular_price", "a,29.90,49.90 EUR"),
    ],
)
def test_every_source_that_has_a_price_before_a_reduction_gives_it(tmp_path: Path, header: str, line: str) -> None:
    assert prices(tmp_path, f"{header}\n{line}\n") == (Decimal("29.90"), Decimal("49.90"))


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("id\timage_link\tprice\tsale_price", "a\t\t49.90 EUR\t"),
        ("Handle,Title,Variant Price,Variant Compare At Price", "a,A,49.90,"),
        ("Handle,Title,Variant Price,Variant Compare At Price", "a,A,49.90,49.90"),
        ("Handle,Title,Variant Price,Variant Compare At Price", "a,A,49.90,0.00"),
        ("Type,SKU,Name,Regular price,Sale price", "simple,a,A,49.90,"),
        ("sku,attribute_set_code,product_type,name,price,special_price", "a,x,simple,A,49.90,"),
        ("ID;Name;Reference;Price (tax incl.);Discount amount", "1;A;a;49.90;0.00"),
    ],
)
def test_a_source_that_speaks_of_reductions_says_that_there_is_none(tmp_path: Path, header: str, line: str) -> None:
    assert prices(tmp_path, f"{header}\n{line}\n") == (Decimal("49.90"), None)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("id\timage_link\tprice", "a\t\t49.90 EUR"),
        ("Handle,Title,Variant Price", "a,A,49.90"),
        ("Type,SKU,Name,Regular price", "simple,a,A,49.90"),
        ("sku,attribute_set_code,product_type,name,price", "a,x,simple,A,49.90"),
        ("ID;Name;Reference;Price (tax incl.)", "1;A;a;49.90"),
        ("sku,price,regular_price", "a,49.90,"),
    ],
)
def test_a_source_that_does_not_speak_of_reductions_leaves_them(tmp_path: Path, header: str, line: str) -> None:
    assert prices(tmp_path, f"{header}\n{line}\n") == (Decimal("49.90"), Decimal(-1))


@pytest.mark.parametrize(
    ("discount", "price", "regular"),
    [
        ("20;;;", "79.90", "99.90"),
        (";25;;", "74.93", "99.90"),
        (";25 %;2020-01-01;2999-12-31", "74.93", "99.90"),
        ("20;;0000-00-00 00:00:00;0000-00-00 00:00:00", "79.90", "99.90"),
        ("20;;2998-01-01;", "99.90", None),
        ("20;;;2020-01-01", "99.90", None),
        ("120;;;", "99.90", None),
        (";0;;", "99.90", None),
    ],
)
def test_a_discount_of_prestashop_counts_between_its_dates(
    tmp_path: Path, discount: str, price: str, regular: str | None
) -> None:
    header = (
        "ID;Name;Reference;Price (tax incl.);Discount amount;Discount percent;"
        "Discount from (yyyy-mm-dd);Discount to (yyyy-mm-dd)"
    )

    found = prices(tmp_path, f"{header}\n1;A;a;99.90;{discount}\n")

    assert found == (Decimal(price), Decimal(regular) if regular else None)


def test_the_reduction_is_that_of_the_cheapest_variant_that_can_be_bought(tmp_path: Path) -> None:
    text = (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Compare At Price,Variant Inventory Tracker,"
        "Variant Inventory Qty\n"
        "a,A,Size,S,10,90,shopify,0\na,,,M,30,60,shopify,2\na,,,L,40,,shopify,2\n"
    )

    assert prices(tmp_path, text) == (Decimal(30), Decimal(60))


def test_a_regular_price_that_is_lower_is_left_out_and_told(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, "Handle,Title,Variant Price,Variant Compare At Price\na,A,49.90,39.90\n")

    (found,) = reader

    assert isinstance(found, ArticleRow)
    assert (found.values["price"], found.values["regular_price"]) == (Decimal("49.90"), None)
    assert [english(note) for note in reader.notes()] == [
        "Reductions that don’t match the price were ignored (1): 39.90 → 49.90."
    ]


def test_a_regular_price_in_another_currency_is_no_reduction(tmp_path: Path) -> None:
    assert prices(tmp_path, "id\timage_link\tprice\tsale_price\na\t\t49.90 EUR\t29.90 CHF\n") == (
        Decimal("29.90"),
        None,
    )
    (refused,) = CsvReader(write(tmp_path, "sku,price,currency,regular_price\na,5,EUR,9 CHF\n"))
    assert isinstance(refused, RowError)
    assert "The price is in CHF, but the currency is EUR." in english(refused.message)


def write(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("new,49.90,39.90", "regular_price: The regular price 39.90 is not higher than the price 49.90."),
        ("new,49.90,49.90", "regular_price: The regular price 49.90 is not higher than the price 49.90."),
        ("new,,49.90", "regular_price: A regular price only makes sense with a lower price."),
        ("known,,39.90", "regular_price: The regular price 39.90 is not higher than the price 39.90."),
    ],
)
def test_a_row_whose_regular_price_is_not_higher_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    ArticleFactory.create(sku="known", price="39.90")

    *_, last = import_articles(CsvReader(write(tmp_path, f"sku,price,regular_price\n{line}\n")))

    assert english(last.refusals[0].message).startswith(reason)
    assert Article.objects.get().regular_price is None


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(("price", "regular"), [("60.00", Decimal(80)), ("80.00", None), ("85.00", None)])
def test_a_price_that_is_not_below_the_regular_price_ends_the_reduction(price: str, regular: Decimal | None) -> None:
    ArticleFactory.create(sku="D-1", price="50.00", regular_price="80.00")

    progress = bring_in(row(values={"price": Decimal(price)}))

    article = Article.objects.get()
    assert (article.price, article.regular_price) == (Decimal(price), regular)
    # It is told before it happens.
    changes = {name: after for name, _, after in progress.previews[0].changes}
    assert changes == {"price": price, **({} if regular else {"regular_price": ""})}
    assert numbers(bring_in(row(values={"price": Decimal(price)}))) == (0, 0, 1, 0)


@pytest.mark.django_db
def test_another_currency_ends_a_reduction() -> None:
    ArticleFactory.create(sku="D-1", price="50.00", regular_price="80.00", currency="EUR")

    bring_in(row(values={"price": Decimal(50), "currency": "CHF"}))

    assert Article.objects.get().regular_price is None
