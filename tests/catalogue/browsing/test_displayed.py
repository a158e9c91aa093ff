"""The articles of a page of results, read by one statement."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.browsing.displayed import displayed_articles
from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_articles_are_those_that_lists_fetch_by_one_statement() -> None:
    whole = ArticleFactory.create(price="12.50", name_fr="Robe")
    for position in (1, 0):
        PhotoFactory.create(article=whole, position=position)
    PhotoFactory.create(article=whole, position=0).delete()
    bare = ArticleFactory.create(category=None, brand=None, price=None)
    hidden = ArticleFactory.create(published=False)
    binned = ArticleFactory.create()
    binned.delete()
    ids = [whole.pk, bare.pk, hidden.pk, binned.pk]

    with CaptureQueriesContext(connection) as captured:
        articles = displayed_articles(ids)
        shown = {pk: (one.category, one.brand, one.cover) for pk, one in articles.items()}

    assert len(captured) == 1
    expected = Article.objects.published().for_display().in_bulk(ids)
    assert articles == expected
    assert shown == {pk: (one.category, one.brand, one.photos.all().first()) for pk, one in expected.items()}
    for pk, one in expected.items():
        assert articles[pk].get_deferred_fields() == one.get_deferred_fields()
        loaded = {name: value for name, value in vars(one).items() if not name.startswith("_")}
        assert {name: vars(articles[pk])[name] for name in loaded} == loaded
