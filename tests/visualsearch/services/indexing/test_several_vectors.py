"""Photos with several vectors: in the rows, the log, the snapshot and the tail, and in what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters
from catalogue.models import Photo
from tests.factories import ArticleFactory, CategoryFactory
from tests.visualsearch.catalogue import engine_of
from tests.visualsearch.stored import DIMENSIONS, made_version
from visualsearch.index.faiss import FaissIndex
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services.indexing import indexing
from visualsearch.services.retrieval.articles import nearest
from visualsearch.vectors import quantise

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MOST = 3


@pytest.fixture
def version() -> ModelVersion:
    return made_version(vectors_a_photo=MOST)


@pytest.fixture
def index(version: ModelVersion, tmp_path: Path) -> FaissIndex:
    return FaissIndex(indexing.space_of(version), folder=tmp_path)


def store(version: ModelVersion, axes: Sequence[int], *, photo: Photo | None = None) -> Photo:
    """Give a photo the unit vectors along some axes, as a worker does."""
    if photo is None:
        photo = Photo.objects.bulk_create([Photo(article=ArticleFactory.create(), file="none", sha256="a" * 64)])[0]
    vectors = quantise(np.eye(DIMENSIONS, dtype=np.float32)[list(axes)])
    PhotoEmbedding.objects.update_or_create(
        model_version=version, photo=photo, defaults={"vector": vectors.tobytes(), "photo_sha256": photo.sha256}
    )
    indexing.log_changes(version, [photo.pk])
    return photo


def along(axis: int) -> np.ndarray:
    return np.asarray(np.eye(DIMENSIONS, dtype=np.float32)[axis])


def articles(
    version: ModelVersion, index: FaissIndex, axis: int, filters: ArticleFilters = NO_FILTERS
) -> list[tuple[int, float]]:
    found = nearest(engine_of(version, index), along(axis), limit=10, filters=filters)
    return [(hit.article_id, round(hit.similarity, 4)) for hit in found]


def test_an_article_is_found_once_by_any_of_its_vectors(version: ModelVersion, index: FaissIndex) -> None:
    one, other = store(version, [0, 1, 2]), store(version, [1])
    indexing.refresh(index, version)

    assert len(index) == 4
    assert articles(version, index, 2) == [(one.article_id, 1.0), (other.article_id, 0.0)]
    assert articles(version, index, 1) == [(one.article_id, 1.0), (other.article_id, 1.0)]


@pytest.mark.parametrize("snapshot", [True, False])
def test_fewer_vectors_than_before_leave_none_behind(
    version: ModelVersion, index: FaissIndex, *, snapshot: bool
) -> None:
    photo, other = store(version, [0, 1, 2]), store(version, [3])
    if snapshot:
        index.build(indexing.all_rows(version), sequence=2, nonce=indexing.end_of_log(version)[1])
        version.refresh_from_db()
    indexing.refresh(index, version)

    store(version, [2], photo=photo)
    indexing.refresh(index, version)

    assert index.rows()[0].tolist() == [photo.pk * MOST, other.pk * MOST]
    assert articles(version, index, 0) == [(photo.article_id, 0.0), (other.article_id, 0.0)]


def test_all_vectors_of_a_photo_go_with_it(version: ModelVersion, index: FaissIndex) -> None:
    photo, other = store(version, [0, 1, 2]), store(version, [3, 0])
    indexing.refresh(index, version)

    PhotoEmbedding.objects.filter(photo=photo).delete()
    indexing.log_changes(version, [photo.pk])
    indexing.refresh(index, version)

    assert index.rows()[0].tolist() == [other.pk * MOST, other.pk * MOST + 1]
    assert [pk for pk, _ in articles(version, index, 1)] == [other.article_id]


def test_a_filter_lets_all_vectors_of_a_photo_through(version: ModelVersion, index: FaissIndex) -> None:
    store(version, [2])
    hats = CategoryFactory.create(slug="hats")
    photo = store(version, [0, 1, 2])
    photo.article.category = hats
    photo.article.save()
    indexing.refresh(index, version)

    filters = ArticleFilters(categories=(hats,))
    assert articles(version, index, 2, filters=filters) == [(photo.article_id, 1.0)]


@pytest.mark.parametrize("rows_at_once", [1, 2, 3, 4, 7])
def test_photos_come_in_chunks_with_all_their_vectors(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(indexing, "ROWS_AT_ONCE", rows_at_once)
    photos = [store(version, axes) for axes in ([0], [0, 1, 2], [1, 2])]

    ids = [chunk.tolist() for chunk, _ in indexing.all_rows(version)]

    expected = [[photos[0].pk * MOST], [photos[1].pk * MOST + place for place in range(3)]]
    expected.append([photos[2].pk * MOST, photos[2].pk * MOST + 1])
    # Of 6 vectors two photos would be one chunk.
    assert [one for chunk in ids for one in chunk] == [one for photo in expected for one in photo]
    assert len(ids) == (3 if rows_at_once < 2 * MOST else 2)


def test_a_comparison_names_the_photo_of_a_wrong_vector(version: ModelVersion) -> None:
    good, wrong = store(version, [0, 1]), store(version, [0, 1, 2])
    assert indexing.compare(version).equal

    swapped = quantise(np.eye(DIMENSIONS, dtype=np.float32)[[0, 1, 3]])
    PhotoEmbedding.objects.filter(photo=wrong).update(vector=swapped.tobytes())

    compared = indexing.compare(version)
    assert (compared.rows, compared.missing, compared.left_over, compared.different) == (5, [], [], [wrong.pk])
    PhotoEmbedding.objects.filter(photo=good).update(vector=swapped[:1].tobytes())
    assert indexing.compare(version).left_over == [good.pk]


@pytest.mark.parametrize("stored", [0, 2 * DIMENSIONS - 1, 2 * DIMENSIONS * MOST + 2 * DIMENSIONS])
def test_a_row_of_a_wrong_length_is_named(version: ModelVersion, stored: int) -> None:
    photo = store(version, [0])
    PhotoEmbedding.objects.filter(photo=photo).update(vector=b"\0" * stored)

    with pytest.raises(ValueError, match=f"photo {photo.pk} has {stored} bytes"):
        list(indexing.all_rows(version))


def test_versions_of_one_vector_a_photo_go_on_with_the_ids_of_their_snapshots() -> None:
    plain = made_version("plain")
    photo = store(plain, [0])

    ids, _ = next(iter(indexing.all_rows(plain)))

    assert ids.tolist() == [photo.pk]
