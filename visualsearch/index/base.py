"""The interface of a vector index, which every backend implements, and the types that it exchanges."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.vectors import Vectors

# Ids of vectors, shape (n,), and the vectors as stored in the database, shape (n, dimensions). Whose they are is not
# the index's business: a photo may have several, with ids of their own.
VectorIds = NDArray[np.int64]
StoredVectors = NDArray[np.float16]
Rows = tuple[VectorIds, StoredVectors]
# A filter: which of some vectors, given by ascending ids, may be found, shape (n,).
Allowed = Callable[[VectorIds], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A vector near the query. `similarity` is their product, −1 to 1, higher is nearer."""

    vector_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Space:
    """The vectors that one index holds: those of one model version in one epoch, the time between two restores."""

    name: str
    version: str
    epoch: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries of the change log up to `sequence`: vectors added or replaced, and ids of those that were removed.

    `nonce` is the random value of the log's entry at `sequence`: another log of the same length has another.
    """

    sequence: int
    ids: VectorIds
    vectors: StoredVectors
    removed: VectorIds
    nonce: str = ""


class VectorIndex(ABC):
    """The vectors of one space. Many threads may search while one at a time applies changes.

    `sequence` is the position in the change log up to which the index is current.
    """

    space: Space
    # Whether the snapshot is on a server: shared by all machines, maybe larger than memory, advanced by `compact`.
    shared = False

    @property
    @abstractmethod
    def sequence(self) -> int:
        """The last change that the index holds; 0 for none."""

    @property
    @abstractmethod
    def nonce(self) -> str:
        """The nonce of the last change that the index holds, as given to `apply` or `build`."""

    @property
    @abstractmethod
    def snapshot_sequence(self) -> int:
        """The last change that the newest snapshot in use holds; 0 where there is none."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many vectors can be found."""

    @abstractmethod
    def apply(self, changes: Changes) -> None:
        """Upsert and remove vectors. Idempotent: the same changes, or older ones before newer, may be applied again."""

    @abstractmethod
    def replace_all(self, changes: Changes) -> None:
        """Replace all vectors by these, with or without a snapshot. A running search sees the old ones or the new."""

    @abstractmethod
    def search(
        self, query: Vectors, *, limit: int, allowed_ids: VectorIds | None = None, allowed: Allowed | None = None
    ) -> list[Hit]:
        """Return the nearest vectors, nearest first, ties by id; fewer than `limit` if there are no more.

        `query` has shape (dimensions,). `allowed_ids` restricts the search to those vectors and makes it exact.
        `allowed` restricts it to any number of vectors, with the recall of a search without; a shared index lacks it.
        """

    @abstractmethod
    def rows(self) -> Rows:
        """Return all ids, ascending, and their vectors. A copy: for checks, not for serving."""

    @abstractmethod
    def reopen(self, *, head: Callable[[], int]) -> bool:
        """Open the newest valid snapshot of the space, if it is newer than the open one. `head` reads the log's head.

        Returns whether one was opened; `sequence` is then the snapshot's, and the changes since must be applied.
        Snapshots that are damaged, of another epoch or ahead of the log are quarantined, and `damaged` is set.
        """

    def look(self) -> bool:
        """Find the newest shared snapshot, for `reopen` to open it soon without a request. Returns whether it is newer.

        Meanwhile the index can be searched and changed. Raises SearchUnavailableError.
        """
        return False

    @property
    @abstractmethod
    def damaged(self) -> bool:
        """Whether a snapshot failed its checks since this was last read. Reading resets it."""

    @abstractmethod
    def build(self, rows: Iterable[Rows], *, sequence: int, nonce: str = "", anew: bool = False) -> None:
        """Write a new snapshot of rows with ascending ids, current up to `sequence` and `nonce`. It is not opened.

        What can be taken over from the open snapshot is, unless `anew`.
        """

    def compact(self, changes: Iterable[Changes], *, sequence: int, nonce: str) -> None:
        """Merge all changes from `snapshot_sequence` to `sequence` into the shared snapshot. It is not opened.

        Concurrent calls, with the same or older changes, are safe: every reader sees the snapshot of one of them.
        """
        raise NotImplementedError("This index has no shared snapshot: build another.")

    @abstractmethod
    def prune(self) -> int:
        """Remove old snapshots. Returns the sequence up to which no process needs the change log."""


def nearest(ids: VectorIds, similarities: NDArray[np.float32], limit: int) -> list[Hit]:
    """Return the `limit` most similar as hits, nearest first, ties by id. `ids` and `similarities` have shape (n,)."""
    if len(ids) > limit:
        # All that equal the limit-th are kept, so that ties are broken by id and not by row.
        edge = np.partition(similarities, len(similarities) - limit)[len(similarities) - limit]
        candidates = similarities >= edge
        ids, similarities = ids[candidates], similarities[candidates]
    order = np.lexsort((ids, -similarities))[:limit]
    return [Hit(int(ids[row]), float(similarities[row])) for row in order]
