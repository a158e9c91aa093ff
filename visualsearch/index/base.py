"""What an index is, whatever library does the work."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.vectors import Vectors

# Photo ids, shape (n,), and their vectors as rows keep them, shape (n, dimensions).
PhotoIds = NDArray[np.int64]
StoredVectors = NDArray[np.float16]
Rows = tuple[PhotoIds, StoredVectors]


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo near the query. `similarity` is the cosine, −1 to 1, higher is nearer."""

    photo_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Space:
    """Whose vectors an index holds: those of one model version, in one life of the database (its epoch)."""

    name: str
    version: str
    epoch: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What the log says happened up to `sequence`: vectors that came or changed, and photos whose vector went.

    `mark` is the mark of the log's entry there: another log, as long as this one, has another.
    """

    sequence: int
    ids: PhotoIds
    vectors: StoredVectors
    removed: PhotoIds
    nonce: str = ""


class VectorIndex(ABC):
    """The vectors of one space, searched by many threads while one at a time applies changes.

    `sequence` is the place in the change log up to which the index is true.
    """

    space: Space
    # Whether the snapshot lies on a server: one for all machines, larger than a process may hold, moved on by `fold`.
    shared = False

    @property
    @abstractmethod
    def sequence(self) -> int:
        """The last change that the index holds; 0 for none."""

    @property
    @abstractmethod
    def nonce(self) -> str:
        """The mark of the last change that the index holds, as whoever applied or built it said."""

    @property
    @abstractmethod
    def snapshot_sequence(self) -> int:
        """The last change that the newest snapshot in use holds; 0 where there is none."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many photos can be found."""

    @abstractmethod
    def apply(self, changes: Changes) -> None:
        """Put and remove vectors. Applying changes again, or older ones once more before newer, is harmless."""

    @abstractmethod
    def replace_all(self, changes: Changes) -> None:
        """Hold these vectors and nothing else, snapshot or not. A search under way sees the old ones or the new."""

    @abstractmethod
    def search(self, query: Vectors, *, limit: int, allowed_ids: PhotoIds | None = None) -> list[Hit]:
        """Return the nearest photos, nearest first, equal ones by id; fewer than `limit` if there are no more.

        `query` has shape (dimensions,) and length 1. `among` keeps the search to those photos, and makes it exact.
        """

    @abstractmethod
    def rows(self) -> Rows:
        """Return all photo ids, ascending, and their vectors. A copy: for checks, not for serving."""

    @abstractmethod
    def reopen(self, *, head: Callable[[], int]) -> bool:
        """Open the newest good snapshot of the space, if it is newer than what is open. `head` reads the log's head.

        Returns whether one was opened; `sequence` is then the snapshot's, and the changes since are to be applied.
        Damaged snapshots, and those of another epoch or ahead of the log, are set aside; `damaged` tells.
        """

    @property
    @abstractmethod
    def damaged(self) -> bool:
        """Whether a snapshot failed its checks since this was last read; reading forgets it."""

    @abstractmethod
    def build(self, rows: Iterable[Rows], *, sequence: int, nonce: str = "") -> None:
        """Write a new snapshot from rows with ascending ids, true up to the change of that mark. It is not opened."""

    def compact(self, changes: Iterable[Changes], *, sequence: int, nonce: str) -> None:
        """Move a shared snapshot on, by all changes from `snapshot_sequence` to `sequence`. It is not opened.

        Several may do so at once, the same or older changes, at any pace: all see one of their snapshots as a whole.
        """
        raise NotImplementedError("This index has no shared snapshot: build another.")

    @abstractmethod
    def prune(self) -> int:
        """Remove old snapshots. Returns the sequence up to which no process needs the change log any more."""


def nearest(ids: PhotoIds, similarities: NDArray[np.float32], limit: int) -> list[Hit]:
    """Return the `limit` most similar as hits, nearest first, equal ones by id."""
    if len(ids) > limit:
        # Whatever equals the limit-th stays in, so that equal ones are told apart by id and not by place.
        edge = np.partition(similarities, len(similarities) - limit)[len(similarities) - limit]
        kept = similarities >= edge
        ids, similarities = ids[kept], similarities[kept]
    order = np.lexsort((ids, -similarities))[:limit]
    return [Hit(int(ids[place]), float(similarities[place])) for place in order]
