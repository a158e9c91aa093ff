"""Suggestions while a shopper types."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import ArticleFactory, BrandFactory, CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def suggested(client: Client, typed: str, prefix: str = "") -> list[str]:
    answer = client.get(f"{prefix}/articles/suggestions", {"q": typed})
    assert answer.status_code == 200
    found: list[str] = answer.json()["suggestions"]
    return found


@pytest.fixture(autouse=True)
def shop() -> None:
    linen = BrandFactory.create(name="Linen & Co")
    dresses = CategoryFactory.create(slug="linen", name="Linen things", name_fr="Choses en lin")
    CategoryFactory.create(slug="none", name="Linen nothing")
    ArticleFactory.create(name="Dress of linen", name_fr="Robe en lin", category=dresses)
    ArticleFactory.create(name="Linen shirt", brand=linen)
    ArticleFactory.create(name="Linen shirt")
    ArticleFactory.create(name="Hidden linen", published=False)


def test_categories_come_first_then_brands_then_articles_that_begin_with_it(client: Client) -> None:
    assert suggested(client, " LINEN ") == ["Linen things", "Linen & Co", "Linen shirt", "Dress of linen"]


def test_they_are_in_the_pages_language(client: Client) -> None:
    assert suggested(client, "lin", "/fr")[0] == "Choses en lin"
    assert "Robe en lin" in suggested(client, "lin", "/fr")


@pytest.mark.parametrize("typed", ["", "l", "   ", "\0\0", "x" * 201, "zzz"])
def test_what_means_nothing_suggests_nothing(client: Client, typed: str) -> None:
    assert suggested(client, typed) == []


def test_a_signs_own_meaning_in_a_database_is_none_here(client: Client) -> None:
    assert suggested(client, "%%") == []
    assert suggested(client, "__") == []


def test_each_suggestion_finds_something(client: Client) -> None:
    for text in suggested(client, "linen"):
        assert client.get("/articles/", {"q": text}).context["page"].paginator.count > 0


def test_no_more_than_eight_are_shown(client: Client) -> None:
    for number in range(20):
        ArticleFactory.create(name=f"Coat {number}")
    assert len(suggested(client, "coat")) == 8


def test_other_forms_of_the_words_before_are_found_too_behind_the_words_themselves_or_alone(client: Client) -> None:
    ArticleFactory.create(name="Embroidered kilt")

    assert suggested(client, "embroidering k") == ["Embroidered kilt"]
    assert suggested(client, "embroidered ki") == ["Embroidered kilt"]
