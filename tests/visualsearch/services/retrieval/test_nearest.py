"""Filtered nearest-neighbour search, against results computed from the rows by brute force."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import prepared
from catalogue.browsing.filters import parse_filters
from catalogue.models import Article, Category, Photo
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory
from tests.visualsearch.catalogue import engine_of
from visualsearch.index.base import Changes, Space, StoredVectors, VectorIds, VectorIndex
from visualsearch.index.exact import ExactIndex
from visualsearch.index.faiss import FaissIndex
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services.retrieval import articles
from visualsearch.services.retrieval import nearest as rule
from visualsearch.services.retrieval.nearest import ArticleHit, nearest_articles
from visualsearch.vectors import Vectors

DIMENSIONS = 4
SPACE = Space("made", "1", "epoch", DIMENSIONS)
NOTHING = Changes(0, np.empty(0, np.int64), np.empty((0, DIMENSIONS), np.float16), np.empty(0, np.int64))
# The rule's two ways past a filter, each alone, and both in turn.
WAYS = {
    "hits": {"LISTED_A_HIT": 0, "HITS_AN_ARTICLE": 1},
    "list": {"LISTED_A_HIT": 10**6, "HITS_AN_ARTICLE": 1, "HITS_AT_LEAST": 1},
    "both": {"HITS_AN_ARTICLE": 1, "HITS_AT_LEAST": 4},
    "as it is": {},
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(rule, name, value)
    # Else the few articles of a test are listed, and none of these ways is gone.
    monkeypatch.setattr(articles, "FEW_ARTICLES", 0)
    return str(request.param)


def unit_vectors(generator: np.random.Generator, count: int) -> StoredVectors:
    vectors = generator.normal(size=(count, DIMENSIONS))
    unit: StoredVectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    return unit


def filled(index: VectorIndex, ids: VectorIds, vectors: StoredVectors) -> VectorIndex:
    index.replace_all(Changes(1, ids, vectors, NOTHING.removed))
    return index


def expected(
    ids: VectorIds, vectors: StoredVectors, query: Vectors, article_of: Mapping[int, int], wanted: int
) -> list[tuple[int, Any]]:
    """Return the articles in the order of their best photo, with its similarity, worked out without an index."""
    similarities = (vectors.astype(np.float32) @ query).tolist()
    ranked = sorted(zip(ids.tolist(), similarities, strict=True), key=lambda pair: (-pair[1], pair[0]))
    best: dict[int, Any] = {}
    for photo_id, similarity in ranked:
        if photo_id in article_of:
            best.setdefault(article_of[photo_id], pytest.approx(min(similarity, 1.0), abs=1e-5))
    return list(best.items())[:wanted]


@dataclass
class Shelf:
    """What may be shown, by photo; counts the photos asked about."""

    article_of: dict[int, int]
    asked: int = 0
    listed: int = 0

    def articles_of(self, photo_ids: VectorIds) -> dict[int, int]:
        self.asked += len(photo_ids)
        return {key: self.article_of[key] for key in photo_ids.tolist() if key in self.article_of}

    def photos_at_most(self, limit: int) -> dict[int, int] | None:
        self.listed += min(len(self.article_of), limit + 1)
        return dict(self.article_of) if len(self.article_of) <= limit else None


@given(
    seed=st.integers(0, 2**32 - 1),
    photos=st.integers(1, 120),
    articles=st.integers(1, 60),
    share=st.sampled_from([0.0, 0.02, 0.1, 0.5, 1.0]),
    wanted=st.integers(1, 30),
    way=st.sampled_from(sorted(WAYS)),
)
@settings(max_examples=150, deadline=None, database=None)
def test_whatever_passes_the_nearest_articles_are_found_each_once(
    seed: int, photos: int, articles: int, share: float, wanted: int, way: str
) -> None:
    generator = np.random.default_rng(seed)
    ids = np.sort(generator.choice(10_000, photos, replace=False)).astype(np.int64)
    vectors, query = unit_vectors(generator, photos), unit_vectors(generator, 1)[0].astype(np.float32)
    # Several photos of an article are near one another, so that they crowd the head of the list.
    owner = np.sort(generator.integers(0, articles, photos))
    vectors = vectors[np.searchsorted(owner, owner)]
    passing = generator.random(articles) < share
    article_of = {int(key): int(own) + 1 for key, own in zip(ids, owner, strict=True) if passing[own]}
    index, shelf = filled(ExactIndex(SPACE), ids, vectors), Shelf(article_of)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in WAYS[way].items():
            patch.setattr(rule, name, value)
        found = nearest_articles(
            index, query, limit=wanted, articles_of=shelf.articles_of, photos_at_most=shelf.photos_at_most
        )

    assert [(hit.article_id, hit.similarity) for hit in found] == expected(ids, vectors, query, article_of, wanted)
    assert [hit.similarity for hit in found] == sorted((hit.similarity for hit in found), reverse=True)
    assert shelf.asked <= photos


def crowd(photos: int) -> tuple[VectorIds, StoredVectors, Vectors]:
    """Return photos that lie ever farther from the query, each a little, in the order of their ids."""
    angles = np.linspace(0, np.pi / 2, photos)
    vectors = np.zeros((photos, DIMENSIONS), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(angles), np.sin(angles)
    return np.arange(1, photos + 1, dtype=np.int64), vectors.astype(np.float16), vectors[0]


@pytest.mark.parametrize("kind", [ExactIndex, FaissIndex])
@pytest.mark.usefixtures("way")
def test_fifty_photos_of_each_article_do_not_crowd_out_the_others(kind: type, tmp_path: Path) -> None:
    ids, vectors, query = crowd(1_000)
    index = ExactIndex(SPACE) if kind is ExactIndex else FaissIndex(SPACE, folder=tmp_path)
    filled(index, ids, vectors)
    shelf = Shelf({photo_id: (photo_id - 1) // 50 + 1 for photo_id in ids.tolist()})

    pages = [
        nearest_articles(index, query, limit=w, articles_of=shelf.articles_of, photos_at_most=shelf.photos_at_most)
        for w in (4, 13, 20, 30)
    ]

    assert [[hit.article_id for hit in page] for page in pages] == [[*range(1, n + 1)] for n in (4, 13, 20, 20)]


def work_of(shelf: Shelf, photos: int) -> tuple[list[ArticleHit], int]:
    ids, vectors, query = crowd(photos)
    index = filled(ExactIndex(SPACE), ids, vectors)
    found = nearest_articles(index, query, limit=10, articles_of=shelf.articles_of, photos_at_most=shelf.photos_at_most)
    return found, shelf.asked + shelf.listed


def test_the_work_is_a_small_multiple_of_the_shorter_way_wherever_lies_what_passes() -> None:
    """Whether what passes is near the query or far from it, and whether it is little or much."""
    photos = 60_000
    everywhere_rare, work_rare = work_of(Shelf({key: key for key in range(1, photos, 600)}), photos)
    everywhere, work_common = work_of(Shelf({key: key for key in range(1, photos, 3)}), photos)
    near, work_near = work_of(Shelf({key: key for key in range(1, photos // 2)}), photos)
    far, work_far = work_of(Shelf({key: key for key in range(photos - 3_000, photos + 1)}), photos)

    assert [len(found) for found in (everywhere_rare, everywhere, near, far)] == [10] * 4
    assert far[0].article_id == photos - 3_000
    # At the least: listing 100 photos, after the hits looked through before that; 30 hits; 20; listing 3,001 photos.
    assert work_rare <= 100 + rule.HITS_AT_LEAST
    assert work_common <= 160
    assert work_near == 20
    assert work_far <= 5 * 3_001


def test_no_photo_is_queried_twice() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 3000), 1) | {3_000: 2})
    ids, vectors, query = crowd(3_000)
    asked: list[int] = []

    def articles_of(photo_ids: VectorIds) -> dict[int, int]:
        asked.extend(photo_ids.tolist())
        return shelf.articles_of(photo_ids)

    found = nearest_articles(filled(ExactIndex(SPACE), ids, vectors), query, limit=2, articles_of=articles_of)

    assert [hit.article_id for hit in found] == [1, 2]
    assert sorted(asked) == ids.tolist()


# --- With rows -------------------------------------------------------------------------------------------------------


def stocked_shop(seed: int) -> tuple[ModelVersion, VectorIds, StoredVectors]:
    """Make articles that differ in all that is filtered by, some hidden, with up to five photos, some outdated."""
    choose = random.Random(seed)
    roots = [CategoryFactory.create(slug=f"root-{number}") for number in range(2)]
    categories = [*roots, *(CategoryFactory.create(slug=f"below-{n}", parent=roots[n % 2]) for n in range(4)), None]
    brands = [*(BrandFactory.create(slug=f"brand-{number}") for number in range(3)), None]
    colours = [ColourFactory.create(slug=f"colour-{number}") for number in range(4)]
    version = ModelVersion.objects.create(name="made", version="1", dimensions=DIMENSIONS, card_sha256="")
    for _ in range(70):
        article = ArticleFactory.create(
            category=choose.choice(categories),
            brand=choose.choice(brands),
            price=choose.choice([None, *range(10, 100, 10)]),
            stock=choose.choice([None, 0, 3]),
            published=choose.random() > 0.1,
            colours=choose.sample(colours, choose.randrange(4)),
        )
        Photo.objects.bulk_create(
            Photo(article=article, file="none", sha256=choose.choice("ab") * 64) for _ in range(choose.randrange(6))
        )
    photos = list(Photo.objects.order_by("pk"))
    vectors = unit_vectors(np.random.default_rng(seed), len(photos))
    PhotoEmbedding.objects.bulk_create(
        # One of seven is of bytes that the photo had before.
        PhotoEmbedding(
            photo=photo,
            model_version=version,
            vector=vector.tobytes(),
            photo_sha256=photo.sha256 if choose.randrange(7) else "c" * 64,
        )
        for photo, vector in zip(photos, vectors, strict=True)
    )
    return version, np.array([photo.pk for photo in photos], np.int64), vectors


def chosen_by(choose: random.Random) -> dict[str, list[str]]:
    """Return a random choice of filters, each in or out."""
    offers: dict[str, Callable[[], list[str]]] = {
        "category": lambda: choose.sample(["root-0", "root-1", "below-0", "below-3"], choose.choice([1, 1, 2])),
        "brand": lambda: choose.sample([f"brand-{number}" for number in range(3)], choose.choice([1, 2])),
        "colour": lambda: choose.sample([f"colour-{number}" for number in range(4)], choose.choice([1, 2, 3])),
        "price_min": lambda: [str(choose.randrange(0, 100, 10))],
        "price_max": lambda: [str(choose.randrange(0, 100, 10))],
        "in_stock": lambda: [choose.choice(["true", "false"])],
    }
    return {name: offer() for name, offer in offers.items() if choose.random() < 0.4}


def passes(article: Article, chosen: Mapping[str, list[str]]) -> bool:
    """Whether an article may be shown, told from its row and not by a query."""
    categories = set()
    if article.category is not None:
        path = Category.objects.values_list("path", "slug")
        categories = {slug for above, slug in path if article.category.path.startswith(above)}
    low, high = chosen.get("price_min"), chosen.get("price_max")
    return all(
        (
            article.published,
            "category" not in chosen or categories & set(chosen["category"]),
            "brand" not in chosen or (article.brand is not None and article.brand.slug in chosen["brand"]),
            "colour" not in chosen or {colour.slug for colour in article.colours.all()} & set(chosen["colour"]),
            low is None or (article.price is not None and article.price >= int(low[0])),
            high is None or (article.price is not None and article.price <= int(high[0])),
            chosen.get("in_stock") != ["true"] or article.stock is None or article.stock > 0,
        )
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("way")
def test_any_filters_together_find_what_the_rows_say(seed: int) -> None:
    version, ids, vectors = stocked_shop(seed)
    index = filled(ExactIndex(SPACE), ids, vectors)
    choose, generator = random.Random(seed), np.random.default_rng(seed)
    rows = list(Article.objects.select_related("category", "brand").prefetch_related("colours", "photos__embeddings"))
    found_some = 0

    for _ in range(30):
        chosen, wanted = chosen_by(choose), choose.choice([1, 5, 13, 60])
        query = unit_vectors(generator, 1)[0].astype(np.float32)
        found = articles.nearest(engine_of(version, index), query, filters=parse_filters(chosen), limit=wanted)

        article_of = {
            photo.pk: row.pk
            for row in rows
            if passes(row, chosen)
            for photo in row.photos.all()
            if photo.embeddings.all()[0].photo_sha256 == photo.sha256
        }
        assert [(hit.article_id, hit.similarity) for hit in found] == expected(
            ids, vectors, query, article_of, wanted
        ), chosen
        found_some += bool(found)
    assert found_some > 10


@pytest.mark.django_db
def test_more_photos_than_a_query_takes_are_looked_up_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    version, ids, vectors = stocked_shop(0)
    index = filled(ExactIndex(SPACE), ids, vectors)
    engine, query = engine_of(version, index), vectors[0].astype(np.float32)
    at_once = articles.nearest(engine, query, limit=1_000)
    monkeypatch.setattr(articles, "IDS_AT_ONCE", 10)
    monkeypatch.setattr(prepared, "MOST_IDS", 16)

    for base_queryset, most in ((None, 16), (Article.objects.published(), 10)):
        with CaptureQueriesContext(connection) as captured:
            in_several = articles.nearest(engine, query, limit=1_000, base_queryset=base_queryset)

        assert in_several == at_once
        assert len(captured) == -(-len(ids) // most)
