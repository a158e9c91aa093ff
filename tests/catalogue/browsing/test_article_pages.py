"""Pages of a text search have the same order, however its articles are scored."""

from __future__ import annotations

import pytest

from catalogue.browsing import article_pages
from catalogue.browsing.article_pages import ArticlePages
from catalogue.browsing.listing import ORDERINGS, ListQuery, listed
from catalogue.browsing.offers import published_offer
from catalogue.models import Article
from catalogue.text_search.searching import plan_search
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def wardrobe() -> None:
    """Articles that words find by all that counts."""
    dresses, shirts = CategoryFactory.create(name="Dresses"), CategoryFactory.create(name="Shirts")
    night = CategoryFactory.create(name="Evening dresses", parent=dresses)
    red, blue = ColourFactory.create(name="Red"), ColourFactory.create(name="Blue")
    nord = BrandFactory.create(name="Nord")
    for number, (name, category, colours) in enumerate(
        [
            ("Red linen dress", dresses, [red]),
            ("Dress shirt", shirts, [blue]),
            ("Linen shirt in red", shirts, [red]),
            ("Long frock", night, [red, blue]),
            ("Dressing gown", None, []),
            ("Blue thing", dresses, [blue]),
            ("Nord dress", night, [red]),
        ]
    ):
        for stock in (0, 2):
            ArticleFactory.create(
                sku=f"W{number}{stock}", name=name, category=category, colours=colours, stock=stock,
                brand=nord if number % 2 else None, description="Of linen, for a red evening",
            )  # fmt: skip


@pytest.mark.usefixtures("wardrobe")
@pytest.mark.parametrize(
    "text", ["dress", "red dress", "nord", "linen dresses red", "W02", "evening dress", "shirt zzzz kimono", "frock"]
)
def test_scores_in_memory_are_those_of_the_statement(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    published = Article.objects.published()
    search = plan_search(text, published)
    assert search is not None and search.found
    offer = published_offer(search=search)

    for ordering in ("", *ORDERINGS):
        query = ListQuery(text, ordering=ordering)
        rows = list(listed(query, published, search))
        assert rows
        for scored_in_memory in (0, 1_000):
            monkeypatch.setattr(article_pages, "SCORED_IN_MEMORY", scored_in_memory)
            pages = ArticlePages(query, offer)
            assert pages[0:100] == rows
            assert pages[1:3] == rows[1:3]
            assert pages.count() == len(rows)
