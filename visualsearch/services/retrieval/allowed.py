"""Which vectors of an index are of articles that pass a filter: read from arrays in memory, without a statement.

A snapshot's vectors and their photos stay the same as long as it is open, and so do photos and their articles nearly
always. So a filter costs one look-up a photo, and one more a vector where photos have several.
"""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray

from catalogue.columns.photos import UNKNOWN, PhotoColumn
from visualsearch.index.base import VectorIds

# Places from the end of the articles: of one that is not among them, and of a photo of which nothing is known.
NO_ARTICLE, NO_PHOTO = -2, -1


class AllowedVectors:
    """Says of vectors, by ascending ids, whether they are of photos of some articles: an `Allowed` of the index.

    `passing` says of the articles of some ids, ascending, whether they pass; others do not. A photo that the column
    lacks is let through: the final statement decides. A vector's id is its photo's times `vectors_a_photo`, plus its
    place.
    """

    def __init__(
        self, photos: PhotoColumn, article_ids: VectorIds, passing: NDArray[np.bool_], *, vectors_a_photo: int = 1
    ) -> None:
        self._photos, self._article_ids, self._vectors_a_photo = photos, article_ids, vectors_a_photo
        # Behind the articles' places, those of NO_ARTICLE and NO_PHOTO.
        self._passing = np.append(passing, [False, True])

    def __call__(self, ids: VectorIds) -> NDArray[np.bool_]:
        layout = _layout_of(ids, self._vectors_a_photo)
        mask: NDArray[np.bool_] = self._passing[layout.places_by(self._photos, self._article_ids, ids)]
        return mask if layout.photo_of_row is None else mask[layout.photo_of_row]


class Layout:
    """Of which photo each of some vectors is, and of which article. It does not keep the array of their ids alive."""

    def __init__(self, ids: VectorIds, vectors_a_photo: int) -> None:
        # None where each photo has one vector, whose id is the photo's.
        self._photo_ids: VectorIds | None = None
        self.photo_of_row: NDArray[np.int32] | None = None
        if vectors_a_photo > 1:
            of_rows = ids // vectors_a_photo
            first = np.diff(of_rows, prepend=-1) > 0
            self._photo_ids = of_rows[first]
            self.photo_of_row = np.cumsum(first, dtype=np.int32) - 1
        self._known: tuple[PhotoColumn, VectorIds, VectorIds] | None = None

    def places_by(self, photos: PhotoColumn, article_ids: VectorIds, ids: VectorIds) -> VectorIds:
        """Return the place of the article of each photo of the vectors. Kept until photos or articles come or go."""
        known = self._known
        if known is None or known[0] is not photos or not same(known[1], article_ids):
            articles = photos.articles_of(ids if self._photo_ids is None else self._photo_ids)
            known = self._known = photos, article_ids, places_of(articles, article_ids)
        return known[2]


def same(one: VectorIds, other: VectorIds) -> bool:
    return one is other or np.array_equal(one, other)


def places_of(articles: VectorIds, article_ids: VectorIds) -> VectorIds:
    """Return where each article is among the ids, NO_ARTICLE where it is not, NO_PHOTO where it is UNKNOWN."""
    places = np.where(articles == UNKNOWN, NO_PHOTO, NO_ARTICLE)
    if len(article_ids):
        found = np.minimum(np.searchsorted(article_ids, articles), len(article_ids) - 1)
        places = np.where(article_ids[found] == articles, found, places)
    return places


# By the identity of an array of ids, as long as somebody else has it: a snapshot or a tail.
_layouts: dict[int, Layout] = {}


def _layout_of(ids: VectorIds, vectors_a_photo: int) -> Layout:
    layout = _layouts.get(id(ids))
    if layout is None:
        layout = _layouts[id(ids)] = Layout(ids, vectors_a_photo)
        # Before another array can have the same identity.
        weakref.finalize(ids, _layouts.pop, id(ids), None).atexit = False
    return layout
