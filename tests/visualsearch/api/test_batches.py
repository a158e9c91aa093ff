"""Many photos at once: handed in, looked at in the background, asked for, cancelled, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as shop_settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from catalogue.api_models import PartnerApp
from catalogue.models import Article
from tests.visualsearch.api.sending import assert_problem
from tests.visualsearch.catalogue import found_article, shopper_photo
from visualsearch import tasks
from visualsearch.batch_models import BatchPhoto, PhotoBatch
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services import batches, search

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]


def partner_client(**quotas: int) -> Client:
    partner = PartnerApp(name="Finder", **quotas)
    key = partner.new_key()
    partner.save()
    return Client(headers={"Authorization": f"Api-Key {key}"})


@pytest.fixture
def partner() -> Client:
    return partner_client()


def photo_file(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def hand_in(client: Client, contents: Sequence[bytes], **options: Any) -> Any:
    files = [photo_file(content, f"{number}.jpg") for number, content in enumerate(contents)]
    return client.post("/api/batches", {"images": files, **options})


def look_through(answer: Any) -> UUID:
    batch_id = UUID(answer.json()["id"])
    while batches.look_on(batch_id, for_s=60):
        pass
    return batch_id


def waiting_files() -> list[Path]:
    return [path for path in (Path(shop_settings.DATA_DIR) / "waiting").rglob("*") if path.is_file()]


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


def test_a_cancelled_batch_keeps_what_was_found_and_gives_up_the_rest(
    partner: Client, django_capture_on_commit_callbacks: Any
) -> None:
    begun = hand_in(partner, [shopper_photo("#b00020")] * 10)
    batches.look_on(UUID(begun.json()["id"]), for_s=0.0001)

    with django_capture_on_commit_callbacks(execute=True):
        cancelled = partner.post(f"{begun.headers['Location']}/cancel").json()
        going_on = batches.look_on(UUID(begun.json()["id"]), for_s=60)

    assert (cancelled["state"], cancelled["done"], cancelled["failed"]) == ("cancelled", 10, 2)
    assert not going_on
    codes = [row.code for row in BatchPhoto.objects.order_by("number")]
    assert codes == [""] * 8 + ["cancelled"] * 2


def test_a_batch_cancelled_while_a_worker_looks_takes_none_of_its_results(partner: Client) -> None:
    begun = hand_in(partner, [shopper_photo("#b00020")])
    batch = PhotoBatch.objects.get()
    looked = batches.outcomes_of(batch, list(batch.photos.all()))

    batches.cancel(batch)
    batches.write(batch, looked)

    (result,) = partner.get(begun.json()["results"]).json()["results"]
    assert result["error"]["code"] == "cancelled"


def test_a_deleted_batch_is_gone_with_its_files(partner: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun = hand_in(partner, [shopper_photo("#b00020")])
        deleted = partner.delete(begun.headers["Location"])

    assert deleted.status_code == 204
    assert_problem(partner.get(begun.headers["Location"]), 404, "not_found")
    assert waiting_files() == []
    assert not BatchPhoto.objects.exists()


def test_a_batch_expires(partner: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun = hand_in(partner, [shopper_photo("#b00020")])
        PhotoBatch.objects.update(expires=timezone.now() - timedelta(seconds=1))
        batches.forget_expired()

    assert partner.get(begun.headers["Location"]).status_code == 404
    assert waiting_files() == []


def test_files_that_a_killed_process_left_are_removed(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(partner, [shopper_photo("#b00020")])
    PhotoBatch.objects.all().delete()
    early = batches.remove_lost_files()
    monkeypatch.setattr(batches, "LOST_AFTER", timedelta(0))

    assert (early, batches.remove_lost_files(), waiting_files()) == (0, 1, [])


def test_a_batch_that_cannot_be_kept_whole_leaves_nothing(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BatchPhoto.objects, "bulk_create", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        hand_in(partner, [shopper_photo("#b00020")])

    assert waiting_files() == []
    assert not PhotoBatch.objects.exists()


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


def test_staff_have_batches_too_and_other_users_none() -> None:
    staff, shopper = (
        Client(headers={"Authorization": f"Token {Token.objects.create(user=user).key}"})
        for user in (User.objects.create_user("a", is_staff=True), User.objects.create_user("b"))
    )

    assert hand_in(staff, [b"x"]).status_code == 202
    assert_problem(hand_in(shopper, [b"x"]), 403, "permission_denied")
    assert_problem(hand_in(Client(), [b"x"]), 401, "not_authenticated")


def test_photos_of_batches_and_searches_count_as_the_partners_photos_of_the_day() -> None:
    partner = partner_client(photos_a_day=3)
    search_once = partner.post("/api/predict", {"image": photo_file(shopper_photo("#b00020"))})

    too_many, enough = hand_in(partner, [b"x"] * 3), hand_in(partner, [b"x"] * 2)
    one_more = partner.post("/api/predict", {"image": photo_file(shopper_photo("#b00020"))})

    assert search_once.status_code == 200
    problem = assert_problem(too_many, 429, "throttled")
    assert problem["detail"]
    assert int(too_many["Retry-After"]) > 80_000
    assert (enough.status_code, one_more.status_code) == (202, 429)


def test_a_partner_may_search_as_often_a_minute_as_its_row_says() -> None:
    partner, content = partner_client(searches_a_minute=2), shopper_photo("#b00020")

    statuses = [partner.post("/api/predict", {"image": photo_file(content)}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "urls"),
        ({"urls": []}, "urls"),
        ({"urls": ["https://example.com/"] * 1_001}, "urls"),
        ({"urls": ["no address"]}, "urls"),
        ({"urls": ["\ud800"]}, "urls"),
        ({"urls": {"a": "b"}}, "urls"),
        ({"urls": ["https://example.com/"], "limit": 21}, "limit"),
        ({"urls": ["https://example.com/"], "category": "nowhere"}, "category"),
        ({"urls": ["https://example.com/"], "emphasis": 2}, "emphasis"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_at_once(partner: Client, body: Any, field: str) -> None:
    response = partner.post("/api/batches", body, content_type="application/json")

    problem = assert_problem(response, 400, "invalid")
    assert field in " ".join(problem["errors"])
    assert not PhotoBatch.objects.exists()


def test_a_form_without_files_is_refused(partner: Client) -> None:
    assert_problem(partner.post("/api/batches", {"limit": "3"}), 400, "invalid")
    assert_problem(partner.post("/api/batches", {"images": "text"}), 400, "invalid")


def test_a_photo_or_a_batch_with_too_many_bytes_is_refused(partner: Client, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 100
    photo = hand_in(partner, [b"x" * 101])
    settings.BATCH_MAX_BYTES = -settings.DATA_UPLOAD_MAX_NUMBER_FILES * 1_000 + 100
    batch = hand_in(partner, [b"x" * 90] * 2)

    assert_problem(photo, 413, "image_too_large")
    assert_problem(batch, 413, "image_too_large")
    assert waiting_files() == []


def test_more_batches_at_once_than_allowed_are_refused(partner: Client) -> None:
    answers = [hand_in(partner, [b"x"]) for _ in range(batches.MOST_RUNNING + 1)]

    assert [answer.status_code for answer in answers] == [202] * batches.MOST_RUNNING + [400]


def test_photos_wait_while_nothing_can_look_at_them(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = hand_in(partner, [shopper_photo("#b00020")])

    def nobody(photos: Any) -> Any:
        raise SearchUnavailableError("down")

    with monkeypatch.context() as broken:
        broken.setattr(search, "look_at_all", nobody)
        tasks.look_at_batch(begun.json()["id"])
    waiting = partner.get(begun.headers["Location"]).json()
    tasks.look_at_batch(begun.json()["id"])

    assert (waiting["state"], waiting["done"]) == ("running", 0)
    assert partner.get(begun.headers["Location"]).json()["state"] == "finished"


def test_the_sweep_finds_batches_whose_message_was_lost(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[tuple[str, tuple[Any, ...]]] = []
    begun = hand_in(partner, [b"x"])
    monkeypatch.setattr(tasks, "hurry_once", lambda task, *args, queue: queued.append((task.name, args)))

    tasks.sweep()

    assert ("visualsearch.tasks.look_at_batch", (begun.json()["id"],)) in queued


@pytest.mark.parametrize("path", ["/api/batches/none", "/api/batches/00000000-0000-0000-0000-000000000000"])
def test_a_batch_that_there_is_not_is_not_found(partner: Client, path: str) -> None:
    assert_problem(partner.get(path), 404, "not_found")
