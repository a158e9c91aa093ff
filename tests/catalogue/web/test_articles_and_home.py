"""The home page, an article's page, and what holds for every page."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.columns.following import column_table
from catalogue.demo.assortment import read_assortment
from catalogue.demo.photographed import read_photographed
from catalogue.models import Article
from catalogue.photos import services
from catalogue.text_search.names import forget_names
from tests.catalogue.web.conftest import Shopper
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


def test_an_article_is_shown_with_all_its_photos_and_facts(shopper: Shopper) -> None:
    article = ArticleFactory.create(
        sku="D-0017",
        name="Linen dress",
        description="Light.\n\nMade <in> Lyon.",
        brand=BrandFactory.create(name="Maison Claire"),
        colours=[ColourFactory.create(name="Navy", hex="#1f2f4f")],
        sizes=["36", "38"],
        stock=2,
    )
    first = PhotoFactory.create(article=article, alt="From before")
    second = PhotoFactory.create(article=article, position=1)

    page = shopper.open(article.get_absolute_url())

    for expected in (
        "<h1>Linen dress</h1>",
        "Maison Claire",
        "€39.90",
        "In stock",
        "Navy",
        'fill="#1f2f4f"',
        "<li>36</li>",
        "<p>Light.</p>",
        "<p>Made &lt;in&gt; Lyon.</p>",
        "<dd>D-0017</dd>",
        'alt="From before"',
        'alt="Linen dress"',
        first.image_url(1280) + " 1280w",
        second.image_url(640) + " 640w",
        f'href="#photo-{second.pk}"',
    ):
        assert expected in page, expected


def test_an_article_without_price_photo_or_stock_says_so(shopper: Shopper) -> None:
    article = ArticleFactory.create(price=None, stock=0, category=None, brand=None)

    page = shopper.open(article.get_absolute_url())

    assert "Price on request" in page
    assert "No photo yet" in page
    assert "Out of stock" in page
    assert "Prix sur demande" in shopper.open(f"/fr{article.get_absolute_url()}")


def test_the_way_to_an_article_leads_through_its_categories(shopper: Shopper) -> None:
    tops = CategoryFactory.create(slug="tops", name="Tops")
    article = ArticleFactory.create(name="Shirt", category=CategoryFactory.create(slug="shirt", parent=tops))

    page = shopper.open(article.get_absolute_url())

    crumbs = page.split('<nav class="crumbs"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', crumbs) == ["/", "/articles/", "/categories/tops/", "/categories/shirt/"]
    assert '<li aria-current="page">Shirt</li>' in crumbs


def test_an_old_name_in_the_address_leads_to_the_new_one(client: Client) -> None:
    article = ArticleFactory.create(name="Shirt")

    response = client.get(f"/fr/articles/old-name-{article.pk}/")

    assert (response.status_code, response.headers["Location"]) == (301, f"/fr/articles/shirt-{article.pk}/")


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30, "9" * 5000])
def test_an_article_that_is_not_there_is_not_found(shopper: Shopper, key: str) -> None:
    shopper.open(f"/articles/thing-{key}/", status=404)


def test_what_is_not_published_is_nowhere(shopper: Shopper) -> None:
    category = CategoryFactory.create(slug="dress", name="Dresses")
    hidden = ArticleFactory.create(name="Secret dress", category=category, colours=[ColourFactory.create(slug="red")])
    photo = PhotoFactory.create(article=hidden)
    Article.objects.filter(pk=hidden.pk).update(published=False)

    shopper.open(hidden.get_absolute_url(), status=404)
    for path in ("/", "/articles/", "/categories/dress/", "/articles/?q=secret"):
        page = shopper.open(path)
        assert "Secret dress" not in page
        assert photo.image_url(640) not in page
        assert 'value="red"' not in page


def test_photos_are_sent_to_be_kept_and_those_of_hidden_articles_to_who_sees_these(client: Client) -> None:
    photo = PhotoFactory.create(size=(400, 300))

    shown = client.get(photo.image_url(320))
    Article.objects.update(published=False)
    hidden = client.get(photo.image_url(320))
    client.force_login(User.objects.create_superuser("staff"))
    to_staff = client.get(photo.image_url(320))

    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/webp")
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert hidden.status_code == 404
    assert (to_staff.status_code, to_staff.headers["Cache-Control"]) == (200, "private, no-store")


def test_a_photo_of_another_width_or_digest_is_not_found(client: Client) -> None:
    photo = PhotoFactory.create()

    assert client.get(photo.image_url(320).replace("-320", "-321")).status_code == 404
    assert client.get(photo.image_url(320).replace(photo.sha256[:16], "0" * 16)).status_code == 404
    assert client.get(f"/media/{'9' * 30}/{photo.sha256[:16]}-320.webp").status_code == 404


@pytest.mark.parametrize("path", ["/", "/articles/", "/categories/tops/?colour=red", "/articles/?q=shirt"])
def test_a_page_takes_as_many_queries_for_many_articles_as_for_few(shopper: Shopper, path: str) -> None:
    def queries() -> int:
        forget_names()
        # What changed since is read once, whatever page comes first.
        column_table()
        with CaptureQueriesContext(connection) as captured:
            shopper.open(path)
        return len(captured)

    tops, red = CategoryFactory.create(slug="tops"), ColourFactory.create(slug="red")

    numbers = count()

    def add_shirt() -> None:
        article = ArticleFactory.create(name="Shirt", category=tops, brand=BrandFactory.create(), colours=[red])
        for _ in range(2):
            PhotoFactory.create(article=article, colour=f"#00{next(numbers):04}")

    # More than the home page shows as the newest.
    for _ in range(9):
        add_shirt()
    of_few = queries()
    for number in range(6):
        CategoryFactory.create(slug=f"c{number}")
        add_shirt()

    assert queries() == of_few
    assert of_few <= 16


# What tells search engines of a page is data, which no browser runs.
FORBIDDEN = re.compile(
    r"""<style(?! nonce="\S{20,}">)|\sstyle=|\son[a-z]+=|javascript:"""
    r"""|<script(?![^>]*\s(?:src=|type="application/ld\+json"))"""
)


def every_page() -> list[str]:
    article = PhotoFactory.create(article=ArticleFactory.create(colours=[ColourFactory.create()])).article
    PhotoFactory.create(article=article)
    assert article.category is not None
    return ["/", "/articles/?q=a&in_stock=true", article.category.get_absolute_url(), article.get_absolute_url()]


def test_pages_hold_no_script_or_style_that_the_policy_forbids(shopper: Shopper) -> None:
    for path in every_page():
        response = shopper.response(path)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        page = response.content.decode()
        assert FORBIDDEN.findall(page) == []


def test_every_picture_has_a_text_and_a_size_and_every_field_a_label(shopper: Shopper) -> None:
    for path in every_page():
        page = shopper.open(path)
        for picture in re.findall(r"<img[^>]*>", page):
            assert re.search(r'\salt="[^"]*"', picture) and ' width="' in picture and ' height="' in picture
        for field in re.findall(r'<(?:input|select)[^>]*\sid="([^"]+)"', page):
            assert f'for="{field}"' in page
        assert page.count("<h1") == 1
        assert 'href="#main"' in page and 'id="main"' in page
        names = re.findall(r'\sid="([^"]+)"', page)
        assert len(names) == len(set(names))


def test_a_page_that_is_not_there_says_so_in_both_languages(shopper: Shopper) -> None:
    english, french = shopper.open("/nowhere/", status=404), shopper.open("/fr/nowhere/", status=404)

    assert "We can’t find this page." in english and 'name="next" value="/fr/"' in english
    assert "Cette page est introuvable." in french and 'name="next" value="/"' in french


def test_the_styles_of_the_pages_are_small() -> None:
    sheets = {sheet.stem: sheet.stat().st_size for sheet in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css")}

    assert sheets.keys() == {"shop", "catalogue", "article"}
    assert sheets["shop"] + sheets["catalogue"] < 24_000
    assert sheets["article"] < 6_000


def test_a_browser_that_reads_avif_gets_webp_until_the_worker_has_drawn_it(client: Client) -> None:
    photo = PhotoFactory.create()
    before = client.get(photo.image_url(320, "avif"))
    services.make_renditions(photo)
    after = client.get(photo.image_url(320, "avif"))

    assert (before["Content-Type"], after["Content-Type"]) == ("image/webp", "image/avif")
    assert "max-age=60" in before["Cache-Control"]
    assert "immutable" in after["Cache-Control"]
    assert client.get(photo.image_url(320, "png")).status_code == 404


def test_the_styles_in_a_page_are_allowed_by_its_policy_alone(shopper: Shopper) -> None:
    policies = []
    for _ in range(2):
        response = shopper.response("/")
        (nonce,) = set(re.findall(r'<style nonce="([^"]+)">', response.content.decode()))
        policies.append(response.headers["Content-Security-Policy"])
        assert f"style-src 'self' 'nonce-{nonce}'" in policies[-1]
        assert "unsafe-inline" not in policies[-1]
    assert policies[0] != policies[1]


def note_of(shopper: Shopper) -> str:
    """Return what the home page says of demo articles, in one line; empty if nothing."""
    found = re.search(r'<p class="demo">(.*?)</p>', shopper.response("/").content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split()) if found else ""


def test_the_home_page_says_that_a_demo_is_drawn(shopper: Shopper) -> None:
    drawn = read_assortment().articles[0]
    ArticleFactory.create(sku=drawn.sku, name=drawn.name)

    assert note_of(shopper) == ("This is a demo shop: product names and prices are made up. The pictures are drawings.")


def test_the_home_page_thanks_for_the_photos_of_a_demo(shopper: Shopper) -> None:
    real = read_photographed().articles[0]
    ArticleFactory.create(sku=real.sku, name=real.name)

    page = shopper.open("/")

    assert note_of(shopper) == (
        "This is a demo shop: product names and prices are made up. The photos come from the clothing dataset by "
        "Alexey Grigorev and contributors, who made them free for everyone (CC0 1.0). Thank you!"
    )
    assert 'href="https://github.com/alexeygrigorev/clothing-dataset"' in page
    assert 'href="https://creativecommons.org/publicdomain/zero/1.0/"' in page


def test_the_home_page_tells_drawn_pictures_and_photos_apart(shopper: Shopper) -> None:
    for one in (read_assortment().articles[0], read_photographed().articles[0]):
        ArticleFactory.create(sku=one.sku, name=one.name)

    note = note_of(shopper)

    assert "Some of the pictures are drawings." in note
    assert "The photos come from" in note


def test_the_home_page_of_a_shop_of_its_own_says_nothing_of_a_demo(shopper: Shopper) -> None:
    first, second, third = read_assortment().articles[:3]
    # Hidden, in the bin, and another article that happens to have the number.
    ArticleFactory.create(sku=first.sku, name=first.name, published=False)
    ArticleFactory.create(sku=second.sku, name=second.name).delete()
    ArticleFactory.create(sku=third.sku, name="Linen dress")

    assert note_of(shopper) == ""
