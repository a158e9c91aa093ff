"""What holds below /api/ whatever the address: refusals of one shape, a schema that is true, a page of it."""

# drf-spectacular is annotated in part.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from pytest_django import Settings

from catalogue.browsing.filters import FILTER_NAMES
from shop.urls import urlpatterns as shop_urlpatterns
from tests.catalogue.api.conftest import Api, refusal
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


def break_down(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


class BrokenUrls:
    """The shop's addresses, with one more that fails."""

    urlpatterns = [path("api/broken", break_down), *shop_urlpatterns]
    handler500 = "catalogue.web.error_pages.server_error"


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nowhere", "/api/articles/", "/api/articles/1/2", "/api/%00", "/api/%ff"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_is_not_there_is_a_problem(api: Api, path: str, method: str) -> None:
    status, body = api.refused(path, method=method)

    assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/api/categories", "GET, HEAD, OPTIONS"), ("/api/schema", "GET, HEAD, OPTIONS")]
)
def test_a_method_that_is_not_allowed_is_a_problem_and_those_that_are_are_named(
    api: Api, path: str, allowed: str
) -> None:
    response = api.client.delete(path)

    status, body = refusal(response)
    assert (status, body["code"]) == (405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


def test_a_kind_of_answer_that_cannot_be_given_is_a_problem(api: Api) -> None:
    status, body = refusal(api.client.get("/api/articles", headers={"Accept": "text/csv"}))

    assert (status, body["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "kind", ["", "nonsense", "application/json; charset=klingon", "multipart/form-data", "\xff/\xff"]
)
def test_a_broken_content_type_is_no_failure(api: Api, kind: str) -> None:
    response = api.client.generic("POST", "/api/categories", b"{", content_type=kind)

    assert refusal(response)[0] == 405


def test_a_host_that_is_not_ours_is_a_problem(api: Api) -> None:
    status, body = refusal(api.client.get("/api/articles", headers={"Host": "evil.example"}))

    assert (status, body["code"]) == (400, "invalid")


def test_a_bug_is_a_500_of_the_one_shape(client: Client, settings: Settings) -> None:
    settings.ROOT_URLCONF = BrokenUrls
    client.raise_request_exception = False

    status, body = refusal(client.get("/api/broken"))

    assert (status, body["code"]) == (500, "server_error")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


def test_the_schema_is_valid_and_made_without_a_warning(schema: dict[str, Any]) -> None:
    validate_schema(schema)

    assert not GENERATOR_STATS


def test_the_schema_names_every_filter(schema: dict[str, Any]) -> None:
    named = {parameter["name"] for parameter in schema["paths"]["/api/articles"]["get"]["parameters"]}

    pages = {"limit", "offset", "page", "page_size"}
    assert named == {"q", "ordering", "facets", "fields", "published", *pages, *FILTER_NAMES}


def test_answers_have_the_fields_of_the_schema(api: Api, schema: dict[str, Any]) -> None:
    article = PhotoFactory.create(article=ArticleFactory.create()).article
    shapes = schema["components"]["schemas"]

    listed, alone = api.get("/api/articles")["results"][0], api.get(f"/api/articles/{article.pk}")

    # With `fields`, any of them may be left out.
    assert "required" not in shapes["Article"]
    assert set(listed) == set(shapes["Article"]["properties"])
    # What staff wrote is for staff.
    assert {*alone, "written"} == set(shapes["ArticleDetail"]["properties"])
    assert set(alone["photos"][0]) == set(shapes["Photo"]["properties"])
    assert set(alone["price"]) == set(shapes["Money"]["properties"])
    assert set(api.get("/api/categories")[0]) == set(shapes["Branch"]["properties"])


def test_the_schema_is_served(client: Client) -> None:
    response = client.get("/api/schema", headers={"Accept": "application/json"})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/json")
    assert "/api/articles/{id}" in response.json()["paths"]


@pytest.mark.parametrize("version", ["%00", "a%0d%0aSet-Cookie:%20a=b", "2"])
def test_a_version_that_there_is_not_is_not_repeated(client: Client, version: str) -> None:
    response = client.get(f"/api/schema?version={version}")

    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'inline; filename="Vitrine.yaml"'


def test_the_page_of_the_schema_loads_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/api/docs")

    assert response.status_code == 200
    said = re.sub(r'nonce="[^"]*"', "", response.text).replace("http://testserver", "")
    assert "//" not in said.replace("// ", "")
