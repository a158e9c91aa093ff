"""Shadow comparison: it searches with the same photos, and neither delays nor fails a shopper's search."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalogue.browsing.filters import NO_FILTERS
from catalogue.imaging import read_image
from catalogue.models import Article
from lab.harness.trial_shop import patience_s
from tests.visualsearch.catalogue import find, found_article, query_for, shopper_photo
from tests.visualsearch.rotation import second_version
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion, VersionDay
from visualsearch.services import versions
from visualsearch.services.retrieval.articles import Match, SearchPage
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.rollout import lifecycle, shadow
from visualsearch.services.statistics import search_stats

# The thread that compares has a connection of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


@pytest.fixture(autouse=True)
def models(settings: Any, tmp_path: Path) -> None:
    search_stats.server.cache_clear()
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}


def compare(versions_: list[ModelVersion]) -> VersionDay:
    page = find(query_for("#b00020"))
    for one in shadow.compare(versions_, read_image(shopper_photo("#b00020")), NO_FILTERS, page):
        one.result()
    search_stats.keep_counts()
    return VersionDay.objects.get(version=versions_[0])


def test_agreement_and_time_are_counted() -> None:
    for colour in ("#b00020", "#1f3a5f", "#2e7d32"):
        found_article(colour)
    versions.serving_version()
    version = second_version()
    lifecycle.set_shadow(version, wanted=True)

    day = compare(list(lifecycle.assign_version("anybody").shadow))

    assert (day.compared, day.agreed, day.same_first, day.failed, day.searches) == (1, 1000, 1, 0, 0)
    assert sum(day.shadow_durations.values()) == 1


def test_a_version_that_breaks_is_counted_and_heard_of_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    found_article("#b00020")
    version = second_version()
    real = Engine.embed_query
    monkeypatch.setattr(Engine, "embed_query", lambda at, photo: 1 / 0 if at.version == version else real(at, photo))

    day = compare([version])

    assert (day.compared, day.failed) == (0, 1)


def test_photos_do_not_pile_up_where_comparing_is_too_slow() -> None:
    found_article("#b00020")
    version = second_version()
    page = find(query_for("#b00020"))
    photo = read_image(shopper_photo("#b00020"))

    begun = [one for _ in range(50) for one in shadow.compare([version], photo, NO_FILTERS, page)]
    for one in begun:
        one.result()

    assert 0 < len(begun) < 50
    assert len(shadow.compare([version], photo, NO_FILTERS, page)) == 1


def test_the_version_that_answers_is_not_compared_with_itself() -> None:
    versions.serving_version()
    version = second_version()
    lifecycle.set_shadow(version, wanted=True)
    lifecycle.set_share(version, 100)

    chosen = lifecycle.assign_version("anybody")

    assert (chosen.engine.version, list(chosen.shadow)) == (version, [])


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have a comparison last until this is set, and fail then."""
    resume = threading.Event()

    def embed_query(engine: Engine, photo: Any) -> None:
        assert resume.wait(patience_s(20))
        raise SearchUnavailableError("made up")

    monkeypatch.setattr(Engine, "embed_query", embed_query)
    yield resume
    resume.set()


def begin(count: int, page: SearchPage) -> list[Any]:
    version = ModelVersion(pk=1, name="made", version="1")
    return shadow.compare([version] * count, Image.new("RGB", (1, 1)), NO_FILTERS, page)


def test_four_searches_wait_to_be_compared_and_no_more(held: threading.Event) -> None:
    nothing = SearchPage([], "none", more=False)

    begun = begin(3, nothing)
    begun += begin(3, nothing)

    assert len(begun) == shadow.WAITING_AT_MOST == 4
    held.set()
    for one in begun:
        one.result()
    # Those that failed leave their places too.
    assert len(begin(5, nothing)) == 4


@pytest.mark.parametrize(("same", "overlap"), [(10, 1.0), (9, 0.9), (0, 0.0)])
def test_the_ten_nearest_of_both_are_compared(monkeypatch: pytest.MonkeyPatch, *, same: int, overlap: float) -> None:
    """Of twelve articles found; what is beyond the tenth of either does not count."""
    articles = [Article(pk=number) for number in range(1, 30)]
    answered = SearchPage([Match(article, 0.5) for article in articles[:12]], "close", more=True)
    other = [*articles[:same], *articles[12:]]
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(Engine, "embed_query", lambda engine, photo: None)
    monkeypatch.setattr(
        shadow,
        "find_articles",
        lambda engine, query, options: SearchPage([Match(one, 0.5) for one in other[: options.limit]], "close", False),
    )
    monkeypatch.setattr(search_stats, "count_shadow", lambda version, **numbers: counted.append(numbers))

    (compared,) = begin(1, answered)
    compared.result()

    assert shadow.COMPARED == 10
    assert [numbers["overlap"] for numbers in counted] == [overlap]
