"""Filters as arrays: which vectors are of photos of articles that pass."""

from __future__ import annotations

import gc

import numpy as np

from catalogue.columns.photos import PhotoColumn
from visualsearch.services.retrieval import allowed
from visualsearch.services.retrieval.allowed import AllowedVectors

# Photos 3, 5, 6 and 9, of articles 20, 10, 20 and 30.
PHOTOS = PhotoColumn(np.array([3, 5, 6, 9]), np.array([20, 10, 20, 30]))
ARTICLES = np.array([10, 20])


def passing(*which: bool) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(which, np.bool_)


def test_photos_of_articles_that_pass_are_let_through_and_unknown_ones_too() -> None:
    let_through = AllowedVectors(PHOTOS, ARTICLES, passing(False, True))

    # Article 30 is not in the table, photo 7 not in the column.
    assert let_through(np.array([3, 5, 6, 7, 9])).tolist() == [True, False, True, True, False]
    assert let_through(np.empty(0, np.int64)).tolist() == []


def test_all_vectors_of_a_photo_are_let_through() -> None:
    let_through = AllowedVectors(PHOTOS, ARTICLES, passing(True, False), vectors_a_photo=5)

    assert let_through(np.array([15, 17, 25, 26, 29, 30, 38])).tolist() == [*[False] * 2, *[True] * 3, False, True]


def test_nothing_known_lets_everything_through() -> None:
    nothing = np.empty(0, np.int64)

    assert AllowedVectors(PhotoColumn(nothing, nothing), nothing, passing())(np.array([1, 2])).tolist() == [True, True]


def test_what_is_kept_of_a_snapshot_goes_with_it_and_follows_its_photos() -> None:
    ids = np.array([3, 5])
    AllowedVectors(PHOTOS, ARTICLES, passing(False, True))(ids)
    moved = PHOTOS.replaced(np.array([3]), PhotoColumn(np.array([3]), np.array([10])))
    count = len(allowed._layouts)

    assert AllowedVectors(moved, ARTICLES, passing(False, True))(ids).tolist() == [False, False]
    assert AllowedVectors(moved, ARTICLES + 10, passing(False, True))(ids).tolist() == [False, False]
    assert AllowedVectors(moved, ARTICLES - 10, passing(False, True))(ids).tolist() == [True, True]
    assert len(allowed._layouts) == count
    del ids
    gc.collect()
    assert len(allowed._layouts) < count
