"""GET /api/categories."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from catalogue.columns.following import column_table
from catalogue.text_search.names import names
from tests.catalogue.api.conftest import Api
from tests.factories import ArticleFactory, CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_categories_are_a_tree_that_counts_the_published_articles_below(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tops = CategoryFactory.create(slug="tops", name="Tops", name_fr="Hauts")
    dress = CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    shirt = CategoryFactory.create(slug="shirt", name="Shirts", parent=tops)
    flannel = CategoryFactory.create(slug="flannel", name="Flannel", parent=shirt)
    CategoryFactory.create(slug="vest", name="Vests", parent=tops)
    for category, number in ((tops, 1), (shirt, 2), (flannel, 3), (dress, 1)):
        ArticleFactory.create_batch(number, category=category)
    ArticleFactory.create(category=flannel, published=False)

    column_table()
    names()
    # Whether something has changed since.
    with django_assert_num_queries(1):
        tree = api.get("/api/categories", **{"Accept-Language": "fr"})

    def branch(slug: str, name: str, articles: int, *children: object) -> dict[str, object]:
        url = f"/fr/categories/{slug}/"
        return {"slug": slug, "name": name, "url": url, "articles": articles, "children": list(children)}

    assert tree == [
        branch(
            "tops",
            "Hauts",
            6,
            branch("shirt", "Shirts", 5, branch("flannel", "Flannel", 3)),
            branch("vest", "Vests", 0),
        ),
        branch("dress", "Robes", 1),
    ]


def test_a_shop_without_categories_has_an_empty_tree(api: Api) -> None:
    assert api.get("/api/categories") == []
