"""What a list's statements read the articles by. The plans of SQLite, which says them in one line a table."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.columns.following import column_table
from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.names import names
from tests.factories import stock_small_shop

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LISTS = (
    "/articles/?page=1",
    "/categories/tops/",
    "/categories/tops/?brand=claire&colour=blue&price_max=50&in_stock=true&ordering=price",
    "/api/articles?facets=true&offset=1&limit=2",
)


def plan_of(articles: ArticleQuerySet) -> list[str]:
    if connection.vendor != "sqlite":
        pytest.skip("The plans are those of SQLite.")
    return [line.split(maxsplit=3)[-1] for line in articles.explain().splitlines()]


def test_the_articles_of_a_category_are_found_by_an_index() -> None:
    stock_small_shop()

    plan = plan_of(Article.objects.published().in_category(Category.objects.get(slug="tops")).order_by())

    of_articles = [line for line in plan if "catalogue_article " in line]
    assert of_articles
    assert all("SEARCH" in line and ("category" in line or "PRIMARY KEY" in line) for line in of_articles), plan


@pytest.mark.parametrize("path", LISTS)
def test_a_list_reads_the_rows_of_its_page_alone_by_their_ids(client: Client, path: str) -> None:
    stock_small_shop()
    column_table()
    names()

    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200

    of_articles = [query["sql"] for query in captured if 'FROM "catalogue_article"' in query["sql"]]
    assert len(of_articles) == 1
    assert "OFFSET" not in of_articles[0]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {of_articles[0]}")
            plan = [row[-1] for row in cursor.fetchall()]
        assert "SEARCH catalogue_article USING INTEGER PRIMARY KEY (rowid=?)" in plan
