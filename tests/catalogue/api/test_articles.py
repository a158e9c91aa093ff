"""GET /api/articles and /api/articles/{id}, to the letter of the contract."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from catalogue.models import Article
from tests.catalogue.api.conftest import Api
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

SITE = "http://testserver"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def skus(api: Api, query: str = "") -> list[str]:
    return [article["sku"] for article in api.get(f"/api/articles?{query}")["results"]]


def test_an_article_is_listed_with_just_what_the_contract_names(api: Api) -> None:
    article = ArticleFactory.create(
        sku="D-0017",
        name="Linen summer dress",
        category=CategoryFactory.create(slug="dress"),
        brand=BrandFactory.create(name="Maison Claire"),
        price="39.90",
    )
    second, first = PhotoFactory.create(article=article, position=2), PhotoFactory.create(article=article, position=1)

    page = api.get("/api/articles")

    assert second.pk < first.pk
    assert page == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": article.pk,
                "sku": "D-0017",
                "name": "Linen summer dress",
                "url": f"/articles/linen-summer-dress-{article.pk}/",
                "category": "dress",
                "brand": "Maison Claire",
                "price": {"amount": "39.90", "currency": "EUR"},
                "regular_price": None,
                "in_stock": True,
                "image": f"{SITE}/media/{first.pk}/{first.sha256[:16]}-320.webp",
                "pictures": pictures(first),
            }
        ],
    }


def test_what_an_article_lacks_is_null(api: Api) -> None:
    ArticleFactory.create(category=None, brand=None, price=None, stock=0)

    (article,) = api.get("/api/articles")["results"]

    names = ("category", "brand", "price", "image", "pictures")
    assert {name: article[name] for name in names} == dict.fromkeys(names)
    assert article["in_stock"] is False


def test_an_article_alone_has_all_that_its_page_shows(api: Api) -> None:
    above = CategoryFactory.create(slug="tops", name="Tops")
    article = ArticleFactory.create(
        name="Shirt",
        description="Cut straight.",
        category=CategoryFactory.create(slug="shirt", name="Shirts", parent=above),
        colours=[ColourFactory.create(slug="navy", name="Navy", hex="#1f2f4f")],
        sizes=["S", "M"],
    )
    photo = PhotoFactory.create(article=article, alt="From behind")
    plain = PhotoFactory.create(article=article, position=1)

    found = api.get(f"/api/articles/{article.pk}")

    assert list(found)[:11] == list(api.get("/api/articles")["results"][0])
    assert {name: found[name] for name in list(found)[11:]} == {
        "description": "Cut straight.",
        "category_path": [{"slug": "tops", "name": "Tops"}, {"slug": "shirt", "name": "Shirts"}],
        "additional_categories": [],
        "colours": [{"slug": "navy", "name": "Navy", "hex": "#1f2f4f"}],
        "sizes": ["S", "M"],
        "variants": [{"size": size, "colour": None, "sku": "", "barcode": "", "in_stock": True} for size in ("S", "M")],
        "style_number": "",
        "colour_variants": [],
        "photos": [
            {"id": photo.pk, "alt": "From behind", "images": images(photo), "pictures": pictures(photo)},
            {"id": plain.pk, "alt": "Shirt", "images": images(plain), "pictures": pictures(plain)},
        ],
    }


def images(photo: Any) -> dict[str, str]:
    return {str(width): f"{SITE}/media/{photo.pk}/{photo.sha256[:16]}-{width}.webp" for width in (320, 640, 1280)}


def pictures(photo: Any) -> dict[str, Any]:
    """Return the three sizes of a drawn photo, which is 48 pixels wide and 64 high: none is enlarged."""
    sizes = zip(("small", "medium", "large"), images(photo).values(), strict=True)
    return {name: {"url": address, "width": 48, "height": 64} for name, address in sizes}


def test_the_answer_is_in_the_language_that_the_client_accepts(api: Api) -> None:
    article = ArticleFactory.create(
        name="Shirt", name_fr="Chemise", category=CategoryFactory.create(slug="shirt"), brand=BrandFactory.create()
    )

    french = api.get(f"/api/articles/{article.pk}", **{"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.8"})
    english = api.get(f"/api/articles/{article.pk}", **{"Accept-Language": "de,en;q=0.5"})

    assert (french["name"], french["url"]) == ("Chemise", f"/fr/articles/shirt-{article.pk}/")
    assert (english["name"], english["url"]) == ("Shirt", f"/articles/shirt-{article.pk}/")


def test_caches_are_told_that_the_language_matters(api: Api) -> None:
    response = api.client.get("/api/articles", headers={"Accept-Language": "fr"})

    assert "Accept-Language" in response.headers["Vary"]
    assert response.headers["Content-Language"] == "fr"


def test_articles_that_are_not_published_are_nowhere(api: Api) -> None:
    hidden = ArticleFactory.create(published=False)
    Article.objects.filter(pk=ArticleFactory.create().pk).update(published=False)

    assert api.get("/api/articles")["results"] == []
    assert api.refused(f"/api/articles/{hidden.pk}")[0] == 404


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("", ["none", "dear", "cheap", "middle"]),
        ("newest", ["none", "dear", "cheap", "middle"]),
        ("price", ["cheap", "middle", "dear", "none"]),
        ("-price", ["dear", "middle", "cheap", "none"]),
    ],
)
def test_articles_are_ordered_as_asked_and_those_without_a_price_come_last(
    api: Api, ordering: str, expected: list[str]
) -> None:
    for sku, price in (("middle", 20), ("cheap", 5), ("dear", 90), ("none", None)):
        ArticleFactory.create(sku=sku, price=price)

    assert skus(api, f"ordering={ordering}") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=tops", "abc"),
        ("category=shirt", "bc"),
        ("category=shirt&category=dress", "bcd"),
        ("colour=red", "ac"),
        ("colour=red&colour=blue", "abc"),
        ("brand=nord", "cd"),
        ("brand=nord&brand=claire", "abcd"),
        ("price_min=30", "bd"),
        ("price_max=30", "ab"),
        ("price_min=10.01&price_max=79.99", "b"),
        ("in_stock=true", "bd"),
        ("in_stock=false", "abcd"),
        ("category=tops&colour=blue&brand=claire", "b"),
        ("q=thing", "bdac"),
        ("q=robes", "d"),
        ("q=NORD+thing", "dc"),
        ("q=nord+absent", "dc"),
        ("q=absent", ""),
        ("q=claire&in_stock=true", "b"),
        ("q=&category=&price_min=", "abcd"),
        ("unknown=1", "abcd"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_filters_and_words_keep_what_passes_all_of_them(api: Api, query: str, expected: str) -> None:
    assert skus(api, query) == list(expected)


def test_pages_follow_one_another(api: Api) -> None:
    for number in range(5):
        ArticleFactory.create(sku=str(number), category=None, brand=None)

    first = api.get("/api/articles?limit=2&ordering=newest")
    second = api.get(first["next"])
    third = api.get(second["next"])

    assert [article["sku"] for page in (first, second, third) for article in page["results"]] == list("43210")
    assert [first["count"], first["previous"], third["next"]] == [5, None, None]


@pytest.mark.parametrize(("asked", "given"), [("1", 1), ("100", 100), ("", 24)])
def test_a_page_is_bounded(api: Api, asked: str, given: int) -> None:
    Article.objects.bulk_create(Article(sku=str(number), name="Thing", slug="thing") for number in range(102))

    assert len(api.get(f"/api/articles?limit={asked}")["results"]) == given


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("category=nowhere", "category"),
        ("colour=red&colour=nowhere", "colour"),
        ("brand=%00", "brand"),
        ("category=a%00b", "category"),
        ("q=a%00b", "q"),
        ("q=" + "a" * 201, "q"),
        ("ordering=name", "ordering"),
        ("in_stock=maybe", "in_stock"),
        ("price_min=cheap", "price_min"),
        ("price_min=-1", "price_min"),
        ("price_min=NaN", "price_min"),
        ("price_max=Infinity", "price_max"),
        ("price_max=1e400", "price_max"),
        ("price_max=123456789012", "price_max"),
        ("price_min=" + "9" * 5000, "price_min"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("offset=-1", "offset"),
        ("offset=1.5", "offset"),
        ("offset=%00", "offset"),
        ("offset=" + "9" * 30, "offset"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=many", "page_size"),
        ("page_size=%00", "page_size"),
        ("page_size=" + "9" * 5000, "page_size"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(api: Api, query: str, field: str) -> None:
    ColourFactory.create(slug="red")

    status, body = api.refused(f"/api/articles?{query}")

    assert (status, body["code"], list(body["errors"])) == (400, "invalid", [field])
    assert all(isinstance(message, str) and message for message in body["errors"][field])


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "%20".join("abcdefgh" * 12),
        "q=%ff%fe",
        "category=%ff",
        "price_min=0." + "1" * 900,
        "price_min=1e-400",
        "%00=1",
        "&&&=&=",
        "q=%F0%9F%91%97",
    ],
)
def test_strange_queries_are_answered(api: Api, query: str) -> None:
    ArticleFactory.create()

    assert api.client.get(f"/api/articles?{query}").status_code in (200, 400)


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "%00", "9" * 30, "9" * 5000])
def test_a_page_that_is_not_there_is_not_found(api: Api, number: str) -> None:
    status, body = api.refused(f"/api/articles?page={number}")

    assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30, "9" * 5000, "abc", "-1", "1%00", "%ff"])
def test_an_article_that_is_not_there_is_not_found(api: Api, key: str) -> None:
    status, body = api.refused(f"/api/articles/{key}")

    assert (status, body["code"]) == (404, "not_found")


def test_a_list_takes_as_many_queries_as_a_single_article(api: Api) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            api.get("/api/articles", QueryDict("colour=red&category=tops"))
        return len(captured)

    tops, red = CategoryFactory.create(slug="tops"), ColourFactory.create(slug="red")
    PhotoFactory.create(article=ArticleFactory.create(category=tops, colours=[red]))
    of_one = queries()
    for _number in range(6):
        PhotoFactory.create(article=ArticleFactory.create(category=tops, colours=[red]))

    assert queries() == of_one


@pytest.mark.usefixtures("shop")
def test_facets_come_with_a_page_where_they_are_asked_for(api: Api) -> None:
    page = api.get("/api/articles?facets=1&brand=claire&q=thing&limit=1")

    assert "facets" not in api.get("/api/articles?brand=claire")
    assert page["facets"] == {
        "categories": [
            {"slug": "tops", "name": "Tops", "articles": 2},
            {"slug": "shirt", "name": "Shirts", "articles": 1},
        ],
        "colours": [
            {"slug": "blue", "name": "Blue", "articles": 1, "hex": "#3b5998"},
            {"slug": "red", "name": "Red", "articles": 1, "hex": "#3b5998"},
        ],
        "sizes": [],
        "brands": [
            {"slug": "claire", "name": "Claire", "articles": 2},
            {"slug": "nord", "name": "Nord", "articles": 2},
        ],
        "in_stock": 1,
        "price_min": "10.00",
        "price_max": "30.00",
        "currency": "EUR",
        "currencies": ["EUR"],
    }
    assert api.refused("/api/articles?facets=perhaps")[1]["errors"].keys() == {"facets"}
