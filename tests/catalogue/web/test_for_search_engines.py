"""What search engines and other sites read of the shop."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
XML = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}


def test_an_article_is_told_as_a_product_with_its_offer_and_the_way_to_it(client: Client) -> None:
    article = ArticleFactory.create(
        sku="D-1", name="Linen dress", name_fr="Robe en lin", price="39.90", stock=0, description="Light.",
        brand=BrandFactory.create(name="Fil"), category=CategoryFactory.create(name="Dresses", name_fr="Robes"),
        colours=[ColourFactory.create(name="Sand", name_fr="Sable")],
    )  # fmt: skip
    photo = PhotoFactory.create(article=article)
    address = f"http://testserver/fr{article.get_absolute_url()}"

    product, crumbs = json.loads(LD.findall(client.get(address).text)[0])

    assert (product["name"], product["sku"], product["url"]) == ("Robe en lin", "D-1", address)
    assert product["image"] == [f"http://testserver{photo.image_url(1280)}"]
    assert (product["brand"]["name"], product["category"], product["color"]) == ("Fil", "Robes", "Sable")
    assert product["offers"]["price"] == "39.90"
    assert product["offers"]["priceCurrency"] == "EUR"
    assert product["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert [step["name"] for step in crumbs["itemListElement"]][2:] == ["Robes", "Robe en lin"]
    assert crumbs["itemListElement"][3]["item"] == address


def test_an_article_without_a_price_offers_nothing(client: Client) -> None:
    article = ArticleFactory.create(price=None)
    (product, _) = json.loads(LD.findall(client.get(article.get_absolute_url()).text)[0])
    assert "offers" not in product


def test_no_name_ends_the_element_that_it_stands_in(client: Client) -> None:
    article = ArticleFactory.create(name="</script><script>alert(1)</script> & \u2028 <!--")

    page = client.get(article.get_absolute_url()).text

    assert "<script>alert" not in page
    assert json.loads(LD.findall(page)[0])[0]["name"] == article.name


def test_a_shared_article_has_a_picture_a_name_and_one_address(client: Client) -> None:
    article = ArticleFactory.create(name="Linen dress", price="39.90")
    photo = PhotoFactory.create(article=article, alt="The dress from behind")

    page = client.get(f"{article.get_absolute_url()}?utm_source=x").text

    address = f"http://testserver{article.get_absolute_url()}"
    assert f'<link rel="canonical" href="{address}">' in page
    for name, content in {
        "og:type": "product",
        "og:title": "Linen dress",
        "og:url": address,
        "og:image": f"http://testserver{photo.image_url(1280)}",
        "og:image:alt": "The dress from behind",
        "product:price:amount": "39.90",
    }.items():
        assert f'<meta property="{name}" content="{content}">' in page


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/articles/", ["http://testserver/articles/"]),
        ("/fr/articles/?page=1", ["http://testserver/fr/articles/"]),
        ("/articles/?page=2", ["http://testserver/articles/?page=2"]),
        ("/articles/?q=linen", []),
        ("/nowhere/", []),
    ],
)
def test_each_list_has_one_address_and_what_is_searched_for_none(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str, canonical: list[str]
) -> None:
    monkeypatch.setattr("catalogue.web.views.ARTICLES_A_PAGE", 1)
    ArticleFactory.create_batch(2)

    page = client.get(address).text

    assert re.findall(r'<link rel="canonical" href="([^"]*)">', page) == canonical


def test_the_sitemap_has_every_published_page_in_both_languages(client: Client) -> None:
    shown = ArticleFactory.create(category=CategoryFactory.create(slug="dresses"))
    ArticleFactory.create(published=False, slug="hidden")
    CategoryFactory.create(slug="empty")
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)

    found, alternates = set(), set()
    for part in index.iterfind("map:sitemap/map:loc", XML):
        urls = ElementTree.fromstring(client.get(str(part.text)).content)
        found |= {str(one.text).removeprefix("http://testserver") for one in urls.iterfind("map:url/map:loc", XML)}
        alternates |= {one.get("hreflang") for one in urls.iterfind("map:url/xhtml:link", XML)}

    pages = {"/", "/articles/", "/categories/dresses/", shown.get_absolute_url()}
    assert found == pages | {f"/fr{page}" for page in pages}
    assert alternates == {"en", "fr"}


def test_robots_are_told_where_the_sitemap_is_and_to_leave_searches_alone(client: Client) -> None:
    answer = client.get("/robots.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: http://testserver/sitemap.xml" in answer.text
    assert "Disallow: /search/?" in answer.text
