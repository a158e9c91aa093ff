"""The column table follows what is committed: each kind of change, late commits, statements past the models."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.query import QuerySet
from django.test import Client

from catalogue.columns import following
from catalogue.columns.following import Follower, column_table, photo_column
from catalogue.columns.reading import read_rows
from catalogue.columns.rows import Vocabularies
from catalogue.columns.table import ColumnTable
from catalogue.models import Article, ChangeSet, Edit, Photo, Variant, replace_variants
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def contents(table: ColumnTable) -> dict[int, tuple[Any, ...]]:
    """Return what a table has of each article, by values instead of codes."""
    rows, vocabularies = table.rows, table.vocabularies
    categories, brands, currencies = (
        list(vocabularies.categories),
        list(vocabularies.brands),
        list(vocabularies.currencies),
    )
    found: dict[int, tuple[Any, ...]] = {}
    for place, pk in enumerate(rows.ids.tolist()):
        several = [
            sorted(str(list(vocabulary)[code]) for code in pairs.codes[pairs.ids == pk])
            for pairs, vocabulary in (
                (rows.colours, vocabularies.colours),
                (rows.listed, vocabularies.categories),
                (rows.sizes, vocabularies.sizes),
            )
        ]
        found[pk] = (
            categories[rows.categories[place]],
            brands[rows.brands[place]],
            rows.prices[place],
            currencies[rows.currencies[place]],
            rows.available[place],
            rows.created[place],
            *several,
        )
    return found


def read_anew() -> dict[int, tuple[Any, ...]]:
    vocabularies = Vocabularies()
    return contents(ColumnTable(read_rows(vocabularies), vocabularies))


CHANGES: dict[str, Callable[[Article], Any]] = {
    "price": lambda article: _saved(article, price="12.50"),
    "category and brand": lambda article: _saved(
        article, category=CategoryFactory.create(), brand=BrandFactory.create()
    ),
    "bulk update": lambda article: Article.objects.filter(pk__gte=article.pk).update(stock=0, currency="CHF"),
    "hidden": lambda article: Article.objects.filter(pk=article.pk).update(published=False),
    "colours": lambda article: article.colours.set([ColourFactory.create()]),
    "listed elsewhere": lambda article: article.additional_categories.add(CategoryFactory.create()),
    "sizes": lambda article: _saved(article, sizes=["S", "XXL"]),
    "stock of a size": lambda article: replace_variants(article, [Variant(size="S", stock=0), Variant(size="M")]),
    "into the bin": lambda article: article.delete(),
    "for good": lambda article: Article.all_objects.filter(pk=article.pk).purge(),
    "a new one": lambda article: ArticleFactory.create(sizes=["L"], colours=[ColourFactory.create()]),
    "many new ones": lambda article: Article.objects.bulk_create(
        Article(sku=f"bulk{number}", name="x", slug="x") for number in range(3)
    ),
}  # fmt: skip


def _saved(article: Article, **values: Any) -> None:
    for name, value in values.items():
        setattr(article, name, value)
    article.save()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_is_in_the_next_table(change: Callable[[Article], Any]) -> None:
    article = ArticleFactory.create(sizes=["S", "M"], colours=[ColourFactory.create()])
    ArticleFactory.create()
    before = column_table()
    was = contents(before)

    change(article)

    after = column_table()
    assert contents(after) == read_anew() != was
    assert contents(before) == was


def test_an_article_that_is_restored_is_back() -> None:
    article = ArticleFactory.create()
    column_table()
    article.delete()
    assert len(column_table()) == 0

    Article.all_objects.filter(pk=article.pk).restore()

    assert column_table().ids.tolist() == [article.pk]


def test_what_does_not_change_costs_one_statement(django_assert_num_queries: Any) -> None:
    ArticleFactory.create()
    first = column_table()

    with django_assert_num_queries(1):
        assert column_table() is first


def test_a_photo_is_no_change_of_the_table() -> None:
    article = ArticleFactory.create()
    first = column_table()

    PhotoFactory.create(article=article)

    assert column_table() is first


def photos_as_followed() -> dict[int, int]:
    column_table()
    column = photo_column()
    return dict(zip(column.ids.tolist(), column.articles.tolist(), strict=True))


# Photos that go with their article, or for good, may stay: their article is in no table, or their vectors are gone.
PHOTO_CHANGES: dict[str, Callable[[Photo, Article], Any]] = {
    "a new one": lambda photo, other: PhotoFactory.create(article=other),
    "moved to another article": lambda photo, other: Photo.objects.filter(pk=photo.pk).update(article=other),
    "into the bin": lambda photo, other: photo.delete(),
    "back from the bin": lambda photo, other: (
        photo.delete(),
        photos_as_followed(),
        Photo.all_objects.filter(pk=photo.pk).restore(),
    ),
}


@pytest.mark.parametrize("change", PHOTO_CHANGES.values(), ids=PHOTO_CHANGES)
def test_whose_a_photo_is_follows_each_change(change: Callable[[Photo, Article], Any]) -> None:
    photo, other = PhotoFactory.create(), PhotoFactory.create()
    assert photos_as_followed() == {photo.pk: photo.article_id, other.pk: other.article_id}

    change(photo, other.article)

    assert photos_as_followed() == dict(Photo.objects.values_list("pk", "article_id"))


def test_whose_a_photo_is_costs_nothing_where_nothing_changed(django_assert_num_queries: Any) -> None:
    PhotoFactory.create()
    column_table()
    first = photo_column()

    with django_assert_num_queries(0):
        assert photo_column() is first


def test_an_edit_of_a_photo_that_is_committed_late_is_followed() -> None:
    photo, other = PhotoFactory.create(), ArticleFactory.create()
    photos_as_followed()
    start = Edit.objects.latest("pk").pk
    edit(start + 2, other)
    assert photos_as_followed() == {photo.pk: photo.article_id}

    QuerySet(Photo).filter(pk=photo.pk).update(article=other)
    edit(start + 1, photo)

    assert photos_as_followed() == {photo.pk: other.pk}


def test_photos_of_a_large_shop_are_read_anew_with_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, other, follower = PhotoFactory.create(), ArticleFactory.create(), Follower()
    follower.table()
    follower.photos()
    QuerySet(Photo).filter(pk=photo.pk).update(article=other)

    # What a thread does beside the requests.
    follower._reread_beside()

    assert follower.photos().articles.tolist() == [other.pk]


def edit(number: int, row: Article | Photo) -> None:
    change_set = ChangeSet.objects.create(how="command")
    Edit.objects.create(
        pk=number, change_set=change_set, kind=row.KIND, row_id=row.pk, name="x", did="changed", fields={}
    )


def changed_past_models(article: Article, **values: Any) -> None:
    QuerySet(Article).filter(pk=article.pk).update(**values)


@pytest.mark.parametrize("passed_over_at", ["the first reading", "a later one"])
def test_an_edit_whose_number_was_given_earlier_is_read_when_it_is_committed(passed_over_at: str) -> None:
    article = ArticleFactory.create(price="10.00")
    start = Edit.objects.latest("pk").pk
    if passed_over_at == "a later one":
        column_table()
    for number in (start + 2, start + 5):
        edit(number, article)
        column_table()

    # The statements of a transaction that began earlier.
    changed_past_models(article, price="20.00")
    edit(start + 3, article)

    assert column_table().rows.prices.tolist() == [20_00]
    changed_past_models(article, price="30.00")
    edit(start + 4, article)
    assert column_table().rows.prices.tolist() == [30_00]


def test_more_passed_over_than_is_remembered_has_all_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RANGES_AT_MOST", 2)
    monkeypatch.setattr(following, "REREAD_SHARE", 1e9)
    article = ArticleFactory.create(price="10.00")
    column_table()
    start = Edit.objects.latest("pk").pk
    changed_past_models(article, price="20.00")

    for step in range(1, 4):
        edit(start + 2 * step, ArticleFactory.build(pk=0))

    assert column_table().rows.prices.tolist() == [20_00]


def test_a_restored_database_is_recognised() -> None:
    article = ArticleFactory.create(price="10.00")
    column_table()

    # The same number, of another change.
    last = Edit.objects.latest("pk")
    other = ChangeSet.objects.create(how="command", pk=uuid4())
    Edit.objects.filter(pk=last.pk).update(change_set=other)
    changed_past_models(article, price="20.00")

    assert column_table().rows.prices.tolist() == [20_00]


def test_forgotten_history_has_all_read_anew() -> None:
    article = ArticleFactory.create(price="10.00")
    column_table()

    Edit.objects.all().delete()
    changed_past_models(article, price="20.00")

    assert column_table().rows.prices.tolist() == [20_00]


def test_a_change_that_is_rolled_back_does_not_stay() -> None:
    article = ArticleFactory.create(price="10.00")
    column_table()

    with transaction.atomic():
        Article.objects.filter(pk=article.pk).update(price="20.00")
        assert column_table().rows.prices.tolist() == [20_00]
        transaction.set_rollback(True)

    assert column_table().rows.prices.tolist() == [10_00]


def test_statements_past_the_models_show_nothing_hidden_and_are_counted_soon(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, dear, shown = (ArticleFactory.create(name=name, price="10.00") for name in ("Hidden", "Dear", "Shown"))
    column_table()
    changed_past_models(hidden, published=False)
    changed_past_models(dear, price="99.00")

    late = client.get("/api/articles?price_max=50").json()

    # The count is as of the table; what is shown is decided by its row.
    assert late["count"] == 3 and [article["id"] for article in late["results"]] == [shown.pk]
    monkeypatch.setattr(following, "REREAD_SHARE", 1e9)
    assert client.get("/api/articles?price_max=50").json()["count"] == 1


def test_statements_past_the_models_are_seen_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    article = ArticleFactory.create(price="10.00")
    column_table()
    changed_past_models(article, price="20.00")
    assert column_table().rows.prices.tolist() == [10_00]

    monkeypatch.setattr(following, "REREAD_EVERY_S", 0.0)
    monkeypatch.setattr(following, "REREAD_SHARE", 1e9)

    assert column_table().rows.prices.tolist() == [20_00]


def test_a_name_that_another_process_changes_is_read_anew(client: Client) -> None:
    brand = BrandFactory.create(name="Before", slug="it")
    ArticleFactory.create(brand=brand)
    client.get("/api/articles?facets=true")
    QuerySet(type(brand)).update(name="After")
    Edit.objects.create(
        change_set=ChangeSet.objects.create(how="command"), kind=brand.KIND, row_id=brand.pk, name="x", did="changed",
        fields={},
    )  # fmt: skip

    facets = client.get("/api/articles?facets=true").json()["facets"]

    assert [row["name"] for row in facets["brands"]] == ["After"]


@pytest.mark.django_db(transaction=True)
def test_a_large_table_is_read_anew_beside_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LARGE", 0)
    monkeypatch.setattr(following, "REREAD_SHARE", 1e9)
    monkeypatch.setattr(following, "FOLLOWED_EVERY_S", 0.0)
    article, follower = ArticleFactory.create(price="10.00"), Follower()
    first = follower.table()
    changed_past_models(article, price="20.00")
    follower.doubt()

    assert follower.table() is first
    thread = follower._rereading
    assert isinstance(thread, threading.Thread)
    thread.join(20)

    assert follower.table().rows.prices.tolist() == [20_00]


def test_rows_that_cannot_be_read_are_read_by_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    article = ArticleFactory.create(price="10.00")
    column_table()
    start = Edit.objects.latest("pk").pk
    edit(start + 2, article)
    column_table()
    changed_past_models(article, price="20.00")
    edit(start + 1, article)

    with monkeypatch.context() as patch:
        patch.setattr(following, "read_rows", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            column_table()

    assert column_table().rows.prices.tolist() == [20_00]


def test_late_numbers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    article, follower = ArticleFactory.create(), Follower()
    follower.table()
    edit(Edit.objects.latest("pk").pk + 10, article)
    follower.table()
    assert follower._passed_over

    monkeypatch.setattr(following, "LATE_S", -1.0)
    follower.table()

    assert not follower._passed_over
