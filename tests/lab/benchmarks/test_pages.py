"""`benchmark pages`: it fills a shop, and tells what each kind of page takes in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lab.benchmarks import pages
from lab.benchmarks.pages import table
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory


@pytest.mark.django_db
def test_each_kind_of_page_is_asked_for_in_a_shop_that_is_filled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(articles: int) -> None:
        category, brand, colour = CategoryFactory.create(), BrandFactory.create(), ColourFactory.create(slug="blue")
        for number in range(articles):
            ArticleFactory.create(
                sku=f"B{number}", name="Red linen dress", category=category, brand=brand, colours=[colour]
            )

    monkeypatch.setattr(pages, "TIMES", 1)
    monkeypatch.setattr(pages, "fill", few)

    measured = json.loads(pages.measured(3))

    assert {"home", "category", "text search", "sitemap, articles", "API, facets", "suggestions"} <= measured.keys()
    assert all(ms > 0 and statements == int(statements) for ms, statements in measured.values())
    pages.furnish(3)
    assert json.loads(pages.measured(3)).keys() == measured.keys()


def test_growth_is_that_of_the_two_largest_shops() -> None:
    text = table({1_000: {"home": [10.0, 3]}, 100_000: {"home": [30.0, 3]}, 10_000: {"home": [12.0, 3]}})

    assert text.splitlines()[-1].split() == ["home", "10.0", "3", "12.0", "3", "30.0", "3", "2.5"]


def test_a_shop_on_postgresql_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("benchmark", "pages", "--postgresql", "--keep", str(tmp_path))
