"""Loading the demo shop: what is missing is added, once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image

from catalogue.demo.assortment import ASSORTMENT
from catalogue.demo.draw import VIEWS
from catalogue.demo.loading import load, missing
from catalogue.models import Article, Brand, Category, Colour, Photo
from catalogue.signals import photos_imported
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db

SMALL = (32, 40)
FEW = ASSORTMENT[:10]


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Article, Photo, Category, Brand, Colour))


def test_articles_come_with_their_category_brand_colours_and_two_photos() -> None:
    added = list(load(FEW, size=SMALL))

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
    with row.photos.get(position=0).file.open() as file, Image.open(file) as picture:
        assert (picture.format, picture.size) == ("JPEG", SMALL)


def test_loading_twice_adds_nothing() -> None:
    list(load(FEW, size=SMALL))
    before = counts()

    assert list(load(FEW, size=SMALL)) == []
    assert counts() == before


def test_a_loading_that_was_cut_short_is_completed() -> None:
    next(load(FEW, size=SMALL))
    Photo.objects.filter(article__sku=FEW[0].sku, position=1).delete()

    left = missing(FEW)
    added = sum(load(FEW, size=SMALL))

    assert added == sum(map(len, left.values())) == 5
    assert counts()[:2] == (10, 20)
    assert missing(FEW) == {}


def test_what_staff_changed_stays() -> None:
    list(load(FEW, size=SMALL))
    Article.objects.filter(sku=FEW[0].sku).update(name="Renamed", price=1)
    Photo.objects.filter(article__sku=FEW[0].sku, position=1).delete()

    list(load(FEW, size=SMALL))

    row = Article.objects.get(sku=FEW[0].sku)
    assert (row.name, row.price, row.photos.count()) == ("Renamed", Decimal(1), 2)


def test_photos_are_told_of_after_each_commit() -> None:
    told: list[int] = []

    def listen(photo_ids: list[int], **kwargs: object) -> None:
        told.extend(photo_ids)

    photos_imported.connect(listen)
    try:
        list(load(FEW, size=SMALL))
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
            Photo.objects.bulk_create(Photo(article=article, position=view, file="drawn.jpg") for view in range(VIEWS))
    unfinished = settings.DATA_DIR / "demo-unfinished"
    unfinished.touch()

    call_command("load_demo", "--if-empty", "--processes=1", verbosity=0)

    assert Article.objects.get(sku="HA07-01").photos.count() == 2
    assert not unfinished.exists()
