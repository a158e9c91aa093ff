"""Statistics of model versions and of A/B trials: rates with confidence intervals, and a group sequential test.

Rates have Wilson's score interval (1927), the mean reciprocal rank the normal one. A trial is decided by Pocock's
boundary (1977) with five interim analyses: at each fifth of the planned searches a version, click-through differs if
|z| is at least 2.413, which keeps the probability of a false positive over all analyses at 5 %. Analyses fall on ends
of days, so that viewing the page more often changes nothing. Searches are assumed to be independent, since it is
unknown which of them are one visitor's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min
from django.utils import timezone

from visualsearch.models import Feedback, ModelVersion, VersionDay
from visualsearch.services.statistics.search_stats import percentile_of

Z = 1.959964
INTERIM_ANALYSES = 5
# Planned sample size of each version, fixed before any trial.
PLANNED_SEARCHES = 4_000
# Pocock's boundary for five analyses at 5 %: https://doi.org/10.1093/biomet/64.2.191
POCOCK_Z = 2.413
# Factor by which five analyses need more searches than one, at a power of 80 % (Jennison and Turnbull 2000, table 2.2).
MORE_SEARCHES = 1.228
SHOWN_DAYS = 90


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its 95 % confidence interval, each 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ShadowComparison:
    """Results of a version's shadow comparison.

    `agreed` is the mean share of the ten nearest articles in common, 0 to 1, `same_first` the share of searches with
    the same best article.
    """

    compared: int
    failed: int
    agreed: float | None
    same_first: Estimate | None
    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a version. Estimates are None if it answered no search."""

    version: ModelVersion
    searches: int
    clicked: int
    click_through: Estimate | None
    basket: Estimate | None
    reciprocal_rank: Estimate | None
    no_result: Estimate | None
    not_similar: int
    p50_ms: int | None
    p95_ms: int | None
    shadow: ShadowComparison


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a trial: "waiting", "better", "worse" or "same", after `analysis` of INTERIM_ANALYSES.

    `searches` is the smaller version's number. `seen_from` is the minimum detectable difference in click-through.
    """

    state: str
    analysis: int
    searches: int
    z: float | None = None
    # At a power of 80 %.
    seen_from: float | None = None


def figures_of(version: ModelVersion, *, since: date) -> Figures:
    """Return a version's figures since a day."""
    days = list(VersionDay.objects.filter(version=version, day__gte=since))
    searches = sum(day.searches for day in days)
    feedback = Feedback.objects.filter(version=version, day__gte=since)
    # Of each search the best-ranked article that was clicked.
    opened = feedback.filter(kind=Feedback.Kind.CLICKED).values("search")
    ranks = list(opened.annotate(best=Min("rank")).values_list("best"))
    clicked = min(len(ranks), searches)
    basket = feedback.filter(kind=Feedback.Kind.BASKET).values("search").distinct().count()
    return Figures(
        version=version,
        searches=searches,
        clicked=clicked,
        click_through=share_of(clicked, searches),
        basket=share_of(min(basket, searches), searches),
        reciprocal_rank=mean_of([1 / best for (best,) in ranks if best], searches),
        no_result=share_of(sum(day.none for day in days), searches),
        not_similar=feedback.filter(kind=Feedback.Kind.NOT_SIMILAR).count(),
        p50_ms=percentile_of((day.durations for day in days), 0.5),
        p95_ms=percentile_of((day.durations for day in days), 0.95),
        shadow=shadow_comparison_of(days),
    )


def shadow_comparison_of(days: Iterable[VersionDay]) -> ShadowComparison:
    days = list(days)
    compared = sum(day.compared for day in days)
    return ShadowComparison(
        compared=compared,
        failed=sum(day.failed for day in days),
        agreed=sum(day.agreed for day in days) / compared / 1000 if compared else None,
        same_first=share_of(sum(day.same_first for day in days), compared),
        p50_ms=percentile_of((day.shadow_durations for day in days), 0.5),
        p95_ms=percentile_of((day.shadow_durations for day in days), 0.95),
    )


def share_of(count: int, total: int) -> Estimate | None:
    """Return a share with Wilson's score interval: https://doi.org/10.1080/01621459.1927.10502953"""
    if not total:
        return None
    share, square = count / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return Estimate(share, max(middle - half, 0.0), min(middle + half, 1.0))


def mean_of(values: list[float], total: int) -> Estimate | None:
    """Return the mean of `total` values of 0 to 1 with the normal interval. Values not in the list count as 0.

    With an empty list, the interval is Wilson's of 0 out of `total`, since the normal one has no width then.
    """
    if not values:
        return share_of(0, total)
    mean = sum(values) / total
    variance = max(sum(value * value for value in values) / total - mean * mean, 0.0)
    half = Z * math.sqrt(variance / total)
    return Estimate(mean, max(mean - half, 0.0), min(mean + half, 1.0))


def verdict_of(trial: ModelVersion, other: ModelVersion, *, today: date | None = None) -> Verdict:
    """Return the verdict on a trial against the version that it is compared with, by the days that are over."""
    today = today or timezone.now().date()
    days = sorted({*_days(trial), *_days(other)})
    searches, clicks = [0, 0], [0, 0]
    analysis = 0
    by_day = [{version_day.day: version_day.searches for version_day in one.days.all()} for one in (trial, other)]
    clicks_by_day = [_clicks(one) for one in (trial, other)]
    for day in days:
        if day >= today:
            break
        for arm in (0, 1):
            searches[arm] += by_day[arm].get(day, 0)
            clicks[arm] += clicks_by_day[arm].get(day, 0)
        reached = min(INTERIM_ANALYSES, min(searches) * INTERIM_ANALYSES // PLANNED_SEARCHES)
        if reached > analysis:
            analysis = reached
            z = z_of(clicks, searches)
            if abs(z) >= POCOCK_Z:
                return Verdict("better" if z > 0 else "worse", analysis, min(searches), z)
            if analysis == INTERIM_ANALYSES:
                return Verdict("same", analysis, min(searches), z, _seen_from(clicks[1], searches[1]))
    return Verdict("waiting", analysis, min(searches), seen_from=_seen_from(clicks[1], searches[1]))


def z_of(clicks: list[int], searches: list[int]) -> float:
    """Return the z statistic of the two-proportion test with pooled variance; positive if the first share is larger."""
    first, second = (min(count, total) / total for count, total in zip(clicks, searches, strict=True))
    pooled = min(sum(clicks) / sum(searches), 1.0)
    error = math.sqrt(pooled * (1 - pooled) * sum(1 / total for total in searches))
    return (first - second) / error if error else 0.0


def begun(version: ModelVersion) -> date:
    """Return the first day of a version's figures: its first search, at most SHOWN_DAYS ago."""
    earliest = timezone.now().date() - timedelta(days=SHOWN_DAYS)
    first = version.days.aggregate(first=Min("day"))["first"]
    return max(first, earliest) if first else earliest


def _days(version: ModelVersion) -> list[date]:
    return list(version.days.values_list("day", flat=True))


def _clicks(version: ModelVersion) -> dict[date, int]:
    """Return the number of searches with a click, by the day of their first click."""
    firsts = version.feedback.filter(kind=Feedback.Kind.CLICKED).values("search").annotate(first=Min("day"))
    counted: dict[date, int] = {}
    for day in firsts.values_list("first", flat=True):
        counted[day] = counted.get(day, 0) + 1
    return counted


def _seen_from(clicks: int, searches: int) -> float | None:
    if not searches:
        return None
    share = min(clicks / searches, 1.0)
    return math.sqrt(16 * MORE_SEARCHES * share * (1 - share) / PLANNED_SEARCHES)
