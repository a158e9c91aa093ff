"""Which vectors of an index are of articles that pass a filter: told from arrays in memory, without a statement.

A snapshot's vectors and their photos stay the same as long as it is open, and so do photos and their articles nearly
always. So a filter costs one look-up a photo, and one more a vector where photos have several.
"""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray

from catalogue.columns.photos import UNKNOWN, PhotoColumn
from visualsearch.index.base import VectorIds

# Articles are looked up in an array with a place for each id, unless it would have so many places a photo.
PLACES_A_PHOTO = 16


class AllowedVectors:
    """Says of vectors, by ascending ids, whether they are of photos of some articles: an `Allowed` of the index.

    `passing` says of the articles of some ids, (n,), whether they pass; others do not. A photo that the column lacks is
    let through: the final statement decides. A vector's id is its photo's times `vectors_a_photo`, plus its place.
    """

    def __init__(
        self, photos: PhotoColumn, article_ids: VectorIds, passing: NDArray[np.bool_], *, vectors_a_photo: int = 1
    ) -> None:
        self._photos, self._vectors_a_photo = photos, vectors_a_photo
        self._article_ids, self._passing = article_ids, passing
        self._places: NDArray[np.bool_] | None = None
        highest = max(photos.highest, int(article_ids.max(initial=0)))
        if highest < PLACES_A_PHOTO * (len(photos.ids) + 1):
            self._places = np.zeros(highest + 2, np.bool_)
            self._places[article_ids] = passing
            # Python's last place is also that of −1.
            self._places[UNKNOWN] = True

    def __call__(self, ids: VectorIds) -> NDArray[np.bool_]:
        layout = _layout_of(ids, self._vectors_a_photo)
        articles = layout.articles_by(self._photos, ids)
        if self._places is None:
            passing = np.isin(articles, self._article_ids[self._passing]) | (articles == UNKNOWN)
        else:
            passing = self._places[articles]
        mask: NDArray[np.bool_] = passing if layout.photo_of_row is None else passing[layout.photo_of_row]
        return mask


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
        self._known: tuple[PhotoColumn, VectorIds] | None = None

    def articles_by(self, photos: PhotoColumn, ids: VectorIds) -> VectorIds:
        """Return the article of each photo of the vectors. Kept until photos change."""
        known = self._known
        if known is None or known[0] is not photos:
            known = self._known = photos, photos.articles_of(ids if self._photo_ids is None else self._photo_ids)
        return known[1]


# By the identity of an array of ids, as long as somebody else has it: a snapshot or a tail.
_layouts: dict[int, Layout] = {}


def _layout_of(ids: VectorIds, vectors_a_photo: int) -> Layout:
    layout = _layouts.get(id(ids))
    if layout is None:
        layout = _layouts[id(ids)] = Layout(ids, vectors_a_photo)
        # Before another array can have the same identity.
        weakref.finalize(ids, _layouts.pop, id(ids), None).atexit = False
    return layout
