"""Figures of model versions, their confidence intervals, and the group sequential test of trials."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import numpy as np
import pytest

from visualsearch.models import Feedback, ModelVersion, VersionDay
from visualsearch.services.rollout import experiment_stats

pytestmark = pytest.mark.database

FIRST = date(2026, 3, 1)


def version(name: str) -> ModelVersion:
    return ModelVersion.objects.create(name=name, version="1", dimensions=384, state="ready")


def day_of(one: ModelVersion, day: date, *, searches: int, clicks: int, none: int = 0, rank: int = 1) -> None:
    VersionDay.objects.create(version=one, day=day, close=searches - none, none=none)
    Feedback.objects.bulk_create(
        Feedback(version=one, search=uuid4().hex, kind="clicked", article_id=1, rank=rank, day=day)
        for _ in range(clicks)
    )


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    first, none = experiment_stats.share_of(81, 263), experiment_stats.share_of(0, 20)

    assert first is not None
    assert none is not None
    assert (round(first.low, 4), round(first.high, 4)) == (0.2553, 0.3662)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)
    assert experiment_stats.share_of(0, 0) is None


def test_the_mean_counts_searches_without_a_click_as_nothing() -> None:
    mean = experiment_stats.mean_of([1.0, 0.5], 4)

    assert mean is not None
    assert mean.value == 0.375
    assert 0 <= mean.low < mean.value < mean.high <= 1


@pytest.mark.django_db
def test_a_versions_figures() -> None:
    one = version("one")
    day_of(one, FIRST, searches=100, clicks=20, none=5, rank=2)
    search = uuid4().hex
    for rank, article in ((4, 7), (1, 8)):
        Feedback.objects.create(version=one, search=search, kind="clicked", article_id=article, rank=rank, day=FIRST)
    Feedback.objects.create(version=one, search=search, kind="basket", article_id=8, day=FIRST)

    figures = experiment_stats.figures_of(one, since=FIRST)

    assert (figures.searches, figures.clicked) == (100, 21)
    assert figures.click_through is not None
    assert figures.click_through.value == 0.21
    assert figures.reciprocal_rank is not None
    assert figures.reciprocal_rank.value == pytest.approx((20 * 0.5 + 1) / 100)
    assert figures.basket is not None
    assert figures.basket.value == 0.01
    assert figures.no_result is not None
    assert figures.no_result.value == 0.05


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("clicks", "state", "look"),
    [((200, 120), "better", 1), ((120, 200), "worse", 1), ((160, 160), "same", 5)],
)
def test_a_trial_is_decided_at_its_interim_analyses(clicks: tuple[int, int], state: str, look: int) -> None:
    trial, other = version("trial"), version("other")
    for number in range(5):
        for one, count in zip((trial, other), clicks, strict=True):
            day_of(one, FIRST + timedelta(days=number), searches=800, clicks=count)

    verdict = experiment_stats.verdict_of(trial, other, today=FIRST + timedelta(days=9))

    assert (verdict.state, verdict.analysis) == (state, look)


@pytest.mark.django_db
def test_a_day_that_is_not_over_decides_nothing() -> None:
    trial, other = version("trial"), version("other")
    for one, count in ((trial, 400), (other, 10)):
        day_of(one, FIRST, searches=4_000, clicks=count)

    assert experiment_stats.verdict_of(trial, other, today=FIRST).state == "waiting"
    assert experiment_stats.verdict_of(trial, other, today=FIRST + timedelta(days=1)).state == "better"


@pytest.mark.django_db
def test_between_analyses_nothing_is_decided_however_far_apart() -> None:
    trial, other = version("trial"), version("other")
    for one, count in ((trial, 400), (other, 10)):
        day_of(one, FIRST, searches=799, clicks=count)

    verdict = experiment_stats.verdict_of(trial, other, today=FIRST + timedelta(days=1))

    assert (verdict.state, verdict.analysis, verdict.searches) == ("waiting", 0, 799)
    assert verdict.seen_from is not None


def test_five_analyses_have_false_positives_in_one_trial_of_twenty() -> None:
    """Pocock's bound by simulation: 20,000 trials without a difference."""
    chance = np.random.default_rng(1)
    clicks = chance.binomial(800, 0.2, (2, 20_000, experiment_stats.INTERIM_ANALYSES)).cumsum(axis=2)
    searches = 800 * np.arange(1, experiment_stats.INTERIM_ANALYSES + 1)
    pooled = clicks.sum(axis=0) / (2 * searches)
    z = (clicks[0] - clicks[1]) / searches / np.sqrt(pooled * (1 - pooled) * 2 / searches)

    alarms = (abs(z) >= experiment_stats.POCOCK_Z).any(axis=1).mean()

    assert 0.044 < alarms < 0.056


@pytest.mark.django_db
def test_what_a_silent_comparison_found() -> None:
    one = version("one")
    day = VersionDay(version=one, day=FIRST, compared=40, failed=2, agreed=30_000, same_first=10)
    slow = VersionDay(version=one, day=FIRST + timedelta(days=1), compared=60, agreed=45_000, same_first=35)

    compared = experiment_stats.shadow_comparison_of([day, slow])

    assert (compared.compared, compared.failed, compared.agreed) == (100, 2, 0.75)
    assert compared.same_first is not None
    assert compared.same_first.value == 0.45


@pytest.mark.django_db
def test_a_day_on_which_one_version_answered_nothing_adds_nothing_to_it() -> None:
    trial, other = version("trial"), version("other")
    day_of(trial, FIRST, searches=10, clicks=0)
    day_of(other, FIRST + timedelta(days=1), searches=5, clicks=0)

    verdict = experiment_stats.verdict_of(trial, other, today=FIRST + timedelta(days=9))

    # Of the two, the one with fewer searches counts.
    assert verdict.searches == 5
    assert verdict.seen_from == 0.0


@pytest.mark.django_db
def test_the_least_difference_that_a_trial_can_see() -> None:
    """Sixteen times the variance over the square of the difference is a sample, at a power of 80 % (Lehr 1992)."""
    trial, other = version("trial"), version("other")
    day_of(trial, FIRST, searches=100, clicks=20)
    day_of(other, FIRST, searches=100, clicks=20)

    verdict = experiment_stats.verdict_of(trial, other, today=FIRST + timedelta(days=1))

    assert verdict.seen_from == pytest.approx((16 * 1.228 * 0.2 * 0.8 / 4_000) ** 0.5)
