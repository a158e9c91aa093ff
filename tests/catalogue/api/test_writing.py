"""Staff with a token add, change and delete articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from rest_framework.exceptions import ValidationError

from catalogue.api.writing import ArticleInputSerializer
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models import Article, Photo
from tests.catalogue.api.conftest import DRESS, client_of, picture, refusal, send
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]


def test_staff_add_an_article_with_all_that_it_has(staff: Client) -> None:
    CategoryFactory.create(slug="dress")
    BrandFactory.create(slug="claire", name="Maison Claire")
    ColourFactory.create(slug="navy")
    ColourFactory.create(slug="red")

    response = send(
        staff,
        "post",
        "/api/articles",
        {
            **DRESS,
            "name_fr": "Robe en lin",
            "description": "Light.",
            "category": "dress",
            "brand": "claire",
            "price": {"amount": "39.9", "currency": "CHF"},
            "colours": ["navy", "red"],
            "sizes": ["36", "38"],
            "stock": 3,
            "published": False,
        },
    )

    article = Article.objects.get()
    assert (response.status_code, response.headers["Location"]) == (201, f"/api/articles/{article.pk}")
    assert response.json()["price"] == {"amount": "39.90", "currency": "CHF"}
    assert response.json()["brand"] == "Maison Claire"
    assert (article.sku, article.name_fr, article.slug, article.description) == (
        "D-1",
        "Robe en lin",
        "linen-dress",
        "Light.",
    )
    assert (str(article.price), article.currency, article.stock, article.published) == ("39.90", "CHF", 3, False)
    assert article.sizes == ["36", "38"]
    assert sorted(colour.slug for colour in article.colours.all()) == ["navy", "red"]


def test_number_and_name_are_enough(staff: Client) -> None:
    response = send(staff, "post", "/api/articles", DRESS)

    assert response.status_code == 201
    assert response.json() == {
        "id": Article.objects.get().pk,
        "sku": "D-1",
        "name": "Linen dress",
        "url": f"/articles/linen-dress-{Article.objects.get().pk}/",
        "category": None,
        "brand": None,
        "price": None,
        "regular_price": None,
        "in_stock": True,
        "image": None,
        "pictures": None,
        "description": "",
        "category_path": [],
        "additional_categories": [],
        "colours": [],
        "sizes": [],
        "variants": [],
        "style_number": "",
        "colour_variants": [],
        "photos": [],
        "written": {
            "name": "Linen dress", "name_fr": "", "description": "", "description_fr": "", "category": None,
            "brand": None, "stock": None, "published": True, "proposed": [], "variants": [],
        },
    }  # fmt: skip


def test_a_change_leaves_what_was_not_sent(staff: Client) -> None:
    red = ColourFactory.create(slug="red")
    article = ArticleFactory.create(name="Dress", price="20.00", currency="CHF", stock=3, colours=[red], sizes=["S"])

    response = send(staff, "patch", f"/api/articles/{article.pk}", {"price": None, "stock": None, "published": False})

    article.refresh_from_db()
    assert response.status_code == 200
    assert response.json()["price"] is None
    assert (article.price, article.currency, article.stock, article.published) == (None, "CHF", None, False)
    assert (article.name, article.sizes, list(article.colours.all())) == ("Dress", ["S"], [red])


def test_staff_read_and_change_what_is_not_published(staff: Client) -> None:
    article = ArticleFactory.create(published=False)

    assert staff.get(f"/api/articles/{article.pk}").status_code == 200
    assert send(staff, "patch", f"/api/articles/{article.pk}", {"published": True}).status_code == 200
    assert Client().get(f"/api/articles/{article.pk}").status_code == 200


def test_staff_read_what_they_wrote_and_list_what_shoppers_do_not_see(staff: Client) -> None:
    body = {**DRESS, "name_fr": "Robe", "description": "Light.", "stock": 3, "published": False}
    added = send(staff, "post", "/api/articles", body).json()
    ArticleFactory.create()

    read = staff.get(f"/api/articles/{added['id']}").json()
    hidden = staff.get("/api/articles", {"published": "false"}).json()["results"]

    assert read["written"] == added["written"] == {
        "name": "Linen dress", "name_fr": "Robe", "description": "Light.", "description_fr": "", "category": None,
        "brand": None, "stock": 3, "published": False, "proposed": [], "variants": [],
    }  # fmt: skip
    assert [article["id"] for article in hidden] == [added["id"]]
    assert Client().get("/api/articles", {"published": "false"}).json()["results"][0]["id"] != added["id"]
    send(staff, "patch", f"/api/articles/{added['id']}", {"published": True})
    assert "written" not in Client().get(f"/api/articles/{added['id']}").json()


def test_a_deleted_article_lies_in_the_bin_with_its_photos(
    staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    photo = PhotoFactory.create()
    file = Path(photo.file.path)
    assert file.exists()

    with django_capture_on_commit_callbacks(execute=True):
        response = staff.delete(f"/api/articles/{photo.article_id}")

    assert (response.status_code, response.content) == (204, b"")
    assert not Article.objects.exists()
    assert not Photo.objects.exists()
    assert Client().get(f"/api/articles/{photo.article_id}").status_code == 404
    assert Article.all_objects.binned().get().pk == photo.article_id
    assert file.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "No number"}, "sku"),
        ({**DRESS, "sku": "taken"}, "sku"),
        ({**DRESS, "sku": "a\0b"}, "sku"),
        ({**DRESS, "name": "\ud800"}, "name"),
        ({**DRESS, "name": "x" * 201}, "name"),
        ({**DRESS, "category": "nowhere"}, "category"),
        ({**DRESS, "category": "a\0"}, "category"),
        ({**DRESS, "brand": {"a": 1}}, "brand"),
        ({**DRESS, "colours": "red"}, "colours"),
        ({**DRESS, "colours": ["nowhere"]}, "colours"),
        ({**DRESS, "price": "39.90"}, "price"),
        ({**DRESS, "price": {"amount": "-1", "currency": "EUR"}}, "price.amount"),
        ({**DRESS, "price": {"amount": "123456789.00", "currency": "EUR"}}, "price.amount"),
        ({**DRESS, "price": {"amount": "1.00", "currency": "euro"}}, "price.currency"),
        ({**DRESS, "sizes": "M"}, "sizes"),
        ({**DRESS, "sizes": [{}]}, "sizes.0"),
        ({**DRESS, "stock": -1}, "stock"),
        ({**DRESS, "stock": 10**30}, "stock"),
        ({**DRESS, "published": "perhaps"}, "published"),
        ([], "request"),
        ('"text"', "request"),
    ],
)
def test_an_article_that_makes_no_sense_is_refused_by_name(staff: Client, body: Any, field: str) -> None:
    ArticleFactory.create(sku="taken", category=None, brand=None)

    status, problem = refusal(send(staff, "post", "/api/articles", body))

    assert (status, problem["code"], list(problem["errors"])) == (400, "invalid", [field])
    assert Article.objects.count() == 1


def test_a_number_taken_meanwhile_is_refused_by_name() -> None:
    sent = ArticleInputSerializer(data=DRESS)
    assert sent.is_valid()
    ArticleFactory.create(sku="D-1")

    with pytest.raises(InvalidRequestError) as refused:
        sent.save()

    assert refused.value.errors == {"sku": [Message("request.sku_taken")]}
    assert Article.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_category_deleted_meanwhile_is_refused_by_name() -> None:
    category = CategoryFactory.create(slug="dress")
    sent = ArticleInputSerializer(data={**DRESS, "category": "dress"})
    assert sent.is_valid()
    category.delete()

    with pytest.raises(ValidationError) as refused:
        sent.save()

    assert list(refused.value.detail) == ["category"]
    assert not Article.objects.exists()


@pytest.mark.parametrize("body", ["{", "", "\ufeff{}", '{"a": NaN}', "[" * 100_000, '{"stock": ' + "9" * 5000 + "}"])
def test_a_body_that_is_no_json_is_refused(staff: Client, body: str) -> None:
    status, problem = refusal(send(staff, "post", "/api/articles", body))

    assert (status, problem["code"]) == (400, "invalid")


def test_a_body_that_is_no_unicode_is_refused(staff: Client) -> None:
    assert refusal(send(staff, "post", "/api/articles", b'{"name": "\xff"}'))[0] == 400


def test_a_body_of_another_kind_is_refused(staff: Client) -> None:
    path = f"/api/articles/{ArticleFactory.create().pk}/photos"

    assert refusal(staff.post("/api/articles", b"<a/>", content_type="text/xml"))[1]["code"] == "unsupported_media_type"
    assert refusal(send(staff, "post", path, {}))[0] == 415
    assert refusal(staff.post(path, b"x", content_type="multipart/form-data; boundary=\xff"))[0] == 400


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_what_is_not_there_cannot_be_changed(staff: Client, method: str) -> None:
    assert refusal(send(staff, method, "/api/articles/999", {}))[0] == 404
    assert refusal(staff.post("/api/articles/999/photos", {"image": picture()}))[0] == 404


def test_a_brand_may_be_named_as_articles_name_it(staff: Client) -> None:
    brand = BrandFactory.create(name="Port Ouest", slug="port-ouest")

    by_slug = send(staff, "post", "/api/articles", {**DRESS, "brand": "port-ouest"}).json()
    again = send(staff, "patch", f"/api/articles/{by_slug['id']}", {"brand": by_slug["brand"]})

    assert (by_slug["brand"], again.status_code) == ("Port Ouest", 200)
    assert Article.objects.get().brand == brand


def test_staff_may_do_by_token_what_they_may_in_the_admin() -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    client, article = client_of(clerk), PhotoFactory.create().article
    address = f"/api/articles/{article.pk}"
    asked = [("post", "/api/articles"), ("patch", address), ("delete", address)]

    before = [send(client, method, path, DRESS).status_code for method, path in asked]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_article", "delete_photo"]))
    after = [send(client, method, path, {**DRESS, "name": "Other"}).status_code for method, path in asked]
    photo = client.delete(f"/api/articles/{article.pk}/photos/{article.photos.get().pk}").status_code

    assert before == [403, 403, 403]
    assert (after, photo) == ([403, 200, 403], 204)
