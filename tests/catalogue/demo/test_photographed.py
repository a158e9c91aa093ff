"""The list of photographs: pinned, complete, and told apart by names in both languages."""

from __future__ import annotations

import re
from collections import Counter

from catalogue.demo.assortment import read_assortment
from catalogue.demo.photographed import PHOTOGRAPHS_URL, read_photographed

PHOTOGRAPHED = read_photographed()
ARTICLES = PHOTOGRAPHED.articles


def test_there_are_forty_photographs_of_each_category_of_the_drawn_demo() -> None:
    counts = Counter(article.category for article in ARTICLES)

    assert set(counts) == {article.category for article in read_assortment().articles}
    assert set(counts.values()) == {40}


def test_addresses_are_of_one_commit_and_files_are_known_by_their_digest() -> None:
    assert re.fullmatch(
        r"https://raw\.githubusercontent\.com/alexeygrigorev/clothing-dataset/[0-9a-f]{40}/images/", PHOTOGRAPHS_URL
    )
    assert {name for article in ARTICLES for name in article.photos} == set(PHOTOGRAPHED.digests)
    assert len(set(PHOTOGRAPHED.digests.values())) == len(ARTICLES)
    assert all(re.fullmatch(r"[0-9a-f-]{36}\.jpg", name) for name in PHOTOGRAPHED.digests)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in PHOTOGRAPHED.digests.values())


def test_skus_and_names_tell_articles_apart_also_from_the_drawn_ones() -> None:
    everything = [*ARTICLES, *read_assortment().articles]

    for field in ("sku", "name", "name_fr"):
        assert len({getattr(one, field) for one in everything}) == len(everything)
    assert all(article.name != article.name_fr for article in ARTICLES)


def test_prices_are_of_the_kind_and_differ() -> None:
    prices = {article.price for article in ARTICLES}
    of_dresses = {article.price for article in ARTICLES if article.category == "dress"}

    assert 19 <= min(prices) < max(prices) <= 150
    assert len(of_dresses) == 5
    assert min(of_dresses) > min(article.price for article in ARTICLES if article.category == "t-shirt")


def test_most_articles_are_in_stock_and_some_are_not() -> None:
    empty = sum(article.stock == 0 for article in ARTICLES)

    assert 0 < empty < len(ARTICLES) / 5
