"""The use case of search by photo: its cost through page, API and admin; nothing is read or searched twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import CategoryFactory
from tests.visualsearch.catalogue import found_article, query_for, shopper_photo
from visualsearch import backends
from visualsearch.index.faiss import FaissIndex
from visualsearch.inference.litert import LiteRTModel
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.search import photo_search
from visualsearch.services.statistics import search_stats

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "unlimited"), pytest.mark.database]

PHOTO = shopper_photo("#b00020")


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = {}
    search_stats.server.cache_clear()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each thing that a request needs is read or done."""
    counted: Counter[str] = Counter()

    def count(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counted[name] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, counting)

    # Opened before, so that only what a request does is counted.
    indexing.fresh_index(versions.serving_version())
    backends.get_model(versions.serving_version().folder)
    count(backends, "get_model")
    count(indexing, "fresh_index")
    count(LiteRTModel, "predict_garments")
    count(FaissIndex, "search")
    count(search_stats, "count_search")
    yield counted


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("mine.jpg", PHOTO)


def version_reads(captured: CaptureQueriesContext) -> int:
    """How often a whole row of a version is read; the log's head, which is read with each search, is two columns."""
    return sum(
        sql["sql"].startswith("SELECT") and '"visualsearch_modelversion"."card_sha256"' in sql["sql"].split("FROM")[0]
        for sql in captured.captured_queries
    )


ONCE = {"get_model": 1, "fresh_index": 1, "predict_garments": 1, "search": 1, "count_search": 1}
ONCE_BY_TOKEN = {"get_model": 1, "fresh_index": 1, "search": 1}


def test_predict_reads_version_model_and_index_once(client: Client, calls: Counter[str]) -> None:
    found_article("#b00020", category=CategoryFactory.create(slug="dress"))
    calls.clear()

    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/api/predict", {"image": upload(), "category": "dress"})

    assert [article["similarity"] > 0.9 for article in answer.json()["articles"]] == [True]
    assert calls == ONCE
    assert version_reads(captured) == 1


def test_a_search_by_token_reads_them_once(client: Client, calls: Counter[str]) -> None:
    found_article("#b00020")
    token = query_for("#b00020").token
    calls.clear()

    with CaptureQueriesContext(connection) as captured:
        assert client.get("/api/search", {"token": token}).status_code == 200

    assert calls == ONCE_BY_TOKEN
    assert version_reads(captured) == 1


def test_the_script_is_answered_with_the_results_by_one_inference_and_one_search(
    client: Client, calls: Counter[str]
) -> None:
    article = found_article("#b00020")
    calls.clear()

    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/search/?fragment=1", {"image": upload()})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert article.get_absolute_url() in answer.text
    assert "data-map=" in answer.text
    assert calls == ONCE
    assert version_reads(captured) == 1


def test_the_form_and_the_page_it_leads_to_are_one_inference_one_search_and_one_count(
    client: Client, calls: Counter[str]
) -> None:
    article = found_article("#b00020")
    calls.clear()

    sent = client.post("/search/", {"image": upload()})
    page = client.get(sent["Location"])

    assert [match.article for match in page.context["page"].matches] == [article]
    assert (calls["predict_garments"], calls["search"], calls["count_search"]) == (1, 1, 1)


def test_what_is_put_by_is_shown_once_and_only_for_the_same_search(client: Client, calls: Counter[str]) -> None:
    found_article("#b00020", price="10.00")
    address = client.post("/search/", {"image": upload()})["Location"]
    calls.clear()

    narrowed = client.get(f"{address}&price_max=5")
    shown = [client.get(address) for _ in range(2)]

    assert narrowed.context["page"].matches == []
    assert [len(page.context["page"].matches) for page in shown] == [1, 1]
    # The narrowed one, and the reload.
    assert calls["search"] == 2


def test_an_article_hidden_before_the_page_comes_is_not_shown(client: Client) -> None:
    article = found_article("#b00020")
    address = client.post("/search/", {"image": upload()})["Location"]
    article.published = False
    article.save()

    assert client.get(address).context["page"].matches == []


def test_a_cache_that_is_down_costs_a_second_search_and_no_more(client: Client, valkey: Any) -> None:
    found_article("#b00020")
    valkey.stop()

    address = client.post("/search/", {"image": upload()})["Location"]

    assert len(client.get(address).context["page"].matches) == 1


def test_queries_of_a_search_are_as_many_whatever_is_found(client: Client, django_assert_num_queries: Any) -> None:
    found_article("#b00020")
    token = query_for("#b00020").token
    photo_search.search_token(token)
    with CaptureQueriesContext(connection) as captured:
        photo_search.search_token(token)
    for colour in ("#b00021", "#b00022", "#b00023"):
        found_article(colour)
    photo_search.search_token(token)

    with django_assert_num_queries(len(captured)):
        result = photo_search.search_token(token, SearchOptions(limit=3))

    assert len(result.page.matches) == 3


def test_staffs_own_photos_are_counted_nowhere(calls: Counter[str]) -> None:
    found_article("#b00020", published=False)
    calls.clear()

    query = photo_search.describe_photo(PHOTO)
    hidden_too = photo_search.search_hidden_too(query.token, limit=5)

    assert len(hidden_too) == 1
    assert photo_search.search_token(query.token).page.matches == []
    assert calls["count_search"] == 0
