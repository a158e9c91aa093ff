from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.catalogue import encoded
from tests.visualsearch.garments import draw_lifelike
from visualsearch.models import DuplicateReport, NearDuplicate
from visualsearch.services import duplicates
from visualsearch.services.indexing import embedding

pytestmark = pytest.mark.django_db


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
    assert not NearDuplicate.objects.exists()
