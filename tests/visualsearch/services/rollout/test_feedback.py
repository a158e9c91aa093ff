"""Bounds of feedback: the threshold of uncertainty, queue and retention limits, and the size of stored photos."""

from __future__ import annotations

from datetime import timedelta

import pytest
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

    tokens = [query.token for query in queries]
    assert first_three == tokens[2::-1]
    assert waiting() == tokens[:1:-1]


def failure(version: ModelVersion, search: str, *, days: float = 0.0, photo: str = "") -> ModelFailure:
    row = ModelFailure.objects.create(version=version, kind="unsure", search=search, vector=b"", photo=photo)
    ModelFailure.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(days=days))
    return row


def left() -> list[str]:
    return sorted(ModelFailure.objects.values_list("search", flat=True))


def test_the_newest_failures_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "KEPT_AT_MOST", 2)
    version = made_version()
    failure(version, "b", days=2)
    failure(version, "a", days=1)
    assert (feedback.forget_old(), left()) == (0, ["a", "b"])

    failure(version, "c", days=3)

    assert (feedback.forget_old(), left()) == (1, ["a", "b"])


def test_given_photos_are_kept_ninety_days_and_what_has_none_longer() -> None:
    version = made_version()
    failure(version, "young", days=89.9, photo="young.webp")
    failure(version, "old", days=90.1, photo="old.webp")
    failure(version, "none", days=1_000)

    assert feedback.forget_old() == 1

    assert left() == ["none", "young"]


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
