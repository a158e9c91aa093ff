"""The column table against the statements that it stands for."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.http import QueryDict

from catalogue.browsing.article_pages import ArticlePages
from catalogue.browsing.filters import ArticleFilters, apply_filters, parse_filters
from catalogue.browsing.listing import ORDERINGS, ListQuery, listed
from catalogue.browsing.offers import published_offer
from catalogue.columns.following import column_table, forget_table
from catalogue.models import Article, Brand, Category, Colour, Variant
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FILTERS = (
    "", "category=top", "category=low&category=other", "colour=red", "colour=red&colour=blue&brand=one", "brand=two",
    "size=M", "size=S&size=M&in_stock=true", "price_min=10.005", "price_max=19.999", "price_min=5&price_max=30",
    "currency=CHF", "currency=CHF&price_min=10", "in_stock=true", "category=middle&colour=blue&price_max=25&size=M",
)  # fmt: skip


@pytest.fixture
def shop() -> None:
    """Forty articles that differ at random in everything, the same at each run."""
    rng = random.Random(7)
    top = CategoryFactory.create(slug="top")
    middle = CategoryFactory.create(slug="middle", parent=top)
    categories = [top, middle, CategoryFactory.create(slug="low", parent=middle), CategoryFactory.create(slug="other")]
    brands = [BrandFactory.create(slug="one"), BrandFactory.create(slug="two")]
    colours = [ColourFactory.create(slug="red"), ColourFactory.create(slug="blue")]
    for _ in range(40):
        article = ArticleFactory.create(
            category=rng.choice([None, *categories]),
            brand=rng.choice([None, *brands]),
            price=rng.choice([None, "10.00", "10.01", "19.99", "20.00", "40.00"]),
            currency=rng.choice(["EUR", "EUR", "CHF", "GBP"]),
            stock=rng.choice([None, 0, 3]),
            published=rng.random() < 0.9,
            colours=rng.sample(colours, rng.randrange(3)),
            sizes=rng.sample(["S", "M"], rng.randrange(3)),
        )
        article.additional_categories.set(rng.sample(categories, rng.choice([0, 0, 1, 2])))
    Variant.objects.filter(pk__in=list(Variant.objects.values_list("pk", flat=True))[::3]).update(stock=0)
    Article.objects.filter(pk__in=Article.objects.order_by("pk").values_list("pk")[:3]).delete()
    Article.objects.filter(price=None, currency="GBP").update(currency="SEK")
    # Two of one moment.
    newest = Article.objects.order_by("-pk")[0]
    Article.objects.filter(pk=newest.pk - 1).update(created=newest.created)
    forget_table()


def filters_of(query: str) -> ArticleFilters:
    return parse_filters(QueryDict(query))


@pytest.mark.usefixtures("shop")
def test_lists_have_the_articles_of_their_statements_in_the_same_order() -> None:
    published, offer = Article.objects.published(), published_offer()

    for query in FILTERS:
        for ordering in ("", *ORDERINGS) if "price" in query or not query else ("",):
            asked = ListQuery(filters=filters_of(query), ordering=ordering)
            pages, rows = ArticlePages(asked, offer), list(listed(asked, published))
            assert pages[0:100] == rows, (query, ordering)
            assert pages.count() == len(rows)
            assert pages[3:5] == rows[3:5]


@pytest.mark.usefixtures("shop")
def test_lists_of_a_category_have_what_is_below_it_and_what_is_listed_there() -> None:
    for category in Category.objects.all():
        for query in ("", "category=low&category=other"):
            asked = ListQuery(filters=filters_of(query))
            rows = listed(asked, Article.objects.published().in_category(category))
            assert ArticlePages(asked, published_offer(category))[0:100] == list(rows), (category.slug, query)


@pytest.mark.usefixtures("shop")
def test_counts_are_those_of_statements() -> None:
    offer = published_offer()
    table, published = offer.table, Article.objects.published()
    CategoryFactory.create(slug="bare")
    numbers = dict(table.vocabularies.categories)

    for query in FILTERS:
        passing = apply_filters(filters_of(query), published)
        mask = table.with_ids(passing.values_list("pk", flat=True))
        assert mask.sum() == passing.count()
        assert table.count_categories(mask, offer.tree) == {
            row.pk: count for row in Category.objects.all() if (count := passing.in_category(row).count())
        }
        assert table.count_brands(mask) == {
            key: count
            for key in (None, *Brand.objects.values_list("pk", flat=True))
            if (count := passing.filter(brand=key).count())
        }
        assert table.count_colours(mask) == {
            row.pk: count for row in Colour.objects.all() if (count := passing.filter(colours=row).count())
        }
        assert table.count_sizes(mask) == {
            size: count for size in ("S", "M") if (count := apply_filters(filters_of(f"size={size}"), passing).count())
        }
        for currency in ("EUR", "CHF", "SEK"):
            prices = [int(row.price * 100) for row in passing.filter(currency=currency) if row.price is not None]
            found = table.price_range(mask & table.priced(currency))
            assert found == ((min(prices), max(prices)) if prices else None)
    # Several threads count at once, and none of them may give numbers.
    assert table.vocabularies.categories == numbers


def test_an_empty_shop_has_an_empty_table() -> None:
    table = column_table()

    assert len(table) == 0
    assert not len(table.newest) and not len(table.by_price("EUR", descending=False))
    assert not table.with_ids([1]).any() and not table.in_categories([1]).any() and not table.in_sizes(["S"]).any()
    assert table.price_range(table.every()) is None and table.currencies == []


def test_the_highest_price_is_exact() -> None:
    ArticleFactory.create(price="99999999.99")

    table = column_table()

    assert table.price_range(table.every()) == (9_999_999_999, 9_999_999_999)
    assert Decimal("99999999.99") == Article.objects.get().price
