"""An article's page names those that look like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template import Context, Template
from pytest_django import Settings

from catalogue.models import Article
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db


def test_an_article_names_those_that_look_like_it(dress: Article) -> None:
    shown = Template(
        "{% load visual_search %}{% similar_articles article as matches %}"
        "{% for match in matches %}{{ match.article.sku }} {% endfor %}"
    ).render(Context({"article": dress}))

    assert set(shown.split()) == {"P-1", "T-1"}


def test_an_article_stands_alone_while_nothing_can_search(settings: Settings, tmp_path: Path) -> None:
    settings.ARTEFACTS_DIR = tmp_path
    article = ArticleFactory.create()

    shown = Template("{% load visual_search %}{% similar_articles article as m %}{{ m|length }}").render(
        Context({"article": article})
    )

    assert shown == "0"
