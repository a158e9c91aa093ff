"""Every list is paged in one way, and says which parameters it did not use."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.catalogue.api.conftest import Api
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def five() -> None:
    for number in range(5):
        ArticleFactory.create(sku=str(number), category=None, brand=None)


def query_of(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


@pytest.mark.usefixtures("five")
def test_a_page_leads_to_the_next_and_to_the_one_before(api: Api) -> None:
    page = api.get("/api/articles?limit=2&offset=2&in_stock=true")

    assert [article["sku"] for article in page["results"]] == ["2", "1"]
    assert page["count"] == 5
    assert page["next"].startswith("http://testserver/api/articles?")
    assert query_of(page["next"]) == {"limit": ["2"], "offset": ["4"], "in_stock": ["true"]}
    assert query_of(page["previous"]) == {"limit": ["2"], "in_stock": ["true"]}
    assert api.get(page["next"])["next"] is None


@pytest.mark.usefixtures("five")
def test_past_the_end_there_is_nothing_more(api: Api) -> None:
    page = api.get("/api/articles?offset=1000")

    assert (page["count"], page["results"], page["next"]) == (5, [], None)


@pytest.mark.usefixtures("five")
def test_pages_by_number_still_work_and_are_called_deprecated(client: Client) -> None:
    second = client.get("/api/articles?page=2&page_size=2")
    plain = client.get("/api/articles?limit=2&offset=2")

    assert second.json()["results"] == plain.json()["results"]
    assert second.headers["Deprecation"] == "@1796083200"
    assert 'rel="deprecation"' in second.headers["Link"]
    assert query_of(second.json()["next"]) == {"limit": ["2"], "offset": ["4"]}
    assert "Deprecation" not in plain.headers


def test_a_number_of_a_page_and_an_offset_contradict_each_other(api: Api) -> None:
    status, body = api.refused("/api/articles?page=2&offset=2")

    assert (status, list(body["errors"])) == (400, ["page"])


def test_an_error_of_a_page_says_what_helps(api: Api) -> None:
    _, english = api.refused("/api/articles?limit=1000&offset=-1")
    _, french = api.refused("/api/articles?limit=1000", headers={"Accept-Language": "fr"})

    assert english["errors"] == {
        "limit": ["The number is too high. The maximum is 100."],
        "offset": ["The number is too low. The minimum is 0."],
    }
    assert french["errors"] == {"limit": ["Le nombre est trop grand. Le maximum est 100."]}


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/api/articles?colr=red&limit=3&foo=1", "colr, foo"),
        ("/api/articles?%0d%0aSet-Cookie:%20a=1", "%0D%0ASet-Cookie%3A%20a"),
        ("/api/articles?n%C3%A9=1&%00=2", "n%C3%A9, %00"),
        ("/api/articles?" + "a" * 500 + "=1", "a" * 40),
        ("/api/articles?" + "&".join(f"p{number}=1" for number in range(30)), None),
        ("/api/articles?published=false", "published"),
        ("/api/categories?limit=3", "limit"),
    ],
)
def test_parameters_that_are_not_used_are_named_in_a_header(client: Client, address: str, named: str | None) -> None:
    answer = client.get(address)

    assert answer.status_code == 200
    unused = answer.headers["X-Unused-Parameters"]
    assert unused == named if named else unused.endswith("p19, ...")


@pytest.mark.parametrize("address", ["/api/articles?colour=&limit=&q=x", "/api/categories"])
def test_an_answer_that_used_all_names_none(client: Client, address: str) -> None:
    assert "X-Unused-Parameters" not in client.get(address).headers


def test_staff_list_what_is_not_published_and_a_wrong_value_is_refused(staff: Client) -> None:
    ArticleFactory.create(published=False)

    hidden = staff.get("/api/articles?published=false")
    wrong: Any = staff.get("/api/articles?published=perhaps")

    assert (hidden.json()["count"], "X-Unused-Parameters" in hidden.headers) == (1, False)
    assert list(wrong.json()["errors"]) == ["published"]
