"""The demo assortment has enough of everything, in both languages."""

from __future__ import annotations

from collections import Counter

from catalogue.demo.assortment import PICTURES, read_assortment

CATEGORIES = {"dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"}
ASSORTMENT = read_assortment().articles
DEPARTMENTS = read_assortment().departments


def test_there_are_at_least_120_articles_with_skus_of_their_own() -> None:
    skus = [article.sku for article in ASSORTMENT]

    assert len(skus) >= 120
    assert len(set(skus)) == len(skus)


def test_each_of_the_ten_categories_has_at_least_ten_articles() -> None:
    counts = Counter(article.category for article in ASSORTMENT)

    assert set(counts) == CATEGORIES
    assert min(counts.values()) >= 10


def test_the_departments_hold_the_ten_categories_once_each_under_slugs_of_their_own() -> None:
    below = [child.slug for department in DEPARTMENTS for child in department.below]
    above = [department.slug for department in DEPARTMENTS]

    assert sorted(below) == sorted(CATEGORIES)
    assert not CATEGORIES & set(above)
    assert all(child.name and child.name_fr for department in DEPARTMENTS for child in department.below)


def test_every_article_is_named_and_described_in_english_and_french() -> None:
    for article in ASSORTMENT:
        assert article.name != article.name_fr
        assert article.description.endswith((".", "!"))
        assert article.description_fr.endswith((".", "!"))
        assert article.description != article.description_fr


def test_names_tell_articles_apart() -> None:
    assert len({article.name for article in ASSORTMENT}) == len(ASSORTMENT)
    assert len({article.name_fr for article in ASSORTMENT}) == len(ASSORTMENT)


def test_colours_are_among_those_that_the_shop_filters_by() -> None:
    known = {colour.slug for colour in read_assortment().colours}

    assert all(article.colours and set(article.colours) <= known for article in ASSORTMENT)


def test_most_articles_are_in_stock_and_some_are_not() -> None:
    empty = sum(article.stock == 0 for article in ASSORTMENT)

    assert 0 < empty < len(ASSORTMENT) / 5


def test_there_are_two_photos_of_each_article_and_no_others() -> None:
    photos = [name for article in ASSORTMENT for name in article.photos]

    assert all(len(article.photos) == 2 for article in ASSORTMENT)
    assert len(photos) == len(set(photos)) == 314
    assert {file.name for file in PICTURES.iterdir()} == set(photos)


def test_all_photos_together_take_at_most_9_mb() -> None:
    assert sum(file.stat().st_size for file in PICTURES.iterdir()) <= 9_000_000
