"""Whose each photo is, as arrays. No Django, no statement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalogue.columns.rows import Ids

# In place of the article of a photo that the column lacks.
UNKNOWN = -1


@dataclass(frozen=True)
class PhotoColumn:
    """The photos that are not in the bin, by ascending id, and the id of the article of each. Immutable, as tables."""

    ids: Ids
    articles: Ids

    def replaced(self, ids: Ids, others: PhotoColumn) -> PhotoColumn:
        """Return this column with `others` in the place of the photos of some ids; without those that others lack."""
        kept = ~np.isin(self.ids, ids)
        all_ids = np.concatenate([self.ids[kept], others.ids])
        order = np.argsort(all_ids, kind="stable")
        return PhotoColumn(all_ids[order], np.concatenate([self.articles[kept], others.articles])[order])

    def articles_of(self, photo_ids: Ids) -> Ids:
        """Return the article of each photo, UNKNOWN for those that are not there. Quickest for ascending ids."""
        if len(self.ids) == 0:
            return np.full(len(photo_ids), UNKNOWN, np.int64)
        places = np.minimum(np.searchsorted(self.ids, photo_ids), len(self.ids) - 1)
        return np.where(self.ids[places] == photo_ids, self.articles[places], UNKNOWN)
