"""Staff's list of articles, and an article's page, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.models import Article, Photo
from tests.catalogue.admin.addresses import LIST, delete
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.switch, pytest.mark.database]

RED, GREEN = drawn_picture("#c0392b"), drawn_picture("#27ae60")


def listed(admin_client: Client, **parameters: Any) -> list[str]:
    page = admin_client.get(LIST, parameters)
    return [article.sku for article in page.context["cl"].result_list]


def test_a_longer_list_costs_no_more_queries(admin_client: Client) -> None:
    colour, category, brand = ColourFactory.create(), CategoryFactory.create(), BrandFactory.create()
    queries = []

    for _ in range(2):
        for _ in range(6):
            PhotoFactory.create(article=ArticleFactory.create(colours=[colour], category=category, brand=brand))
        with CaptureQueriesContext(connection) as captured:
            page = admin_client.get(LIST)
        queries.append(len(captured))

    assert page.content.decode().count('class="thumbnail"') == 12
    assert queries[0] == queries[1]


def test_price_stock_and_publication_are_edited_in_the_list(admin_client: Client) -> None:
    article = ArticleFactory.create(price="10.00", stock=None)
    form = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": article.pk,
        "form-0-price": "8.50", "form-0-stock": "3", "_save": "Save",
    }  # fmt: skip

    admin_client.post(LIST, form)

    article.refresh_from_db()
    assert (str(article.price), article.stock, article.published) == ("8.50", 3, False)


@pytest.mark.parametrize("text", ["D-77", "velvet", "velours", "évasée", "Maison Noire"])
def test_articles_are_found_by_sku_names_description_and_brand(admin_client: Client, text: str) -> None:
    ArticleFactory.create()
    ArticleFactory.create(
        sku="D-77", name="Velvet dress", name_fr="Robe en velours", description_fr="Jupe évasée.",
        brand=BrandFactory.create(name="Maison Noire"),
    )  # fmt: skip

    assert listed(admin_client, q=text) == ["D-77"]


def test_articles_are_filtered_by_category_with_all_below_it_stock_and_photos(admin_client: Client) -> None:
    women = CategoryFactory.create(slug="women")
    dresses = CategoryFactory.create(slug="dresses", parent=women)
    ArticleFactory.create(sku="dress", category=dresses, stock=0)
    ArticleFactory.create(sku="loose", category=None, stock=4)
    PhotoFactory.create(article=ArticleFactory.create(sku="other", stock=None))

    assert listed(admin_client, category="women") == ["dress"]
    assert listed(admin_client, category="-") == ["loose"]
    assert listed(admin_client, in_stock="yes") == ["other", "loose"]
    assert listed(admin_client, in_stock="no") == ["dress"]
    assert listed(admin_client, photos="yes") == ["other"]
    assert listed(admin_client, photos="no") == ["loose", "dress"]


@pytest.mark.parametrize(("action", "published"), [("publish", True), ("hide", False)])
def test_selected_articles_are_published_or_hidden_at_once(admin_client: Client, action: str, published: bool) -> None:
    chosen = [ArticleFactory.create(published=not published), ArticleFactory.create(published=not published)]
    other = ArticleFactory.create(published=not published)

    admin_client.post(LIST, {"action": action, "_selected_action": [article.pk for article in chosen]})

    assert set(Article.objects.filter(published=published)) == set(chosen)
    assert list(Article.objects.filter(published=not published)) == [other]


def test_deleting_an_article_asks_first(admin_client: Client) -> None:
    article = PhotoFactory.create().article

    asked = admin_client.get(delete(article))

    assert "It can be restored for 30 days." in asked.content.decode()
    assert Article.objects.get() == article

    admin_client.post(delete(article), {"post": "yes"})

    assert not Article.objects.exists()
    assert not Photo.objects.exists()


def test_staff_pages_are_in_the_language_of_the_browser(admin_client: Client) -> None:
    ArticleFactory.create(category=CategoryFactory.create(name="Skirts", name_fr="Jupes"))

    page = admin_client.get("/admin/catalogue/article/", headers={"Accept-Language": "fr"}).content.decode()

    assert '<html lang="fr"' in page
    assert '<td class="field-category nowrap">Jupes</td>' in page


def test_visitors_are_asked_to_log_in(client: Client) -> None:
    page = client.get(LIST)

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


def test_the_list_marks_published_articles_without_photos_and_is_filtered_by_them(admin_client: Client) -> None:
    ArticleFactory.create(sku="bare")
    ArticleFactory.create(sku="hidden", published=False)
    PhotoFactory.create(article=ArticleFactory.create(sku="seen"))

    page = admin_client.get(LIST).content.decode()

    assert page.count('<span class="no-photo">No photo</span>') == 1
    assert listed(admin_client, photos="missing") == ["bare"]


def test_what_is_published_in_the_list_without_a_photo_is_warned_of(admin_client: Client) -> None:
    hidden, shown = ArticleFactory.create(sku="H", published=False), ArticleFactory.create(sku="S")
    form = {
        "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save",
        "form-0-id": shown.pk, "form-0-price": "8.50", "form-0-published": "on",
        "form-1-id": hidden.pk, "form-1-price": "9.50", "form-1-published": "on",
    }  # fmt: skip

    page = admin_client.post(LIST, form, follow=True).content.decode()

    assert "(H)” is published without a photo" in page
    assert "(S)” is published without a photo" not in page


def test_publishing_many_says_how_many_have_no_photo(admin_client: Client) -> None:
    bare = ArticleFactory.create(published=False)
    seen = PhotoFactory.create(article=ArticleFactory.create(published=False)).article

    page = admin_client.post(LIST, {"action": "publish", "_selected_action": [bare.pk, seen.pk]}, follow=True)

    assert "1 of them has no photo" in page.content.decode()
