"""Sizes with their own numbers and stock: read from feeds, shown, filtered by, found, edited, exported."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import apply_filters, parse_filters
from catalogue.browsing.offers import published_offer
from catalogue.browsing.sizes import size_key
from catalogue.exceptions import InvalidRequestError
from catalogue.feeds import import_articles, open_source, recognise
from catalogue.messages import english
from catalogue.models import Article, Variant, replace_variants
from tests.catalogue.api.conftest import client_of, send
from tests.factories import ArticleFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SHOPIFY = (
    "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Barcode,Variant Price,"
    "Variant Inventory Tracker,Variant Inventory Qty\n"
)


@pytest.fixture
def staff(admin_user: Any) -> Client:
    return client_of(admin_user)


def bring_in(folder: Path, text: str) -> list[str]:
    """Import a file; return why rows were refused, and what of it was not used."""
    path = folder / "feed.csv"
    path.write_text(text, encoding="utf-8")
    reader = open_source(path, kind=recognise(path))
    refused = [english(row.message) for progress in import_articles(reader) for row in progress.refusals]
    return refused + [english(note) for note in reader.notes() if note.code != "feed.unused_columns"]


def stored(sku: str) -> list[tuple[str, str, str, str, int | None]]:
    """Return size, colour, SKU, barcode and stock of each variant of an article."""
    rows = Variant.objects.filter(article__sku=sku).select_related("colour")
    return [(row.size, row.colour.name if row.colour else "", row.sku, row.barcode, row.stock) for row in rows]


def sized(sizes: dict[str, int | None], **values: Any) -> Article:
    """Make an article with these sizes and their stock."""
    article = ArticleFactory.create(sizes=list(sizes), **values)
    for variant in article.variants.all():
        variant.stock = sizes[variant.size]
        variant.save()
    article.save()
    return article


@pytest.mark.parametrize(
    "text",
    [
        SHOPIFY
        + "d,Dress,Size,S,Color,Red,d-s,4006381333931,20,shopify,3\nd,,,M,,Red,d-m,4006381333948,20,shopify,0\n",
        "id\titem_group_id\timage_link\ttitle\tsize\tcolor\tgtin\tquantity_to_sell_on_facebook\n"
        "d-s\td\t\tDress\tS\tRed\t4006381333931\t3\nd-m\td\t\tDress\tM\tRed\t4006381333948\t0\n",
        'Type,SKU,Name,Published,Stock,Parent,"GTIN, UPC, EAN, or ISBN",Attribute 1 name,Attribute 1 value(s),'
        "Attribute 2 name,Attribute 2 value(s),Regular price\n"
        'variable,d,Dress,1,,,,Size,"S, M",Color,Red,\n'
        "variation,d-s,Dress,1,3,d,4006381333931,Size,S,Color,Red,20\n"
        "variation,d-m,Dress,1,0,d,4006381333948,Size,M,Color,Red,20\n",
        "sku,attribute_set_code,product_type,name,qty,gtin,additional_attributes,configurable_variations\n"
        'd-s,x,simple,S,3,4006381333931,"size=S,color=Red",\nd-m,x,simple,M,0,4006381333948,"size=M,color=Red",\n'
        'd,x,configurable,Dress,,,,"sku=d-s,size=S|sku=d-m,size=M"\n',
        "sku,name,colour,variant_size,variant_colour,variant_sku,variant_barcode,variant_stock\n"
        "d,Dress,Red,S|M,Red|Red,d-s|d-m,4006381333931|4006381333948,3|0\n",
    ],
    ids=["shopify", "google", "woocommerce", "magento", "csv"],
)
def test_each_size_has_its_number_barcode_and_stock(tmp_path: Path, text: str) -> None:
    assert bring_in(tmp_path, text) == []

    article = Article.objects.get()
    assert (article.sku, article.sizes, article.stock) == ("d", ["S", "M"], 3)
    assert stored("d") == [("S", "Red", "d-s", "4006381333931", 3), ("M", "Red", "d-m", "4006381333948", 0)]
    kept = list(Variant.objects.values_list("pk", flat=True))
    # Nothing differs the second time.
    bring_in(tmp_path, text)
    assert list(Variant.objects.values_list("pk", flat=True)) == kept


def test_a_product_of_one_way_has_a_variant_for_its_barcode_alone(tmp_path: Path) -> None:
    bring_in(
        tmp_path,
        "ID;Name;Reference;Price (tax incl.);EAN-13;Quantity\n1;Hat;hat;9.90;4006381333931;5\n2;Cap;cap;9.90;;5\n",
    )

    assert stored("hat") == [("", "", "", "4006381333931", None)]
    assert stored("cap") == []
    assert Article.objects.get(sku="hat").stock == 5


def test_a_file_without_stock_leaves_that_of_the_sizes(tmp_path: Path) -> None:
    bring_in(tmp_path, SHOPIFY + "d,Dress,Size,S,,,d-s,,20,shopify,3\nd,,,M,,,d-m,,20,shopify,1\n")

    bring_in(
        tmp_path,
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Barcode,Variant Price\n"
        "d,Dress,Size,S,d-s,4006381333931,25\nd,,,L,d-m,,25\n",
    )

    # The variant that is called otherwise by now is recognised by its SKU.
    assert stored("d") == [("S", "", "d-s", "4006381333931", 3), ("L", "", "d-m", "", 1)]
    assert (Article.objects.get().sizes, Article.objects.get().stock) == (["S", "L"], 4)


def test_a_bad_barcode_costs_no_article_and_is_told(tmp_path: Path) -> None:
    told = bring_in(tmp_path, SHOPIFY + "d,Dress,Size,S,,,d-s,n/a,20,shopify,3\n")

    assert told == ["Invalid barcodes were ignored (1): 2: n/a."]
    assert stored("d") == [("S", "", "d-s", "", 3)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("S|M,3", "variant_stock: It has 1 value; the column it goes with has 2."),
        ("S,many", "variant_stock: “many” is not a stock quantity."),
        ("|".join("S" * 1001) + ",", "variant_size: There are 1,001 variants; the limit is 1,000."),
    ],
)
def test_variants_that_cannot_be_read_are_refused(tmp_path: Path, cells: str, reason: str) -> None:
    assert bring_in(tmp_path, f"sku,variant_size,variant_stock\nd,{cells}\n")[0].startswith(reason)


def test_the_stock_of_an_article_is_not_written_past_its_sizes(tmp_path: Path) -> None:
    sized({"S": 3, "M": 1}, sku="d")

    (reason,) = bring_in(tmp_path, "sku,stock\nd,9\n")
    unchanged = bring_in(tmp_path, "sku,stock\nd,4\n")

    assert reason.startswith("stock: The stock of this product is counted by size (4 in all).")
    assert (unchanged, Article.objects.get().stock) == ([], 4)


def test_a_clear_cell_takes_the_numbers_away_and_an_empty_one_does_not(tmp_path: Path) -> None:
    bring_in(tmp_path, "sku,size,variant_size,variant_sku,variant_stock\nd,S|M,S|M,d-s|d-m,3|1\n")

    bring_in(tmp_path, "sku,variant_size,variant_sku,variant_stock\nd,S|M,[clear],|\n")
    assert stored("d") == [("S", "", "", "", 3), ("M", "", "", "", 1)]

    bring_in(tmp_path, "sku,variant_size\nd,[clear]\n")
    assert stored("d") == [("S", "", "", "", None), ("M", "", "", "", None)]


def test_what_is_exported_and_imported_into_an_empty_shop_has_the_same_variants(tmp_path: Path) -> None:
    red = ColourFactory.create(name="Red | dark")
    article = sized({"S|": 3, "=M": 0, "L": None}, sku="d", colours=[red])
    article.variants.filter(size="L").update(sku="+1", barcode="4006381333931", colour=red)
    sized({"36": None}, sku="plain")
    before = {sku: stored(sku) for sku in ("d", "plain")}
    stocks = dict(Article.objects.values_list("sku", "stock"))
    file = str(tmp_path / "shop.csv")

    call_command("export_catalogue", file, verbosity=0)
    Article.all_objects.all().purge()
    call_command("import_catalogue", file, verbosity=0)

    assert {sku: stored(sku) for sku in ("d", "plain")} == before
    assert dict(Article.objects.values_list("sku", "stock")) == stocks


def test_a_sold_out_size_is_shown_as_such(client: Client) -> None:
    page = client.get(sized({"S": 3, "M": 0}).get_absolute_url()).text

    assert "<li>S</li>" in page
    assert re.search(r'<li class="sold-out"><s>M</s>\s*<span class="hidden">sold out</span></li>', page)


def test_sizes_that_are_not_counted_are_sold_out_with_their_article(client: Client) -> None:
    assert 'class="sold-out"' not in client.get(sized({"S": None}).get_absolute_url()).text
    assert 'class="sold-out"' in client.get(sized({"S": None}, stock=0).get_absolute_url()).text


def test_the_filter_by_size_counts_a_size_that_is_in_stock(client: Client) -> None:
    sized({"S": 3, "M": 0}, name="First")
    sized({"S": 0, "M": 1}, name="Second")
    sized({"S": None}, name="Third")
    sized({"S": None}, name="Fourth", stock=0)

    def found(query: str) -> set[str]:
        filters = parse_filters(QueryDict(query))
        return {article.name for article in apply_filters(filters, Article.objects.published())}

    facets = count_facets(parse_filters(QueryDict("size=M")), published_offer())
    assert found("size=S") == {"First", "Third"}
    assert found("size=S&size=M") == {"First", "Second", "Third"}
    assert [(one.size, one.count) for one in facets.sizes] == [("S", 2), ("M", 1)]
    page = client.get("/articles/?size=M").text
    assert "Size M" in page
    assert '<input type="checkbox" name="size" value="M" checked>' in page
    with pytest.raises(InvalidRequestError):
        found("size=XXL")
    assert client.get("/articles/?size=XXL").status_code == 200


def test_sizes_are_in_the_order_that_people_expect() -> None:
    sizes = ["XS", "S", "M", "L", "XL", "XXL", "3XL", "36", "38,5", "100", "One size", "Unique"]

    assert sorted(set(sizes), key=size_key) == sizes


@pytest.mark.parametrize("number", ["D-S 1", "d-s 1", "4006381333931"])
def test_a_number_of_a_size_finds_its_article_everywhere(client: Client, admin_client: Client, number: str) -> None:
    article = sized({"S": 3}, name="Linen dress")
    replace_variants(article, [Variant(size="S", stock=3, sku="D-S 1", barcode="4006381333931")])
    ArticleFactory.create(name="Other")

    page = client.get("/articles/", {"q": number})
    answer = client.get("/api/articles", {"q": number}).json()
    admin = admin_client.get(reverse("admin:catalogue_article_changelist"), {"q": f'"{number}"'})

    assert [found.pk for found in page.context["page"].object_list] == [article.pk]
    assert [found["id"] for found in answer["results"]] == [article.pk]
    assert [found.pk for found in admin.context["cl"].result_list] == [article.pk]
    # The beginning of a barcode is no number of anything.
    assert client.get("/api/articles", {"q": "400638133393"}).json()["count"] == 0


def test_apps_read_and_write_variants(staff: Client, client: Client) -> None:
    navy = ColourFactory.create(slug="navy")
    sent = {
        "sku": "d", "name": "Dress",
        "variants": [
            {"size": "S", "sku": "d-s", "barcode": "4006381333931", "stock": 2, "colour": "navy"},
            {"size": "M", "stock": 0},
        ],
    }  # fmt: skip

    added = send(staff, "post", "/api/articles", sent).json()
    read = client.get(f"/api/articles/{added['id']}").json()

    assert read["sizes"] == ["S", "M"]
    assert read["variants"] == [
        {"size": "S", "colour": "navy", "sku": "d-s", "barcode": "4006381333931", "in_stock": True},
        {"size": "M", "colour": None, "sku": "", "barcode": "", "in_stock": False},
    ]
    assert (added["written"]["stock"], added["written"]["variants"][0]["stock"]) == (2, 2)
    assert Variant.objects.get(sku="d-s").colour == navy
    # Today's clients write sizes alone: what is known of those that stay is kept.
    changed = send(staff, "patch", f"/api/articles/{added['id']}", {"sizes": ["S", "L"]}).json()
    assert [(row["size"], row["sku"], row["stock"]) for row in changed["written"]["variants"]] == [
        ("S", "d-s", 2), ("L", "", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stock": 9}, "stock"),
        ({"variants": [{"size": "S"}], "sizes": ["M"]}, "sizes"),
        ({"variants": [{"size": "S", "stock": -1}]}, "variants"),
        ({"variants": [{"size": "S", "barcode": "4006 381"}]}, "variants"),
        ({"variants": [{"size": "S", "colour": "nowhere"}]}, "variants"),
        ({"variants": [{"size": "S"}] * 501}, "variants"),
        ({"variants": "S"}, "variants"),
    ],
)
def test_variants_that_do_not_fit_are_refused_and_nothing_changes(
    staff: Client, values: dict[str, Any], field: str
) -> None:
    article = sized({"S": 3}, sku="d")

    response = send(staff, "patch", f"/api/articles/{article.pk}", values)

    assert response.status_code == 400
    assert any(name.startswith(field) for name in response.json()["errors"])
    assert stored("d") == [("S", "", "", "", 3)]


def test_an_article_takes_as_many_queries_with_many_sizes_as_with_few(client: Client) -> None:
    colours = ColourFactory.create_batch(3)

    def queries(number: int) -> int:
        article = ArticleFactory.create(sizes=[str(size) for size in range(number)])
        for variant in article.variants.all():
            variant.colour = colours[variant.position % 3]
            variant.save()
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/api/articles/{article.pk}")
            client.get(article.get_absolute_url())
        return len(captured)

    queries(1)
    assert queries(2) == queries(30)


def form_of(article: Article, **more: Any) -> dict[str, Any]:
    """Return what the form of an article sends."""
    rows = list(article.variants.all())
    sent: dict[str, Any] = {
        "sku": article.sku, "name": article.name, "slug": article.slug, "currency": "EUR", "price": "9.90",
        "stock": "" if article.stock is None else article.stock, "sizes": ", ".join(article.sizes), "published": "on",
        "photos-TOTAL_FORMS": 0, "photos-INITIAL_FORMS": 0,
        "variants-TOTAL_FORMS": len(rows), "variants-INITIAL_FORMS": len(rows),
    }  # fmt: skip
    for number, row in enumerate(rows):
        for name in ("size", "sku", "barcode", "stock"):
            value = getattr(row, name)
            sent[f"variants-{number}-{name}"] = "" if value is None else value
        sent[f"variants-{number}-id"], sent[f"variants-{number}-article"] = row.pk, article.pk
    return sent | more


def test_staff_count_each_size_in_the_form_and_the_article_follows(admin_client: Client) -> None:
    article = ArticleFactory.create(sku="d", sizes=["S", "M"], stock=9)
    address = reverse("admin:catalogue_article_change", args=[article.pk])

    saved = admin_client.post(
        address, form_of(article, **{"variants-0-stock": "2", "variants-0-sku": "d-s", "variants-1-stock": "1"})
    )

    assert saved.status_code == 302
    article.refresh_from_db()
    assert (article.stock, stored("d")) == (3, [("S", "", "d-s", "", 2), ("M", "", "", "", 1)])
    # The sum is not edited by itself, in the form nor in the list.
    assert re.search(r'name="stock"[^>]* disabled', admin_client.get(address).text)
    assert re.search(
        r'name="form-0-stock"[^>]* disabled', admin_client.get(reverse("admin:catalogue_article_changelist")).text
    )
    # A size that is taken out of the text is gone with its row, also where that was changed; another begins sold out.
    admin_client.post(address, form_of(article, sizes="M, L", **{"variants-0-stock": "5"}))
    article.refresh_from_db()
    assert (article.stock, stored("d")) == (1, [("M", "", "", "", 1), ("L", "", "", "", 0)])
    # A row that is deleted is gone from the sizes.
    admin_client.post(address, form_of(article, **{"variants-1-DELETE": "on"}))
    article.refresh_from_db()
    assert article.sizes == ["M"]
