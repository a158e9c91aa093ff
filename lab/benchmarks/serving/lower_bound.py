"""The lower bound of a search by photo: its steps in sequence in one process, without server, Django or ORM.

The photo is decoded at half its size, both networks run, the index is searched, and one statement reads a page's rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.imaging import read_image
from catalogue.photos.validators import photo_limits
from visualsearch.index.base import VectorIndex
from visualsearch.inference.litert import LiteRTModel
from visualsearch.services.indexing.embedding import DECODE_SIZE

# Number of hits that the shop requests from its index for a page of twelve articles, and of those on the page.
HITS, SHOWN = 194, 12
_ROWS = """
    SELECT article.id, article.name, article.slug, article.price, photo.id, photo.sha256
    FROM catalogue_photo AS photo JOIN catalogue_article AS article ON article.id = photo.article_id
    WHERE photo.id IN ({}) AND article.published AND article.deleted IS NULL
"""


@dataclass
class LowerBound:
    """Searches one photo at a time, in a shop whose database is a file of SQLite."""

    model: LiteRTModel
    index: VectorIndex
    vectors_a_photo: int
    database: sqlite3.Connection

    def search(self, photo: bytes) -> None:
        """Search for a photo as the shop does."""
        picture = read_image(photo, limits=photo_limits(), target=DECODE_SIZE)
        garment = self.model.predict_garments([picture])[0][0]
        vector = self.model.descriptor.query(garment.shape, garment.colour, studio=garment.studio)
        hits = self.index.search(vector, limit=HITS)
        photos = list(dict.fromkeys(hit.vector_id // self.vectors_a_photo for hit in hits))
        rows_of(self.database, photos[:SHOWN])


def rows_of(database: sqlite3.Connection, photo_ids: Sequence[int]) -> list[tuple[object, ...]]:
    """Return what a page shows of the articles of photos."""
    marks = ", ".join("?" * len(photo_ids))
    return database.execute(_ROWS.format(marks), photo_ids).fetchall()
