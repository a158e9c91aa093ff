"""Rows become articles and photos, once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.signals import post_init, pre_save

from catalogue.feeds import ArticleRow, Progress, Reader, RefusedRow, import_articles
from catalogue.models import Article, Brand, Category, Photo, photo_storage
from catalogue.signals import photos_imported
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory, drawn_picture

pytestmark = pytest.mark.django_db


class Rows(Reader):
    """A source that has these rows."""

    def __init__(self, *rows: ArticleRow | RefusedRow) -> None:
        self.rows = rows

    def count(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ArticleRow | RefusedRow]:
        return iter(self.rows)


def row(sku: str = "D-1", **fields: Any) -> ArticleRow:
    return ArticleRow(f"line of {sku}", sku, **fields)


def bring_in(*rows: ArticleRow | RefusedRow, **options: Any) -> Progress:
    *_, last = import_articles(Rows(*rows), **options)
    return last


def numbers(progress: Progress) -> tuple[int, int, int, int]:
    return progress.created, progress.changed, progress.unchanged, progress.refused


def stored_files() -> list[str]:
    root = Path(photo_storage().path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def content_of(photo: Photo) -> bytes:
    with photo.file.open("rb") as file:
        return bytes(file.read())


@pytest.fixture
def draw(tmp_path: Path) -> Any:
    def draw_file(name: str, colour: str = "red", **options: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(drawn_picture(colour, **options))
        return path

    return draw_file


@pytest.fixture
def announced() -> Iterator[list[list[int]]]:
    """The ids of photos that imports announce."""
    heard: list[list[int]] = []

    def listen(sender: type, photo_ids: list[int], **kwargs: Any) -> None:
        assert sender is Photo
        heard.append(photo_ids)

    photos_imported.connect(listen)
    yield heard
    photos_imported.disconnect(listen)


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
        stored_files(),
        list(Category.objects.values()),
    )

    progress = bring_in(*rows)

    after = (
        list(Article.objects.values()),
        list(Photo.objects.values()),
        stored_files(),
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


def test_a_label_is_the_category_of_its_slug_wherever_that_is() -> None:
    women = CategoryFactory.create(name="Women", slug="women")
    shirts = CategoryFactory.create(name="Tees", slug="t-shirt", parent=women)

    bring_in(row("1", category=("T-Shirt",)), row("2", category=("t shirt",)), row("3", category=("Not sure",)))
    bring_in(row("4", category=("Men", "T-Shirt")), row("5", category=("帽子",)), row("6", category=("帽子",)))

    slugs = list(Article.objects.order_by("sku").values_list("category__slug", flat=True))
    assert slugs[:4] == ["t-shirt", "t-shirt", "not-sure", "t-shirt"]
    assert slugs[4] == slugs[5] != ""
    assert Article.objects.get(sku="1").category == shirts
    assert Category.objects.get(slug="not-sure").name == "Not sure"


def test_a_changed_photo_takes_the_place_of_the_old_one(draw: Any, announced: list[list[int]]) -> None:
    bring_in(row(photos=(draw("a.png", "red"),)))
    photo = Photo.objects.get()
    old = photo.file.name

    progress = bring_in(row(photos=(draw("a.png", "blue"),)))

    photo.refresh_from_db()
    assert numbers(progress) == (0, 1, 0, 0)
    assert content_of(photo) == drawn_picture("blue")
    assert stored_files() == [photo.file.name]
    assert photo.file.name != old
    assert announced == [[photo.pk], [photo.pk]]


def test_photos_become_those_of_the_row_in_its_order(
    draw: Any, announced: list[list[int]], django_capture_on_commit_callbacks: Any
) -> None:
    a, b, c = draw("a.png", "red"), draw("b.png", "green"), draw("c.png", "blue")
    bring_in(row(photos=(a, b)))
    first, second = Photo.objects.order_by("position")

    with django_capture_on_commit_callbacks(execute=True):
        bring_in(row(photos=(b, c)))
        swapped = [(photo.pk, content_of(photo)) for photo in Photo.objects.order_by("position")]
        bring_in(row(photos=(c,)))

    # b keeps its row, c takes that of a.
    assert swapped == [(second.pk, b.read_bytes()), (first.pk, c.read_bytes())]
    assert list(Photo.objects.values_list("pk", "position")) == [(first.pk, 0)]
    assert len(stored_files()) == 1
    assert announced == [[first.pk, second.pk], [first.pk]]


def test_a_row_that_knows_one_photo_only_leaves_the_others(draw: Any) -> None:
    article = ArticleFactory.create(sku="1")
    front, back = (PhotoFactory.create(article=article, position=i) for i in (0, 1))

    bring_in(row("1", photos=(draw("a.png", "blue"),), all_photos=False))
    bring_in(row("1", photos=(draw("a.png", "blue"),), all_photos=False))

    assert [(photo.pk, content_of(photo) == drawn_picture("blue")) for photo in article.photos.all()] == [
        (front.pk, True),
        (back.pk, False),
    ]


def test_two_articles_may_have_the_same_picture(draw: Any) -> None:
    same = draw("a.png")

    bring_in(row("1", photos=(same,)), row("2", photos=(same,)))

    assert len({photo.file.name for photo in Photo.objects.all()}) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "the photo 'a.png' is not used: The file is not a JPEG, PNG, WebP, GIF or AVIF picture"),
        (b"", "the photo 'a.png' is not used: The file is empty."),
        (drawn_picture(size=(20, 30))[:-40], "or it is damaged"),
        (drawn_picture(size=(41, 25)), "more than 0.001 megapixels"),
        (b"\xff" * 5_001, "the photo 'a.png' is not used: The file has more than 0.005 MB."),
    ],
)
def test_a_row_with_a_bad_photo_is_refused_as_a_whole(
    tmp_path: Path, draw: Any, settings: LazySettings, content: bytes, reason: str
) -> None:
    settings.PHOTO_MAX_BYTES, settings.PHOTO_MAX_PIXELS = 5_000, 1_000
    good = draw("good.png", size=(20, 30))
    (tmp_path / "a.png").write_bytes(content)

    progress = bring_in(row("1", photos=(good, tmp_path / "a.png")), row("2", photos=(good,)))

    assert numbers(progress) == (1, 0, 0, 1)
    assert [(refusal.place, refusal.sku) for refusal in progress.refusals] == [("line of 1", "1")]
    assert reason in progress.refusals[0].reason
    assert list(Article.objects.values_list("sku", flat=True)) == ["2"]
    assert len(stored_files()) == 1


def test_a_file_that_is_gone_by_now_is_refused(tmp_path: Path) -> None:
    progress = bring_in(row(photos=(tmp_path / "gone.png",)))

    assert progress.refusals[0].reason == "the photo 'gone.png' cannot be read: No such file or directory"


def test_a_sku_that_occurs_again_is_refused_also_in_other_capitals() -> None:
    ArticleFactory.create(sku="There")

    progress = bring_in(row("a"), row("a"), row("A"), row("THERE"), row("There"), batch_size=2)
    again = bring_in(row("A"), row("a"))

    assert numbers(progress) == (1, 0, 1, 3)
    assert [refusal.reason for refusal in again.refusals] == [
        "sku: 'a' differs in capitals only. Write it the same, or give another"
    ]
    assert sorted(Article.objects.values_list("sku", flat=True)) == ["There", "a"]


def test_progress_is_told_after_every_batch_with_its_refusals() -> None:
    bad = RefusedRow("line 9", "x", "no")

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
            Article.objects.filter(sku="1").delete()
        else:
            ArticleFactory.create(sku="1")

    pre_save.connect(get_ahead, sender=Brand)
    progress = bring_in(row("1", brand="Anna", category=("Hat",), photos=(draw("a.png"),)))

    assert numbers(progress) == ((0, 1, 0, 0) if there else (1, 0, 0, 0))
    assert Article.objects.get().brand == Brand.objects.get(slug="anna")
    assert stored_files() == [Photo.objects.get().file.name]


def test_photos_that_another_import_brings_meanwhile_are_not_added_again(draw: Any) -> None:
    ArticleFactory.create(sku="1")
    rows = [row("1", photos=(draw("a.png"), draw("b.png", "blue")))]
    progress = []

    # The first photo comes into being once the article's, of which there are none, have been read.
    def get_ahead(**kwargs: Any) -> None:
        post_init.disconnect(get_ahead, sender=Photo)
        progress.append(bring_in(*rows))

    post_init.connect(get_ahead, sender=Photo)
    progress.append(bring_in(*rows))

    assert [numbers(each) for each in progress] == [(0, 1, 0, 0), (0, 0, 1, 0)]
    assert sorted(stored_files()) == sorted(photo.file.name or "" for photo in Photo.objects.all())
    assert Photo.objects.count() == 2
