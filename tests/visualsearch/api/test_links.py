"""Short links to searches, over HTTP: made once a search, refused early, kept for 30 days."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalogue.models import Photo
from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import found_article, query_for, shopper_photo
from visualsearch.models import ModelVersion, SearchLink
from visualsearch.services.retrieval.tokens import SALT
from visualsearch.services.search import links
from visualsearch.tasks import remove_expired_links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


@pytest.fixture
def token(client: Client) -> str:
    found_article("#b00020", sku="red")
    return str(send(client, shopper_photo("#b00020")).json()["token"])


def pass_time(passed: timedelta) -> None:
    """Make all links older."""
    SearchLink.objects.update(created=F("created") - passed, expires=F("expires") - passed)


class Earlier(signing.TimestampSigner):
    """Signs as the shop did 29 days ago."""

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - int(timedelta(days=29).total_seconds()))


def said_by(token: str) -> str:
    """Return what a token says, without when it was signed."""
    return token.rsplit(":", 2)[0]


def days_left(answer: Any) -> float:
    return (datetime.fromisoformat(answer.json()["expires"]) - timezone.now()) / timedelta(days=1)


def make(client: Client, **body: Any) -> Any:
    return client.post("/api/links", body, content_type="application/json")


def test_a_search_gets_a_short_address_for_30_days(client: Client, token: str) -> None:
    answer = make(client, token=token)
    link = SearchLink.objects.get()

    assert answer.status_code == 201
    assert answer.json()["address"] == answer["Location"] == f"http://testserver/s/{link.pk}"
    assert days_left(answer) == pytest.approx(30, abs=0.01)
    assert len(link.pk) == 16
    assert said_by(link.token) == said_by(token)


def test_a_link_to_an_old_token_works_for_30_days_too(client: Client, token: str) -> None:
    """A token is valid for 30 days: that of a link is signed anew."""
    link_id = make(client, token=Earlier(salt=SALT).sign(said_by(token))).json()["address"].rpartition("/")[2]
    kept = SearchLink.objects.get(pk=link_id).token

    signed = signing.TimestampSigner(salt=SALT).unsign(kept, max_age=timedelta(minutes=5))

    assert signed == said_by(token)


def test_the_address_is_in_the_language_of_the_request(client: Client, token: str) -> None:
    french = client.post(
        "/api/links", {"token": token}, content_type="application/json", headers={"Accept-Language": "fr"}
    )

    assert french.json()["address"].startswith("http://testserver/fr/s/")


def test_of_the_photo_and_of_who_asks_nothing_is_kept(client: Client, token: str) -> None:
    make(client, token=token)

    assert Photo.objects.count() == 1  # the article's own
    assert {field.name for field in SearchLink._meta.fields} == {"id", "token", "search_sha256", "created", "expires"}


def test_the_same_search_has_the_same_link_and_asking_again_keeps_it_longer(client: Client, token: str) -> None:
    first = make(client, token=token)
    pass_time(timedelta(days=29))
    signed_anew = Earlier(salt=SALT).sign(said_by(token))

    again = make(client, token=signed_anew)

    assert again.json()["address"] == first.json()["address"]
    assert days_left(again) == pytest.approx(30, abs=0.01)
    assert SearchLink.objects.count() == 1


def test_after_its_time_a_search_gets_another_link(client: Client, token: str) -> None:
    first = make(client, token=token).json()
    pass_time(timedelta(days=30))

    assert make(client, token=token).json()["address"] != first["address"]
    assert SearchLink.objects.count() == 1


def test_what_is_no_token_is_refused_and_not_kept(client: Client, token: str) -> None:
    assert_problem(make(client, token=token + "x"), 400, "invalid_token")
    assert_problem(make(client, token="x" * 8_193), 400, "invalid_token")
    assert_problem(make(client, token="x" * 100_000), 400, "invalid_token")
    assert_problem(make(client), 400, "invalid")
    assert_problem(client.post("/api/links", "[]", content_type="application/json"), 400, "invalid")
    assert_problem(client.post("/api/links", {"token": token}), 415, "unsupported_media_type")
    assert SearchLink.objects.count() == 0


def test_a_token_of_a_retired_model_is_outdated_and_not_kept(client: Client, token: str) -> None:
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)

    assert_problem(make(client, token=token), 410, "token_outdated")
    assert SearchLink.objects.count() == 0


def test_links_have_a_rate_of_their_own(client: Client, token: str, settings: Any) -> None:
    settings.RATE_LIMITS = {"predict": None, "links": "2/min"}

    answers = [make(client, token=token) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert send(client, shopper_photo("#b00020")).status_code == 200


def test_expired_links_are_removed_and_others_stay(client: Client, token: str) -> None:
    make(client, token=token)
    pass_time(timedelta(days=1))
    make(client, token=query_for("#1f3a5f").token)
    later = SearchLink.objects.order_by("-expires")[0].pk

    pass_time(timedelta(days=29) - timedelta(minutes=1))
    remove_expired_links()
    before = SearchLink.objects.count()
    pass_time(timedelta(minutes=1))
    remove_expired_links()

    assert before == 2
    assert [link.pk for link in SearchLink.objects.all()] == [later]


def test_beyond_the_most_the_link_that_expires_first_makes_room(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "KEPT_AT_MOST", 2)
    made = []
    for colour in ("#b00020", "#1f3a5f", "#2e7d32"):
        made.append(make(client, token=query_for(colour).token).json()["address"])
        pass_time(timedelta(minutes=1))

    assert {f"http://testserver/s/{link.pk}" for link in SearchLink.objects.all()} == set(made[1:])
