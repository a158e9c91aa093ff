"""The lists of articles: all, a category's, and what words and filters leave."""

from __future__ import annotations

from html import unescape

import pytest

from tests.catalogue.web.conftest import Shopper
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/articles/", "abcd"),
        ("/categories/tops/", "abc"),
        ("/categories/shirt/", "bc"),
        ("/categories/tops/?colour=red", "ac"),
        ("/categories/tops/?brand=claire&colour=blue", "b"),
        ("/categories/dress/?colour=red", ""),
        ("/articles/?category=shirt&category=dress", "bcd"),
        ("/articles/?price_min=30&price_max=80", "bd"),
        ("/articles/?in_stock=true", "bd"),
        ("/articles/?ordering=-price", "dbac"),
        ("/articles/?q=claire+thing", "ba"),
        ("/categories/shirt/?q=claire", "b"),
        ("/articles/?colour=red&brand=&price_min=&price_max=&ordering=newest", "ac"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_list_shows_what_passes_and_counts_it(shopper: Shopper, path: str, expected: str) -> None:
    page = shopper.open(path)

    assert shopper.shown(path) == list(expected)
    assert f"{len(expected)} product{'' if len(expected) == 1 else 's'}</p>" in page


@pytest.mark.usefixtures("shop")
def test_each_filter_in_force_can_be_taken_back_alone_and_all_at_once(shopper: Shopper) -> None:
    response = shopper.response("/articles/?q=thing&colour=red&colour=blue&price_min=5&in_stock=true&page=1")

    panel = response.context["panel"]
    assert [(chip.label, chip.without) for chip in panel.chips] == [
        ("Blue", "?q=thing&colour=red&price_min=5&in_stock=true"),
        ("Red", "?q=thing&colour=blue&price_min=5&in_stock=true"),
        ("From €5.00", "?q=thing&colour=blue&colour=red&in_stock=true"),
        ("In stock", "?q=thing&colour=blue&colour=red&price_min=5"),
    ]
    assert panel.without_filters == "?q=thing"
    assert 'href="?q=thing&amp;colour=blue&amp;price_min=5&amp;in_stock=true"' in response.content.decode()


@pytest.mark.usefixtures("shop")
def test_the_form_offers_what_leads_to_an_article_with_how_many_and_shows_what_is_chosen(shopper: Shopper) -> None:
    path = "/categories/shirt/?q=thing&colour=blue&price_max=40&ordering=price&in_stock=true"

    panel, page = shopper.response(path).context["panel"], shopper.open(path)

    assert [(choice.value, choice.count, choice.chosen) for choice in panel.colours] == [("blue", 1, True)]
    assert [(choice.value, choice.count, choice.chosen) for choice in panel.brands] == [("claire", 1, False)]
    assert (panel.in_stock, panel.price_min, panel.price_max) == (1, 30, 30)
    assert '<input type="checkbox" name="colour" value="blue" checked>' in page
    assert '<span class="count" aria-hidden="true">1</span><span class="hidden">(1 product)</span>' in page
    assert "€30.00" in page and "€30.00 to" not in page
    assert 'value="unused"' not in page
    assert '<option value="price" selected>' in page
    assert 'name="price_max" inputmode="decimal" autocomplete="off" value="40"' in page
    assert '<input type="checkbox" name="in_stock" value="true" checked>' in page
    assert '<input type="hidden" name="q" value="thing">' in page


@pytest.mark.usefixtures("shop")
def test_a_choice_that_leads_to_nothing_stays_in_sight_while_it_is_in_force(shopper: Shopper) -> None:
    panel = shopper.response("/articles/?colour=unused&brand=claire").context["panel"]

    assert [(choice.value, choice.count) for choice in panel.colours] == [("blue", 1), ("red", 1), ("unused", 0)]
    assert [(choice.value, choice.count) for choice in panel.brands] == [("claire", 0)]


@pytest.mark.usefixtures("shop")
def test_the_tree_of_categories_counts_leads_on_and_marks_where_one_is(shopper: Shopper) -> None:
    CategoryFactory.create(slug="empty", name="Empty")

    page = shopper.open("/categories/shirt/")

    assert (
        'href="/categories/tops/" data-narrow data-category="tops">Tops<span class="count" aria-hidden="true">3</span>'
        in page
    )
    assert 'data-category="shirt" aria-current="true">Shirts<span class="count" aria-hidden="true">2</span>' in page
    # The others are counted too, with the filters that are active.
    assert 'href="/categories/tops/?colour=blue" data-narrow data-category="tops">Tops<span class="count" ' in (
        shopper.open("/categories/shirt/?colour=blue")
    )
    assert "/categories/empty/" not in page


@pytest.mark.usefixtures("shop")
def test_the_words_searched_for_stay_in_the_field_and_in_the_links_to_categories(shopper: Shopper) -> None:
    page = shopper.open("/articles/?q=claire+%22%3Cb%3E")

    assert 'value="claire &quot;&lt;b&gt;"' in page
    assert 'href="/articles/?q=claire+%22%3Cb%3E"' in page
    assert "<b>" not in page
    assert 'href="/categories/tops/?q=claire"' in shopper.open("/articles/?q=claire")


def test_long_lists_have_pages_that_keep_the_filters(shopper: Shopper) -> None:
    for number in range(50):
        ArticleFactory.create(sku=f"{number:02}", name="Thing", category=None, brand=None)

    path = "/articles/?q=thing&in_stock=true"
    pages = [shopper.shown(f"{path}&page={number}") for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [24, 24, 2]
    assert sorted(sku for page in pages for sku in page) == [f"{number:02}" for number in range(50)]
    second = unescape(shopper.open(f"{path}&page=2"))
    assert '<a rel="prev" href="?q=thing&in_stock=true&page=1">' in second
    assert '<a rel="next" href="?q=thing&in_stock=true&page=3">' in second
    assert '<span aria-current="page">2</span>' in second


@pytest.mark.parametrize(("number", "shown"), [("0", 1), ("99", 1), ("-3", 1), ("x", 1), ("%00", 1), ("9" * 5000, 1)])
def test_a_page_that_is_not_there_shows_one_that_is(shopper: Shopper, number: str, shown: int) -> None:
    ArticleFactory.create()

    assert len(shopper.shown(f"/articles/?page={number}")) == shown


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("category=nowhere", "Category"),
        ("colour=nowhere", "Colour"),
        ("brand=a%00b", "Brand"),
        ("colour=%ff%fe", "Colour"),
        ("q=a%00b", "Search"),
        ("ordering=sku", "Order"),
        ("price_min=cheap", "Price from"),
        ("price_max=1e400", "Price to"),
        ("price_max=123456789012", "Price to"),
        ("price_min=" + "9" * 5000, "Price from"),
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out_and_said_so(shopper: Shopper, query: str, name: str) -> None:
    ArticleFactory.create(sku="a")

    page = shopper.open(f"/articles/?in_stock=true&{query}")

    assert f"Unknown value ignored: {name}" in page
    assert shopper.shown(f"/articles/?in_stock=true&{query}") == ["a"]


@pytest.mark.parametrize(
    "query", ["q=" + "word+" * 100, "q=%ff", "%00=%00", "&&=&", "in_stock=perhaps", "price_min=1e-400", "q[]=1&q=2"]
)
def test_strange_queries_are_answered(shopper: Shopper, query: str) -> None:
    ArticleFactory.create()

    shopper.open(f"/articles/?{query}")
    shopper.open(f"/fr/articles/?{query}")


def test_an_empty_list_says_what_to_do(shopper: Shopper) -> None:
    ArticleFactory.create(stock=0)
    CategoryFactory.create(slug="bare")

    assert "Reset filters" in shopper.open("/articles/?in_stock=true")
    assert "No products match “absent”. Try fewer or other words." in shopper.open("/articles/?q=absent")
    assert "There are no products yet" in shopper.open("/categories/bare/")


def test_words_that_find_nothing_show_what_is_new_and_no_filters(shopper: Shopper) -> None:
    PhotoFactory.create(article__name="Silk kilt")

    nothing = shopper.open("/articles/?q=absent&in_stock=true")
    filtered = shopper.open("/articles/?q=kilt&price_min=1000000")

    assert "No products match “absent”." in nothing and "Silk kilt" in nothing
    assert '<div class="list-side" hidden>' in nothing and "data-sheet-open" not in nothing
    assert "Reset filters" in filtered and "Just in" not in filtered and "data-sheet-open" in filtered


def test_a_range_of_one_price_is_told_as_one(shopper: Shopper) -> None:
    ArticleFactory.create(price="119.00")

    assert "€119.00 to" not in shopper.open("/articles/")

    ArticleFactory.create(price="19.00")
    assert "€19.00 to €119.00" in shopper.open("/articles/")


def test_a_category_that_is_not_there_is_not_found(shopper: Shopper) -> None:
    shopper.open("/categories/nowhere/", status=404)
