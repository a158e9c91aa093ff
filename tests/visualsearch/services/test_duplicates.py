from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile

from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.catalogue import encoded
from tests.visualsearch.garments import draw_lifelike
from tests.visualsearch.stored import made_version, put, query_seeing
from visualsearch.models import DuplicateReport, ModelVersion, NearDuplicate
from visualsearch.services import duplicates
from visualsearch.services.indexing import embedding
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.tokens import Query

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def garment(sku: str, colour: str, *, quality: int = 90, article: Article | None = None, **fields: Any) -> Article:
    """An article with a drawn photo that can be found, or another photo of one."""
    article = article or ArticleFactory.create(**fields)
    file = ContentFile(encoded(draw_lifelike(sku, colour), "JPEG", quality=quality), name="p.jpg")
    embedding.embed_photos([PhotoFactory.create(article=article, file=file).pk])
    return article


def report() -> DuplicateReport:
    made = duplicates.begin()
    assert duplicates.run_slice(made.pk, for_s=60) is False
    made.refresh_from_db()
    return made


def pairs() -> list[tuple[Article, Article]]:
    return [(pair.first, pair.second) for pair in duplicates.open_pairs()]


@pytest.fixture
def twins() -> tuple[Article, Article]:
    """The same photo twice, saved anew in between, hidden the second time; beside a hat."""
    first = garment("TS01-04", "#8a1c2c", quality=95)
    garment("HA03-02", "#333333")
    return first, garment("TS01-04", "#8a1c2c", quality=60, published=False)


def test_articles_of_the_same_photo_are_one_pair(twins: tuple[Article, Article]) -> None:
    made = report()

    assert pairs() == [twins]
    assert duplicates.open_pairs()[0].similarity > duplicates.NEARLY_THE_SAME
    assert (made.looked_at, made.total) == (3, 3)
    assert (made.state, made.ended is not None) == ("finished", True)


def test_views_of_one_article_are_no_pair() -> None:
    shirt = garment("TS01-04", "#8a1c2c")
    garment("TS01-04", "#8a1c2c", quality=50, article=shirt)

    report()

    assert pairs() == []


def test_a_pair_that_staff_settled_is_not_shown_again(twins: tuple[Article, Article]) -> None:
    report()
    pair = duplicates.open_pairs()[0]

    assert duplicates.dismiss(pair.pk)
    report()

    assert pairs() == []
    duplicates.dismiss(pair.pk, dismissed=False)
    assert pairs() == [twins]


def test_a_pair_that_is_none_any_more_leaves_the_report(twins: tuple[Article, Article]) -> None:
    report()
    photo = twins[1].photos.get()
    photo.file = ContentFile(encoded(draw_lifelike("DR01-03", "#2244aa"), "PNG"), name="p.png")
    photo.save()
    embedding.embed_photos([photo.pk])

    report()

    assert pairs() == []
    assert DuplicateReport.objects.count() == 1


def test_a_report_that_was_stopped_goes_on_where_it_was(
    twins: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "PHOTOS_AT_ONCE", 1)
    made = duplicates.begin()

    steps = 0
    while duplicates.run_slice(made.pk, for_s=0):
        steps += 1

    made.refresh_from_db()
    assert steps == 3
    assert (made.looked_at, pairs()) == (3, [twins])
    assert duplicates.run_slice(made.pk, for_s=60) is False


def test_only_one_report_is_made_at_a_time() -> None:
    assert duplicates.begin() == duplicates.begin()


@pytest.mark.usefixtures("twins")
def test_an_article_that_is_deleted_takes_its_pairs_along(twins: tuple[Article, Article]) -> None:
    report()

    twins[0].delete()
    in_bin = duplicates.open_pairs().count()
    Article.all_objects.binned().restore()
    restored = duplicates.open_pairs().count()
    Article.objects.filter(pk=twins[0].pk).purge()

    assert (in_bin, restored, NearDuplicate.objects.count()) == (0, 1, 0)


HALF = [0.5, 0.5, 0.5, 0.5]
AXIS = [1.0, 0.0, 0.0, 0.0]


@pytest.fixture
def along_axis(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModelVersion], Query]:
    """Make queries of a version that no model serves: each has the vector AXIS."""
    monkeypatch.setattr(Engine, "vector_of", lambda self, query, emphasis=0.0: np.array(AXIS, np.float32))
    judging = SimpleNamespace(
        descriptor=SimpleNamespace(
            match=lambda similarity, shape: "close", likeness=float, settings=SimpleNamespace(kind_bonus=0)
        )
    )
    monkeypatch.setattr(Engine, "model", judging)
    return query_seeing


@pytest.mark.parametrize(("least", "found"), [(0.5, 1), (0.5001, 0)])
def test_photos_that_are_just_as_alike_as_they_must_be_are_a_pair(
    monkeypatch: pytest.MonkeyPatch, along_axis: Callable[[ModelVersion], Query], *, least: float, found: int
) -> None:
    """Their cosine is one half, exactly."""
    monkeypatch.setattr(duplicates, "NEARLY_THE_SAME", least)
    version = made_version()
    put(version, [AXIS])
    put(version, [HALF])

    report()

    assert len(pairs()) == found
    assert len(duplicates.look_like(along_axis(version), except_for=None)) == 1 + found


@pytest.mark.parametrize(("neighbours", "found"), [(3, 0), (4, 1)])
def test_so_many_nearest_photos_are_compared_ones_own_among_them(
    monkeypatch: pytest.MonkeyPatch, *, neighbours: int, found: int
) -> None:
    monkeypatch.setattr(duplicates, "NEARLY_THE_SAME", 0.4)
    monkeypatch.setattr(duplicates, "NEIGHBOURS", neighbours)
    version = made_version()
    put(version, [AXIS] * 3)
    put(version, [HALF] * 3)

    report()

    assert len(pairs()) == found


@pytest.mark.parametrize(("photos", "slices"), [(1, [1]), (2, [2]), (3, [2, 3]), (4, [2, 4]), (5, [2, 4, 5])])
def test_a_report_compares_so_many_photos_before_others_have_the_worker(
    monkeypatch: pytest.MonkeyPatch, photos: int, slices: list[int]
) -> None:
    monkeypatch.setattr(duplicates, "PHOTOS_AT_ONCE", 2)
    put(made_version(), photos)
    made, looked_at = duplicates.begin(), []

    while duplicates.run_slice(made.pk, for_s=-1):
        made.refresh_from_db()
        looked_at.append(made.looked_at)

    made.refresh_from_db()
    assert looked_at == slices
    assert (made.looked_at, made.ended is not None) == (photos, True)


def test_three_articles_that_look_alike_are_named_and_no_more(along_axis: Callable[[ModelVersion], Query]) -> None:
    version = made_version()
    for _ in range(4):
        put(version, [AXIS])

    alike = duplicates.look_like(along_axis(version), except_for=None)
    own = duplicates.look_like(along_axis(version), except_for=alike[0].article.pk)

    assert len(alike) == len(own) == 3
    assert alike[0] not in own
