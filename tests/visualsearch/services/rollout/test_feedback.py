"""Bounds of feedback: the threshold of uncertainty, queue and retention limits, and the size of stored photos."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from tests.visualsearch.catalogue import query_for
from tests.visualsearch.stored import made_version, query_seeing
from visualsearch.inference.types import Prediction
from visualsearch.models import Feedback, ModelFailure, ModelVersion
from visualsearch.services.retrieval.tokens import Query
from visualsearch.services.rollout import experiment_stats, feedback
from visualsearch.services.statistics import search_stats

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def query_of(version: ModelVersion, *probabilities: float) -> Query:
    return query_seeing(
        version, *(Prediction(f"{number}", f"{number}", share) for number, share in enumerate(probabilities))
    )


def waiting() -> list[str]:
    search_stats.server.cache_clear()
    return list(search_stats.server().lrange(feedback.UNSURE, 0, -1))  # type: ignore[arg-type]  # not asynchronous


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(("probabilities", "unsure"), [((0.4999,), 1), ((0.5, 0.1), 0), ((0.51,), 0), ((), 0)])
def test_a_model_is_sure_from_one_half_on(probabilities: tuple[float, ...], unsure: int) -> None:
    search_stats.server.cache_clear()

    feedback.note_unsure(query_of(made_version(), *probabilities))

    assert feedback.UNSURE_BELOW == 0.5
    assert len(waiting()) == unsure


@pytest.mark.usefixtures("valkey")
def test_so_many_searches_wait_to_be_noted_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "WAITING_AT_MOST", 3)
    search_stats.server.cache_clear()
    version = made_version()
    queries = [query_of(version, 0.1 + number / 100) for number in range(5)]

    for query in queries[:3]:
        feedback.note_unsure(query)
    first_three = waiting()
    for query in queries[3:]:
        feedback.note_unsure(query)

    searches = [feedback.digest_of(query.token) for query in queries]
    assert [json.loads(one)["search"] for one in first_three] == searches[2::-1]
    assert [json.loads(one)["search"] for one in waiting()] == searches[:1:-1]


@pytest.mark.usefixtures("valkey")
def test_of_an_unsure_search_nothing_is_kept_that_describes_the_photo() -> None:
    search_stats.server.cache_clear()
    query = query_of(made_version(), 0.25)
    feedback.note_unsure(query)
    # What an earlier version queued, and what is of a version that is gone.
    search_stats.server().lpush(feedback.UNSURE, query.token, json.dumps({"version": 0, "search": "gone"}))

    (queued,) = [one for one in waiting() if "predicted" in one]
    assert feedback.keep_unsure() == 1

    row = ModelFailure.objects.get()
    assert set(json.loads(queued)) == {"version", "search", "predicted", "probability"}
    assert (row.predicted, bytes(row.vector)) == ("0", b"")
    assert row.probability == pytest.approx(0.25, abs=1e-4)
    assert waiting() == []


def failure(
    version: ModelVersion, search: str, *, days: float = 0.0, photo: str = "", kind: str = "unsure"
) -> ModelFailure:
    row = ModelFailure.objects.create(version=version, kind=kind, search=search, vector=b"", photo=photo)
    ModelFailure.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(days=days))
    return row


def left() -> list[str]:
    return sorted(ModelFailure.objects.values_list("search", flat=True))


def test_of_unsure_searches_the_newest_are_kept_whatever_shoppers_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "UNSURE_AT_MOST", 2)
    version = made_version()
    failure(version, "told", kind="not_similar")
    for search in "abcd":
        failure(version, search)

    feedback.forget_old()

    assert left() == ["c", "d", "told"]


def test_a_full_list_keeps_what_others_left_and_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "TOLD_AT_MOST", 2)
    query = query_for("#b00020")
    for search in ("unsure", "first", "second"):
        failure(query.version, search, kind="unsure" if search == "unsure" else "not_similar")

    feedback.note_failure(query, "not_similar", "noise", photo=Image.new("RGB", (40, 20)))

    assert feedback.is_full()
    assert left() == ["first", "second", "unsure"]
    assert not [path for path in (Path(settings.DATA_DIR) / "given").rglob("*") if path.is_file()]


@pytest.mark.parametrize("photo", ["", "given.webp"])
def test_failures_are_kept_ninety_days(photo: str) -> None:
    version = made_version()
    failure(version, "young", days=89.9, photo=photo)
    failure(version, "old", days=90.1, photo=photo)

    assert feedback.forget_old() == 1

    assert left() == ["young"]


def test_what_shoppers_did_is_kept_for_the_days_that_are_shown() -> None:
    version = made_version()
    today = timezone.now().date()
    for search, days in (("kept", experiment_stats.SHOWN_DAYS), ("gone", experiment_stats.SHOWN_DAYS + 1)):
        Feedback.objects.create(version=version, search=search, kind="clicked", day=today - timedelta(days=days))

    feedback.forget_old()

    assert [row.search for row in Feedback.objects.all()] == ["kept"]


@pytest.mark.parametrize(("width", "kept"), [(1_024, 1_024), (1_025, 1_024), (40, 40)])
def test_a_given_photo_is_kept_no_wider_than_needed(width: int, kept: int) -> None:
    feedback.note_failure(query_for("#b00020"), "not_similar", "search", photo=Image.new("RGB", (width, 20)))

    with ModelFailure.objects.get().photo.open("rb") as file, Image.open(file) as picture:
        assert picture.width == kept
