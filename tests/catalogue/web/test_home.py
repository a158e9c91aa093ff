"""What the home page shows: no picture twice, in shops of any size."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from catalogue.models import Article, Category
from catalogue.web import home
from tests.catalogue.web.conftest import Shopper
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


def stock(count: int, category: Category | None, *, photos: int = 1, **values: Any) -> list[Article]:
    """Add articles whose photos all differ, and return the newest first."""
    made: list[Article] = []
    for number in range(count):
        made.append(ArticleFactory.create(category=category, **values))
        for position in range(photos):
            shade = 256 * (Article.objects.count() % 256) + 16 * number + position
            PhotoFactory.create(article=made[-1], position=position, colour=f"#{shade:06x}")
    return made[::-1]


def digests(page: str) -> list[str]:
    """Return the digests of the pictures of a page, which their addresses have."""
    return re.findall(r'<img src="/media/\d+/(\w+)-', page)


@pytest.mark.parametrize("photos", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 3, 8, 9, 12, 20, 40])
def test_no_picture_is_shown_twice(client: Client, count: int, photos: int) -> None:
    tops = CategoryFactory.create(slug="tops")
    for category in (tops, CategoryFactory.create(slug="shirt", parent=tops), CategoryFactory.create(slug="hats")):
        stock(count // 3 + (category.slug == "hats") * (count % 3), category, photos=photos)

    shown = digests(client.get("/").text)

    assert len(shown) == len(set(shown))
    assert bool(shown) == bool(count)


def test_a_picture_that_two_products_share_is_shown_once(client: Client) -> None:
    for _ in range(12):
        PhotoFactory.create(colour="#123456")

    page = client.get("/")

    assert len(digests(page.text)) == 1
    assert len(page.context["newest"]) == 1


def test_just_in_shows_the_eight_newest_that_have_a_photo_and_a_name(client: Client) -> None:
    made = stock(11, CategoryFactory.create())
    ArticleFactory.create(name="No photo")
    PhotoFactory.create(article=ArticleFactory.create(name=""))
    PhotoFactory.create(article=ArticleFactory.create(name="Hidden", published=False))

    page = client.get("/")

    assert page.context["newest"] == made[: home.NEWEST_SHOWN]
    assert "No photo yet" not in page.text


def test_a_full_shop_has_categories_and_a_heading_with_pictures(client: Client) -> None:
    tops = CategoryFactory.create(slug="tops", name="Tops")
    shirt = CategoryFactory.create(slug="shirt", parent=tops)
    CategoryFactory.create(slug="empty", name="Empty")
    stock(4, tops)
    older = stock(6, shirt)
    hats = stock(9, CategoryFactory.create(slug="hats"))

    context = client.get("/").context

    assert [(branch.category.slug, branch.count, photo.article) for branch, photo in context["categories"]] == [
        ("tops", 10, older[0]),
        ("hats", 9, hats[8]),
    ]
    assert context["categories_illustrated"] is True
    assert len(context["collage"]) == home.COLLAGE


def test_a_category_whose_products_are_all_new_has_a_drawing_beside_those_with_pictures(client: Client) -> None:
    stock(4, CategoryFactory.create(slug="tops"))
    stock(8, CategoryFactory.create(slug="hats"))

    page = client.get("/")

    assert [bool(photo) for _, photo in page.context["categories"]] == [True, False]
    assert "No photo yet" not in page.text
    assert page.text.count('<span class="view view-none">') == 1


def test_a_shop_with_three_products_shows_them_once_and_its_categories_by_name(shopper: Shopper) -> None:
    stock(3, CategoryFactory.create(name="Hats"))

    page = shopper.open("/")

    assert page.count('<article class="card">') == 3
    assert 'class="collage"' not in page
    tile = page.partition('class="tile"')[2].partition("</a>")[0]
    assert "Hats" in tile and "<img" not in tile


def test_a_shop_without_photos_says_nothing_of_new_products_and_leads_to_all(shopper: Shopper) -> None:
    ArticleFactory.create_batch(3, category=CategoryFactory.create(name="Hats"))

    page = shopper.open("/")

    assert "Just in" not in page
    assert "No photo yet" not in page
    assert "There are no products yet" not in page
    assert "Hats" in page and "See all products" in page


def test_an_empty_shop_says_so_and_leads_to_no_empty_list(shopper: Shopper) -> None:
    page, french = shopper.open("/"), shopper.open("/fr/")

    assert "There are no products yet." in page
    assert "See all products" not in page and "Just in" not in page
    assert "Il n’y a pas encore d’articles." in french
