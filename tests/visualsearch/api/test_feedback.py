"""What shoppers tell of results: once a search and article, without who they are, and no photo that was not given."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as shop_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from catalogue.models import Article
from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import encoded, found_article, query_for, shopper_photo
from tests.visualsearch.rotation import second_version
from visualsearch import tasks
from visualsearch.models import Feedback, ModelFailure
from visualsearch.services.retrieval.tokens import read_token
from visualsearch.services.rollout import feedback, lifecycle
from visualsearch.services.statistics import search_stats

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


@pytest.fixture(autouse=True)
def forget_server() -> None:
    search_stats.server.cache_clear()


@pytest.fixture
def token() -> str:
    found_article("#b00020")
    return query_for("#b00020").token


def tell(client: Client, token: str, kind: str = "clicked", **more: Any) -> Any:
    return client.post("/api/feedback", {"token": token, "kind": kind, **more}, content_type="application/json")


def given_files() -> list[Path]:
    return [path for path in (Path(shop_settings.DATA_DIR) / "given").rglob("*") if path.is_file()]


def test_an_article_that_was_opened_is_noted_once_with_its_rank(client: Client, token: str) -> None:
    article = Article.objects.get()

    statuses = [tell(client, token, article=article.pk, rank=rank).status_code for rank in (3, 1)]

    row = Feedback.objects.get()
    assert statuses == [204, 204]
    assert (row.kind, row.article_id, row.rank, row.version) == ("clicked", article.pk, 3, read_token(token).version)
    assert not ModelFailure.objects.exists()


def test_who_confirms_the_category_corrects_nothing(client: Client, token: str) -> None:
    best = read_token(token).predictions[0].label

    assert tell(client, token, "category", category=best).status_code == 204
    assert Feedback.objects.get().kind == "category"
    assert not ModelFailure.objects.exists()


def test_a_corrected_category_is_kept_as_vector_and_categories_alone(client: Client, token: str) -> None:
    response = tell(client, token, "category", category="shirt")

    row = ModelFailure.objects.get()
    query = read_token(token)
    assert response.status_code == 204
    assert (row.kind, row.corrected, row.predicted) == ("category", "shirt", query.predictions[0].label)
    assert not row.photo
    assert np.linalg.norm(np.frombuffer(bytes(row.vector), "<f2").astype(float)) == pytest.approx(1, abs=1e-2)
    assert given_files() == []


def test_a_photo_is_kept_where_the_shopper_agreed_without_what_its_file_told(client: Client, token: str) -> None:
    with Image.open(io.BytesIO(shopper_photo("#b00020"))) as picture:
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        content = encoded(picture, "JPEG", exif=exif)

    response = client.post(
        "/api/feedback",
        {"token": token, "kind": "not_similar", "agreed": "true", "image": SimpleUploadedFile("a.jpg", content)},
    )

    (file,) = given_files()
    assert response.status_code == 204
    assert ModelFailure.objects.get().photo.name == file.name
    assert b"secret place" in content
    assert b"secret place" not in file.read_bytes()


def give(client: Client, token: str, content: bytes, **more: Any) -> Any:
    photo = SimpleUploadedFile("a.jpg", content)
    return client.post("/api/feedback", {"token": token, "kind": "not_similar", "agreed": "1", "image": photo, **more})


def test_a_photo_of_another_search_is_refused_and_nothing_noted(client: Client, token: str) -> None:
    problem = assert_problem(give(client, token, shopper_photo("#283cbe")), 400, "invalid")

    assert list(problem["errors"]) == ["image"]
    assert given_files() == []
    assert not Feedback.objects.exists()


def test_of_a_cropped_search_the_crop_is_given(client: Client) -> None:
    found_article("#b00020")
    with Image.open(io.BytesIO(shopper_photo("#b00020"))) as part:
        both = Image.new("RGB", (2 * part.width, part.height), "#283cbe")
        both.paste(part, (part.width, 0))
        content, width, crop = encoded(both, "PNG"), part.width, "0.5,0,0.5,1"
    sent = {"image": SimpleUploadedFile("a.png", content), "crop": crop}
    token = client.post("/api/predict", sent).json()["token"]

    statuses = [give(client, token, content, **more).status_code for more in ({}, {"crop": crop})]

    assert statuses == [400, 204]
    with Image.open(given_files()[0]) as kept:
        assert kept.width == width


def test_an_address_may_leave_so_many_bytes_a_day(client: Client, token: str, settings: Any) -> None:
    content = shopper_photo("#b00020")
    settings.RATE_LIMITS = {"feedback_bytes": f"{3 * 100_000 + 2 * len(content)}/day"}

    judged = [give(client, token, content).status_code for _ in range(3)]
    opened = tell(client, token, article=Article.objects.get().pk).status_code

    assert judged == [204, 204, 429]
    assert opened == 204


def test_what_is_refused_uses_up_nothing_of_what_an_address_may_leave(
    client: Client, token: str, settings: Any
) -> None:
    content, other = shopper_photo("#b00020"), shopper_photo("#283cbe")
    settings.RATE_LIMITS = {"feedback_bytes": f"{100_000 + max(len(content), len(other))}/day"}

    statuses = [give(client, token, photo).status_code for photo in (other, other, content, content)]

    assert statuses == [400, 400, 204, 429]


def test_a_photo_that_nobody_agreed_to_give_is_refused(client: Client, token: str) -> None:
    photo = SimpleUploadedFile("a.jpg", shopper_photo("#b00020"))
    response = client.post("/api/feedback", {"token": token, "kind": "not_similar", "image": photo})

    assert "agreed" in assert_problem(response, 400, "invalid")["errors"]
    assert given_files() == []
    assert not Feedback.objects.exists()


def test_a_file_that_is_no_photo_is_refused_and_nothing_noted(client: Client, token: str) -> None:
    response = client.post(
        "/api/feedback",
        {"token": token, "kind": "not_similar", "agreed": "1", "image": SimpleUploadedFile("a.jpg", b"none")},
    )

    assert_problem(response, 400, "unreadable_image")
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "clicked"}, "article"),
        ({"kind": "basket"}, "article"),
        ({"kind": "category"}, "category"),
        ({"kind": "liked"}, "kind"),
        ({"kind": "clicked", "article": 0}, "article"),
        ({"kind": "clicked", "article": 2**64}, "article"),
        ({"kind": "clicked", "article": 1, "rank": 0}, "rank"),
        ({"kind": "category", "category": "no slug"}, "category"),
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, token: str, body: dict[str, Any], field: str) -> None:
    problem = assert_problem(tell(client, token, **body), 400, "invalid")

    assert list(problem["errors"]) == [field]
    assert not Feedback.objects.exists()


def test_only_this_shops_searches_are_told_of(client: Client, token: str) -> None:
    assert_problem(tell(client, token[:-1] + ("a" if token[-1] != "a" else "b"), article=1), 400, "invalid_token")
    assert_problem(tell(client, "", article=1), 400, "invalid")


def test_an_address_may_tell_so_often(client: Client, token: str, settings: Any) -> None:
    settings.RATE_LIMITS = {"feedback": "2/min"}

    statuses = [tell(client, token, "not_similar").status_code for _ in range(3)]

    assert statuses == [204, 204, 429]


def test_a_search_that_the_model_is_unsure_of_is_noted_by_the_worker(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "UNSURE_BELOW", 1.01)
    answer = send(client, shopper_photo("#b00020")).json()
    before = ModelFailure.objects.count()

    tasks.keep_search_counts()
    again = feedback.keep_unsure()

    row = ModelFailure.objects.get()
    assert (before, again) == (0, 0)
    assert (row.kind, row.predicted, row.corrected) == ("unsure", answer["predictions"][0]["category"], "")
    assert row.search == feedback.digest_of(answer["token"])


def test_a_search_that_the_model_is_sure_of_is_not(client: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "UNSURE_BELOW", 0.0)
    send(client, shopper_photo("#b00020"))

    assert feedback.keep_unsure() == 0


def test_given_photos_are_forgotten_with_their_files(token: str, django_capture_on_commit_callbacks: Any) -> None:
    query = read_token(token)
    with Image.open(io.BytesIO(shopper_photo("#b00020"))) as photo:
        feedback.note_failure(query, "not_similar", "old", photo=photo.convert("RGB"))
    ModelFailure.objects.update(created=timezone.now() - feedback.KEPT_FOR - timedelta(seconds=1))
    feedback.note_failure(query, "not_similar", "young")

    with django_capture_on_commit_callbacks(execute=True):
        assert feedback.forget_old() == 1

    assert [row.search for row in ModelFailure.objects.all()] == ["young"]
    assert given_files() == []


def test_staff_see_failures_and_take_them_away_for_training(admin_client: Client, token: str) -> None:
    query = read_token(token)
    with Image.open(io.BytesIO(shopper_photo("#b00020"))) as photo:
        feedback.note_failure(query, "category", "one", corrected="shirt", photo=photo.convert("RGB"))
    row = ModelFailure.objects.get()

    page = admin_client.get("/admin/visualsearch/modelfailure/").text
    photo_sent = admin_client.get(f"/admin/visualsearch/modelfailure/{row.pk}/photo/")
    exported = admin_client.post(
        "/admin/visualsearch/modelfailure/", {"action": "export", "_selected_action": [row.pk]}
    ).getvalue()
    foreign = Client().get(f"/admin/visualsearch/modelfailure/{row.pk}/photo/")

    assert "Shirt" in page
    assert photo_sent["Content-Type"] == "image/webp"
    assert photo_sent.getvalue()[:4] == b"RIFF"
    (line,) = exported.decode().splitlines()
    assert json.loads(line)["corrected"] == "shirt"
    assert foreign.status_code == 302


def test_a_visitor_is_answered_by_one_version_and_the_answer_says_which(client: Client) -> None:
    found_article("#b00020")
    trial = second_version()
    lifecycle.set_share(trial, 50)
    content = shopper_photo("#b00020")

    def answered(visitor: str) -> str:
        file = SimpleUploadedFile("photo.jpg", content)
        answer = client.post("/api/predict", {"image": file}, headers={"X-Visitor": visitor}).json()
        following = client.get("/api/search", {"token": answer["token"]}).json()
        assert following["model"] == answer["model"]
        assert following["articles"] == answer["articles"]
        return str(answer["model"]["name"])

    names = {visitor: answered(visitor) for visitor in map(str, range(12))}

    assert set(names.values()) == {"mobilenetv2-clothing-int8", "mobilenetv2-clothing-float32"}
    assert {visitor: answered(visitor) for visitor in names} == names


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "category", "category": "no-label-of-the-model"}, "category"),
        ({"kind": "clicked", "article": 2**62, "rank": 1}, "article"),
        ({"kind": "basket", "article": 0}, "article"),
    ],
)
def test_what_cannot_be_is_not_kept(client: Client, token: str, told: dict[str, Any], field: str) -> None:
    problem = assert_problem(tell(client, token, **told), 400, "invalid")

    assert list(problem["errors"]) == [field]
    assert not Feedback.objects.exists()


def test_no_more_is_kept_of_a_search_than_a_shopper_can_do(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [found_article("#283cbe") for _ in range(3)]
    monkeypatch.setattr(feedback, "MOST_OF_A_SEARCH", 2)

    statuses = [tell(client, token, article=article.pk, rank=1).status_code for article in articles]

    assert (statuses, Feedback.objects.count()) == ([204, 204, 204], 2)


def test_what_shoppers_did_goes_with_the_last_day_that_is_shown(client: Client, token: str) -> None:
    tell(client, token, "not_similar")
    today = timezone.now().date()
    Feedback.objects.update(day=today - timedelta(days=90))
    feedback.forget_old()
    kept = Feedback.objects.count()
    Feedback.objects.update(day=today - timedelta(days=91))
    feedback.forget_old()

    assert (kept, Feedback.objects.count()) == (1, 0)
