"""Which articles the counts beside a search are of: those that the search can show."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.models import Article, Photo
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.catalogue import find, found_article, query_for
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import embedding
from visualsearch.services.retrieval import searchable
from visualsearch.services.retrieval.searchable import count_searchable, searchable_articles

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def version() -> ModelVersion:
    return versions.serving_version()


@pytest.fixture(params=[2_000, 0], ids=["few are left out", "many are left out"], autouse=True)
def ids_at_most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searchable, "IDS_AT_MOST", request.param)


def test_they_are_the_articles_that_a_search_shows(version: ModelVersion) -> None:
    shown = [found_article("#b00020", photos=2), found_article("#2e7d32")]
    found_article("#1f3a5f", published=False)
    ArticleFactory.create(name="Without a photo")
    PhotoFactory.create(article=ArticleFactory.create(name="Pending"))
    replaced = found_article("#f5c400")
    Photo.objects.filter(article=replaced).update(sha256="0" * 64)

    counted = list(searchable_articles(version))
    assert count_searchable(version) == len(counted)

    assert {article.pk for article in counted} == {article.pk for article in shown}
    assert {match.article.pk for match in find(query_for("#b00020")).matches} == {article.pk for article in shown}


def test_a_photo_of_another_version_does_not_count(version: ModelVersion) -> None:
    found_article("#b00020")
    other = ModelVersion.objects.create(name="other", version="1", dimensions=version.dimensions)

    assert not searchable_articles(other).exists()
    assert searchable_articles(version).count() == 1


def test_an_article_counts_as_soon_as_its_photo_can_be_found(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    assert not searchable_articles(version).exists()

    embedding.embed_photos([photo.pk])

    assert searchable_articles(version).get() == photo.article


def test_where_finding_them_takes_long_they_are_found_now_and_then(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(searchable, "CACHED_FROM_S", 0.0)
    monkeypatch.setattr(searchable, "CACHED_FOR_TIMES", 1_000_000)
    shown, hidden = found_article("#b00020"), found_article("#2e7d32")
    assert searchable_articles(version).count() == count_searchable(version) == 2

    Article.objects.filter(pk=hidden.pk).update(published=False)

    with django_assert_num_queries(1):
        # What is cached hides no change of the article itself.
        assert searchable_articles(version).get() == shown
