"""Rows become articles and photos, once and for all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.signals import pre_save

from catalogue.feeds import RowError, import_articles
from catalogue.feeds.importing import PREVIEWED
from catalogue.feeds.taxonomy import NewTerm
from catalogue.messages import Message, english
from catalogue.models import Article, Brand, Category, Photo
from tests.catalogue.feeds.rows import Rows, bring_in, content_of, numbers, row
from tests.catalogue.stores import files
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_new_article_has_all_that_its_row_says(draw: Any, announced: list[list[int]]) -> None:
    values = {"name": "Linen dress", "price": Decimal("39.90"), "currency": "USD", "sizes": ["S"], "stock": 0}
    photos = (draw("a.png"), draw("b.jpg", file_format="WEBP"))

    progress = bring_in(
        row(values=values, category=("Women", "Dresses"), brand="Anna", colours=("Sky blue",), photos=photos)
    )

    article = Article.objects.get()
    assert numbers(progress) == (1, 0, 0, 0)
    assert {name: getattr(article, name) for name in values} == values
    assert (article.sku, article.slug, article.published) == ("D-1", "linen-dress", True)
    assert article.category and article.category.slug == "dresses"
    assert Category.objects.get_parent(article.category) == Category.objects.get(slug="women")
    assert article.brand and article.brand.slug == "anna"
    assert [colour.slug for colour in article.colours.all()] == ["sky-blue"]
    stored = list(article.photos.all())
    assert [photo.position for photo in stored] == [0, 1]
    assert [content_of(photo) for photo in stored] == [path.read_bytes() for path in photos]
    # The ending is that of what the file holds.
    assert [Path(photo.file.name or "").suffix for photo in stored] == [".png", ".webp"]
    assert announced == [[photo.pk for photo in stored]]


def test_an_article_of_which_little_is_said_has_the_shops_defaults(settings: LazySettings) -> None:
    settings.CURRENCY = "CHF"

    bring_in(row(sku="a/b.jpg"))

    article = Article.objects.get()
    assert (article.sku, article.name, article.price, article.currency, article.category, article.stock) == (
        "a/b.jpg", "a/b.jpg", None, "CHF", None, None,
    )  # fmt: skip


def test_new_articles_are_published_unless_told_otherwise() -> None:
    bring_in(row("1"), row("2", values={"published": True}), published=False)

    assert list(Article.objects.order_by("sku").values_list("published", flat=True)) == [False, True]


def test_running_twice_changes_nothing(draw: Any, announced: list[list[int]]) -> None:
    rows = [
        row(
            "1", values={"name": "", "price": Decimal("5.5")}, category=("T-Shirt",), brand="B", photos=(draw("a.png"),)
        ),
        row("2", colours=("Red", "Blue"), photos=(draw("b.png", "blue"), draw("c.png", "green"))),
        row("3", values={"sizes": ["S"]}, category=(), colours=(), photos=(), brand=""),
    ]
    bring_in(*rows)
    before = (
        list(Article.objects.values()),
        list(Photo.objects.values()),
        files("photos"),
        list(Category.objects.values()),
    )

    progress = bring_in(*rows)

    after = (
        list(Article.objects.values()),
        list(Photo.objects.values()),
        files("photos"),
        list(Category.objects.values()),
    )
    assert numbers(progress) == (0, 0, 3, 0)
    assert after == before
    assert len(announced) == 1


def test_a_changed_row_changes_what_it_speaks_of_and_no_more() -> None:
    article = ArticleFactory.create(sku="1", name="Old", price=Decimal(5), stock=4, published=False, brand=None)
    updated = article.updated

    progress = bring_in(row("1", values={"name": "New", "stock": None}, brand="Anna"), published=True)

    article.refresh_from_db()
    assert numbers(progress) == (0, 1, 0, 0)
    assert (article.name, article.price, article.stock, article.published) == ("New", Decimal(5), None, False)
    assert article.brand == Brand.objects.get(slug="anna")
    assert article.updated > updated


def test_an_empty_category_or_brand_takes_it_away() -> None:
    article = ArticleFactory.create(sku="1")
    bring_in(row("1", category=("Hat",), brand="Anna", colours=("red",)))

    progress = bring_in(row("1", category=(), brand="", colours=()))

    article.refresh_from_db()
    assert numbers(progress) == (0, 1, 0, 0)
    assert (article.category, article.brand, article.colours.count()) == (None, None, 0)


def test_a_sku_that_occurs_again_is_refused_also_in_other_capitals() -> None:
    ArticleFactory.create(sku="There")

    progress = bring_in(row("a"), row("a"), row("A"), row("THERE"), row("There"), batch_size=2)
    again = bring_in(row("A"), row("a"))

    assert numbers(progress) == (1, 0, 1, 3)
    assert [english(refusal.message) for refusal in again.refusals] == [
        "sku: The SKU “a” is the same except for capitals. Write both the same way, or choose another SKU."
    ]
    assert sorted(Article.objects.values_list("sku", flat=True)) == ["There", "a"]


def test_progress_is_told_after_every_batch_with_its_refusals() -> None:
    bad = RowError("9", "x", Message.of("text", text="no"))

    told = list(import_articles(Rows(row("1"), bad, row("2"), row("3"), bad), batch_size=2))

    assert [(progress.done, progress.total, progress.created, progress.refused) for progress in told] == [
        (0, 5, 0, 0),
        (2, 5, 1, 1),
        (4, 5, 3, 1),
        (5, 5, 3, 2),
    ]
    assert [len(progress.refusals) for progress in told] == [0, 1, 0, 1]


@pytest.mark.parametrize("there", [True, False])
def test_a_batch_that_another_writer_got_ahead_of_begins_anew(draw: Any, there: bool) -> None:
    if there:
        ArticleFactory.create(sku="1")

    def get_ahead(**kwargs: Any) -> None:
        pre_save.disconnect(get_ahead, sender=Brand)
        if there:
            Article.all_objects.filter(sku="1").purge()
        else:
            ArticleFactory.create(sku="1")

    pre_save.connect(get_ahead, sender=Brand)
    progress = bring_in(row("1", brand="Anna", category=("Hat",), photos=(draw("a.png"),)))

    assert numbers(progress) == ((0, 1, 0, 0) if there else (1, 0, 0, 0))
    assert Article.objects.get().brand == Brand.objects.get(slug="anna")
    assert files("photos") == {Photo.objects.get().file.name}


@pytest.mark.parametrize("dry", [False, True])
def test_what_is_new_is_told_once_however_many_batches_need_it(*, dry: bool) -> None:
    BrandFactory.create(name="There")
    rows = [row(str(number), brand="Anna", category=("Women", "Hats"), colours=("Red",)) for number in range(3)]

    told = list(import_articles(Rows(*rows, row("4", brand="There")), batch_size=1, dry=dry))

    assert [len(progress.new_terms) for progress in told] == [0, 4, 0, 0, 0]
    assert set(told[1].new_terms) == {
        NewTerm("brand", "Anna"), NewTerm("category", "Women"), NewTerm("category", "Women > Hats"),
        NewTerm("colour", "Red"),
    }  # fmt: skip
    assert Brand.objects.filter(name="Anna").exists() is not dry


def test_what_is_done_to_an_article_is_told_as_texts_before_and_after(draw: Any) -> None:
    old = BrandFactory.create(name="Old")
    hats = CategoryFactory.create(name="Hats", parent=CategoryFactory.create(name="Women"))
    article = ArticleFactory.create(
        sku="1", name="A", price=Decimal("5.00"), stock=3, sizes=[], brand=old, category=hats
    )
    article.colours.set([ColourFactory.create(name="Red")])
    said: dict[str, Any] = {"name": "A", "price": Decimal("6.50"), "stock": None, "sizes": ["S", "M"]}

    changed, new, same = row("1", values=said, brand="Anna", category=(), colours=("Blue", "Aqua")), row("2"), row("3")
    ArticleFactory.create(sku="3")
    *_, progress = import_articles(Rows(changed, new, same, row("4", photos=(draw("a.png"),))), dry=True)

    (of_changed,) = progress.previews
    of_new, of_same, of_photo = progress.first_rows[1:]
    assert (of_changed.line, of_changed.sku, of_changed.name, of_changed.new) == ("line of 1", "1", "A", False)
    assert set(of_changed.changes) == {
        ("price", "5.00", "6.50"),
        ("stock", "3", ""),
        ("sizes", "", "S, M"),
        ("brand", "Old", "Anna"),
        ("category", "Women > Hats", ""),
        ("colours", "Red", "Aqua, Blue"),
    }
    assert sorted(progress.first_rows[0].values) == [
        ("brand", True, "Old", "Anna"),
        ("category", True, "Women > Hats", None),
        ("colours", True, ["Red"], ["Blue", "Aqua"]),
        ("name", False, None, "A"),
        ("price", True, "5.00", "6.50"),
        ("sizes", True, [], ["S", "M"]),
        ("stock", True, "3", None),
    ]
    assert (of_new.new, of_same.new) == (True, False)
    assert (of_new.photos, of_photo.photos) == (None, 1)
    assert not Article.objects.filter(sku="2").exists()


@pytest.mark.parametrize("articles", [PREVIEWED, PREVIEWED + 1])
def test_the_first_rows_and_the_first_changed_articles_are_told(articles: int) -> None:
    for number in range(articles):
        ArticleFactory.create(sku=f"there-{number}", name="Old")
    rows = [row(f"{kind}-{number}", values={"name": "New"}) for number in range(articles) for kind in ("there", "new")]

    told = list(import_articles(Rows(*rows), batch_size=7))

    assert PREVIEWED == 20
    previews = [preview.sku for progress in told for preview in progress.previews]
    assert previews == [f"there-{number}" for number in range(20)]
    assert [each.sku for progress in told for each in progress.first_rows] == [each.sku for each in rows[:20]]
