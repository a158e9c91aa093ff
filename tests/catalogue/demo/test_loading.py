"""Loading the demo shop: what is missing is added, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command

from catalogue.demo.assortment import PICTURES, DemoArticle, read_assortment
from catalogue.demo.loading import load, missing
from catalogue.models import Article, Brand, Category, Colour, Photo, photo_path, photo_storage
from catalogue.signals import photos_imported
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db

ASSORTMENT = read_assortment().articles
FEW = ASSORTMENT[:10]


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Article, Photo, Category, Brand, Colour))


def test_articles_come_with_their_category_brand_colours_and_two_photos() -> None:
    added = list(load(FEW))

    demo, row = FEW[0], Article.objects.get(sku=FEW[0].sku)
    assert sum(added) == 20
    assert Article.objects.count() == 10
    assert (row.name, row.name_fr) == (demo.name, demo.name_fr)
    assert (row.description, row.description_fr) == (demo.description, demo.description_fr)
    assert (row.price, row.currency, row.stock, row.sizes) == (demo.price, "EUR", demo.stock, list(demo.sizes))
    assert row.published
    assert row.category and row.category.slug == demo.category
    assert row.category.depth == 2
    assert row.brand and row.brand.name == demo.brand
    assert {colour.slug for colour in row.colours.all()} == set(demo.colours)
    assert [photo.position for photo in row.photos.all()] == [0, 1]


def test_photos_are_stored_byte_for_byte_as_the_project_has_them() -> None:
    list(load(FEW))

    for photo in Photo.objects.select_related("article"):
        name = next(demo for demo in FEW if demo.sku == photo.article.sku).photos[photo.position]
        with photo.file.open() as file:
            content = file.read()
        assert content == (PICTURES / name).read_bytes()
        assert photo.sha256 == hashlib.sha256(content).hexdigest()
        assert str(photo.file.name).endswith(".webp")


def test_the_whole_assortment_is_loaded_in_its_order() -> None:
    added = sum(load())

    assert added == 314
    assert list(Article.objects.order_by("pk").values_list("sku", flat=True)) == [demo.sku for demo in ASSORTMENT]
    assert missing() == {}


def test_loading_twice_adds_nothing() -> None:
    list(load(FEW))
    before = counts()

    assert list(load(FEW)) == []
    assert counts() == before


def test_a_loading_that_was_cut_short_is_completed() -> None:
    next(load(FEW))
    Photo.objects.filter(article__sku=FEW[0].sku, position=1).delete()

    left = missing(FEW)
    added = sum(load(FEW))

    assert added == sum(map(len, left.values())) == 5
    assert counts()[:2] == (10, 20)
    assert missing(FEW) == {}


def test_what_staff_changed_stays() -> None:
    list(load(FEW))
    Article.objects.filter(sku=FEW[0].sku).update(name="Renamed", price=1)
    Photo.objects.filter(article__sku=FEW[0].sku, position=1).delete()

    list(load(FEW))

    row = Article.objects.get(sku=FEW[0].sku)
    assert (row.name, row.price, row.photos.count()) == ("Renamed", Decimal(1), 2)


def load_of_the_version_before(demo: DemoArticle, positions: Iterable[int]) -> Article:
    """Return the article's row as the version that drew its photos left it: JPEG files, known by position."""
    article = ArticleFactory.create(sku=demo.sku, name="As staff call it", price=1)
    for position in positions:
        content = b"drawn by the version before, %d" % position
        photo = Photo(article=article, position=position, sha256=hashlib.sha256(content).hexdigest())
        photo.file = photo_storage().save(photo_path(photo, "photo.jpg"), ContentFile(content))
        photo.save()
    return article


def test_a_demo_of_the_version_before_is_left_as_it_is() -> None:
    for demo in FEW:
        load_of_the_version_before(demo, [0, 1])
    before = list(Photo.objects.order_by("pk").values()), list(Article.objects.order_by("pk").values())

    call_command("load_demo", "--if-empty", verbosity=0)
    added = list(load(FEW))

    assert added == []
    assert (list(Photo.objects.order_by("pk").values()), list(Article.objects.order_by("pk").values())) == before


def test_a_demo_that_the_version_before_left_unfinished_gets_only_what_it_lacks() -> None:
    article = load_of_the_version_before(FEW[0], [0])
    drawn = Photo.objects.values().get()

    added = sum(load(FEW))

    article.refresh_from_db()
    assert added == 19
    assert (article.name, article.price) == ("As staff call it", Decimal(1))
    assert Photo.objects.values().get(pk=drawn["id"]) == drawn
    assert [photo.position for photo in article.photos.all()] == [0, 1]
    assert str(article.photos.get(position=1).file.name).endswith(".webp")


def test_photos_are_told_of_after_each_commit() -> None:
    told: list[int] = []

    def listen(photo_ids: list[int], **kwargs: object) -> None:
        told.extend(photo_ids)

    photos_imported.connect(listen)
    try:
        list(load(FEW))
    finally:
        photos_imported.disconnect(listen)

    assert sorted(told) == sorted(Photo.objects.values_list("pk", flat=True))


def test_a_shop_with_articles_is_left_alone_if_asked() -> None:
    ArticleFactory.create()
    before = counts()

    call_command("load_demo", "--if-empty", verbosity=0)

    assert counts() == before


def test_a_demo_cut_short_goes_on_though_the_shop_is_not_empty() -> None:
    for demo in ASSORTMENT:
        article = ArticleFactory.create(sku=demo.sku)
        if demo.sku != "HA07-01":
            Photo.objects.bulk_create(
                Photo(article=article, position=position, file="drawn.jpg") for position in range(2)
            )
    unfinished = settings.DATA_DIR / "demo-unfinished"
    unfinished.touch()

    call_command("load_demo", "--if-empty", verbosity=0)

    assert Article.objects.get(sku="HA07-01").photos.count() == 2
    assert not unfinished.exists()
