"""What a shopper says of results, without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.visualsearch.catalogue import found_article, query_for
from visualsearch.models import Feedback, ModelFailure
from visualsearch.services.retrieval.tokens import read_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def token() -> str:
    found_article("#b00020")
    return query_for("#b00020").token


def test_results_ask_whether_they_are_any_good_and_number_the_articles(client: Client, token: str) -> None:
    page = client.get("/search/", {"token": token}).text

    assert 'data-rank="1"' in page
    assert "Not what you were looking for?" in page
    assert "These don’t match" in page
    assert '<option value="shirt">Shirt</option>' in page
    # What the model said already is no correction.
    assert f'<option value="{read_token(token).predictions[0].label}">' not in page


@pytest.mark.parametrize(("kind", "category"), [("not_similar", "dress"), ("category", "shirt")])
def test_the_form_tells_it_and_leads_back_to_the_results(client: Client, token: str, kind: str, category: str) -> None:
    response = client.post("/search/feedback/", {"token": token, "kind": kind, "category": category}, follow=True)

    assert "Thank you" in response.text
    assert 'data-rank="1"' in response.text
    assert Feedback.objects.get().kind == kind
    assert ModelFailure.objects.get().kind == kind


def test_a_wrong_form_is_refused_on_the_page(client: Client, token: str) -> None:
    unknown = client.post("/search/feedback/", {"token": token, "kind": "liked"})
    broken = client.post("/fr/search/feedback/", {"token": "x", "kind": "not_similar"})

    assert (unknown.status_code, broken.status_code) == (400, 400)
    assert "<h1>" in unknown.text
    assert "Ce lien n’est pas valable." in broken.text
    assert client.get("/search/feedback/").status_code == 405


def test_another_site_cannot_tell_in_a_shoppers_name(token: str) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/search/feedback/", {"token": token, "kind": "not_similar"}).status_code == 403
    assert not Feedback.objects.exists()


def test_who_tells_too_often_is_told_to_wait(client: Client, token: str, settings: Any) -> None:
    settings.RATE_LIMITS = {"feedback": "1/min"}
    form = {"token": token, "kind": "not_similar"}

    statuses = [client.post("/search/feedback/", form).status_code for _ in range(2)]

    assert statuses == [303, 429]
