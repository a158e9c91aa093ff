"""Many photos at once: handed in, looked at in the background, asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalogue.models import ApiToken, Article
from catalogue.roles import Role, give_role
from tests.visualsearch.api.handing_in import hand_in, look_through, partner_client, photo_file, waiting_files
from tests.visualsearch.api.sending import assert_problem
from tests.visualsearch.catalogue import found_article, shopper_photo
from visualsearch import tasks
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import BatchPhoto, PhotoBatch
from visualsearch.services import batches
from visualsearch.services.retrieval.engine import Engine

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


def test_photos_handed_in_are_searched_for_as_one_by_one(partner: Client) -> None:
    found_article("#1f3a5f")
    red = found_article("#b00020", price="10.00")
    content = shopper_photo("#b00020")
    alone = partner.post("/api/predict", {"image": photo_file(content), "limit": "1", "price_max": "50"}).json()

    begun = hand_in(partner, [content, b"no picture"], limit="1", price_max="50")
    before = partner.get(begun.headers["Location"]).json()
    look_through(begun)
    after = partner.get(begun.headers["Location"]).json()
    results = partner.get(after["results"]).json()

    assert begun.status_code == 202
    assert (before["state"], before["photos"], before["done"]) == ("running", 2, 0)
    assert (after["state"], after["photos"], after["done"], after["failed"]) == ("finished", 2, 2, 1)
    first, second = results["results"]
    assert (first["number"], first["name"], first["state"], first["error"]) == (0, "0.jpg", "done", None)
    assert first["found"]["articles"] == alone["articles"]
    assert first["found"]["match"] == alone["match"]
    assert first["found"]["articles"][0]["id"] == red.pk
    assert (second["state"], second["error"]["code"], second["found"]) == ("failed", "unreadable_image", None)
    again = partner.get("/api/search", {"token": first["found"]["token"], "limit": 1, "price_max": 50}).json()
    assert again["articles"] == alone["articles"]


def test_a_photo_is_kept_only_until_it_was_looked_at(partner: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun = hand_in(partner, [shopper_photo("#b00020")] * 3)
        kept = len(waiting_files())
        look_through(begun)

    assert kept == 3
    assert waiting_files() == []
    assert set(BatchPhoto.objects.values_list("file", flat=True)) == {""}


def test_pictures_at_addresses_are_fetched(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    red = found_article("#b00020")
    monkeypatch.setattr(batches, "fetch_image", lambda url, limits: shopper_photo("#b00020"))

    begun = partner.post("/api/batches", {"urls": ["https://example.com/a.jpg"]}, content_type="application/json")
    look_through(begun)

    (result,) = partner.get(begun.json()["results"]).json()["results"]
    assert (result["name"], result["found"]["articles"][0]["id"]) == ("https://example.com/a.jpg", red.pk)


def test_an_inner_address_fails_with_the_text_of_every_other(partner: Client) -> None:
    urls = ["http://127.0.0.1/a.jpg", "https://example.invalid/a.jpg"]

    begun = partner.post("/api/batches", {"urls": urls}, content_type="application/json")
    look_through(begun)

    errors = [result["error"] for result in partner.get(begun.json()["results"]).json()["results"]]
    assert errors[0] == errors[1]
    assert errors[0]["code"] == "unreachable_url"


def test_results_come_in_pages(partner: Client) -> None:
    begun = hand_in(partner, [b"none"] * 101)
    look_through(begun)

    first = partner.get(begun.json()["results"]).json()
    second = partner.get(first["next"]).json()

    assert (first["count"], len(first["results"]), first["previous"]) == (101, 100, None)
    assert [result["number"] for result in second["results"]] == [100]
    assert second["next"] is None


def test_an_article_that_is_hidden_later_leaves_the_results(partner: Client) -> None:
    article = found_article("#b00020")
    begun = hand_in(partner, [shopper_photo("#b00020")])
    look_through(begun)
    Article.objects.filter(pk=article.pk).update(published=False)

    (result,) = partner.get(begun.json()["results"]).json()["results"]

    assert result["found"]["articles"] == []


def test_the_same_batch_sent_again_is_one_batch(partner: Client) -> None:
    headers = {"Idempotency-Key": "b-1"}
    answers = [
        partner.post("/api/batches", {"images": [photo_file(b"x")]}, headers=headers).json()["id"] for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert PhotoBatch.objects.count() == 1


def test_a_batch_is_its_owners_alone(partner: Client) -> None:
    other = partner_client()
    address = hand_in(partner, [b"x"]).headers["Location"]

    statuses = [
        other.get(address).status_code,
        other.get(f"{address}/results").status_code,
        other.post(f"{address}/cancel").status_code,
        other.delete(address).status_code,
        Client().get(address).status_code,
    ]

    assert statuses == [404, 404, 404, 404, 401]
    assert PhotoBatch.objects.get().state == "running"


def test_staff_whose_role_is_more_than_to_look_have_batches_too_and_other_users_none() -> None:
    users = [User.objects.create_user(name, is_staff=name != "shopper") for name in ("clerk", "viewer", "shopper")]
    give_role(users[0], Role.CATALOGUE)
    give_role(users[1], Role.VIEWER)
    staff, viewer, shopper = (
        Client(headers={"Authorization": f"Token {ApiToken.issue(user, 'tests')[1]}"}) for user in users
    )

    assert hand_in(staff, [b"x"]).status_code == 202
    for client in (viewer, shopper):
        assert_problem(hand_in(client, [b"x"]), 403, "permission_denied")
    assert PhotoBatch.objects.count() == 1
    assert_problem(hand_in(Client(), [b"x"]), 401, "not_authenticated")


def test_photos_wait_while_nothing_can_look_at_them(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = hand_in(partner, [shopper_photo("#b00020")])

    def nobody(engine: Engine, photos: Any) -> Any:
        raise SearchUnavailableError("search.no_version")

    with monkeypatch.context() as broken:
        broken.setattr(Engine, "embed_queries", nobody)
        tasks.look_at_batch(begun.json()["id"])
    waiting = partner.get(begun.headers["Location"]).json()
    tasks.look_at_batch(begun.json()["id"])

    assert (waiting["state"], waiting["done"]) == ("running", 0)
    assert partner.get(begun.headers["Location"]).json()["state"] == "finished"
