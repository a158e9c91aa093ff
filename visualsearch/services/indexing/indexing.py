"""Refreshing this process's index: change log, snapshots, compaction, and comparison of the index with the rows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db.models import F

from catalogue import jobs
from visualsearch import backends
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import Changes, Rows, Space, StoredVectors, VectorIds, VectorIndex
from visualsearch.models import LogEntry, ModelVersion, PhotoEmbedding, new_epoch, new_nonce
from visualsearch.services.indexing import publishing

logger = logging.getLogger(__name__)

# Vectors fetched at once: 10,000 of 384 numbers are 8 MB. SQLite takes 250,000 values in one query at the most.
ROWS_AT_ONCE = 10_000
# Seconds after which a process checks again whether there is a newer snapshot.
SNAPSHOT_CHECK_INTERVAL_S = 10.0
# A shared snapshot is looked for beside the searches if that was done so recently, else at once: it may be gone.
LOOKED_BESIDE_S = 300.0
# The most vectors that a process takes into its own memory where the index is shared, which may be larger than memory.
MOST_IN_MEMORY = 200_000

_locks: dict[int, threading.Lock] = {}
_refreshed: dict[int, tuple[VectorIndex, float]] = {}
_snapshot_checked: dict[int, float] = {}
# Versions of which a newer shared snapshot was found, or whose server did not answer.
_snapshot_found: set[int] = set()


def space_of(version: ModelVersion) -> Space:
    return Space(version.name, version.version, version.epoch, version.dimensions)


def fresh_index(version: ModelVersion) -> VectorIndex:
    """Return the index of a version, at most settings.INDEX_REFRESH_S old. `version` must have been read just now.

    If its row is no older and names the change that the index holds, the log's head is not read again. While one thread
    refreshes the index, others get the present state at once; they wait only for the first one.
    """
    index = backends.get_index(space_of(version))
    refreshed = _refreshed.get(version.pk)
    if refreshed and refreshed[0] is index:
        known_at = refreshed[1]
        holds_all = (index.sequence, index.nonce) == (version.head, version.head_nonce)
        if version.read_at is not None and holds_all and not _snapshot_is_due(version):
            known_at = max(known_at, version.read_at)
        if time.monotonic() - known_at < settings.INDEX_REFRESH_S:
            _refreshed[version.pk] = (index, known_at)
            return index
    lock = _locks.setdefault(version.pk, threading.Lock())
    opened = refreshed is not None and refreshed[0] is index
    if lock.acquire(blocking=not opened):
        try:
            refresh(index, version)
            _refreshed[version.pk] = (index, time.monotonic())
        finally:
            lock.release()
    return index


def refresh(index: VectorIndex, version: ModelVersion) -> None:
    """Apply the version's change log to an index, up to its head.

    If the nonce at the index's sequence is not the log's, the database was restored from a backup: the index is reset.
    """
    if index.sequence == 0 or _snapshot_is_due(version):
        if _can_look_beside(index, version):
            _snapshot_checked[version.pk] = time.monotonic()
            publishing.look_beside(index, then=lambda: _open_found(version))
        else:
            _reopen(index, version)
    head, nonce = end_of_log(version)
    if (index.sequence, index.nonce) == (head, nonce):
        return
    known = nonce_at(version, index.sequence)
    if index.sequence > head or known not in {None, index.nonce}:
        logger.warning("%s: the database was restored; all rows are read, and no snapshot from before is used", version)
        renew_epoch(version)
        _read_all_rows(index, version)
        return
    photo_ids = None if known is None else changed_photos(version, since=index.sequence, until=head)
    if photo_ids is None:
        if _reopen(index, version):
            refresh(index, version)
        else:
            logger.warning("%s: the change log does not reach back to %d; reading all rows", version, index.sequence)
            _read_all_rows(index, version)
        return
    for changes in changes_of(version, photo_ids, since=(index.sequence, index.nonce), until=(head, nonce)):
        index.apply(changes)


def _snapshot_is_due(version: ModelVersion) -> bool:
    """Whether this process has not looked for a newer snapshot for a while."""
    checked_at = _snapshot_checked.get(version.pk, -SNAPSHOT_CHECK_INTERVAL_S)
    return time.monotonic() - checked_at > SNAPSHOT_CHECK_INTERVAL_S


def _can_look_beside(index: VectorIndex, version: ModelVersion) -> bool:
    """Whether searches go on with the open snapshot while a server is asked, which takes up to a second."""
    recent = time.monotonic() - _snapshot_checked.get(version.pk, -LOOKED_BESIDE_S) < LOOKED_BESIDE_S
    return index.shared and index.sequence > 0 and recent and version.pk not in _snapshot_found


def _read_all_rows(index: VectorIndex, version: ModelVersion) -> None:
    """Load all rows into memory, where the log does not reach back to the index's sequence.

    Raises SearchUnavailableError if they are more than MOST_IN_MEMORY and the index is shared.
    """
    ModelVersion.objects.filter(pk=version.pk).update(rebuild_wanted=True)
    if index.shared and version.embeddings.count() * version.vectors_a_photo > MOST_IN_MEMORY:
        raise SearchUnavailableError("search.no_index", version=str(version))
    head, nonce = end_of_log(version)
    chunks = list(all_rows(version))
    ids = np.concatenate([no_ids(), *(chunk[0] for chunk in chunks)])
    vectors = np.concatenate([no_vectors(version), *(chunk[1] for chunk in chunks)])
    index.replace_all(Changes(head, ids, vectors, no_ids(), nonce))


def _reopen(index: VectorIndex, version: ModelVersion) -> bool:
    if index.sequence == 0 < version.head:
        # Nothing can be searched before it is here.
        publishing.fetch(space_of(version))
    elif _snapshot_is_due(version):
        publishing.fetch_beside(space_of(version), then=lambda: _open_soon(version))
    _snapshot_found.discard(version.pk)
    opened = index.reopen(head=lambda: head_of(version))
    _snapshot_checked[version.pk] = time.monotonic()
    if index.damaged:
        ModelVersion.objects.filter(pk=version.pk).update(rebuild_wanted=True)
    return opened


def _open_soon(version: ModelVersion) -> None:
    """Have the next search look for a newer snapshot."""
    _snapshot_checked.pop(version.pk, None)


def _open_found(version: ModelVersion) -> None:
    """Have the next search open the snapshot that was found, or find out that the server does not answer."""
    _snapshot_found.add(version.pk)
    _open_soon(version)


def head_of(version: ModelVersion) -> int:
    return end_of_log(version)[0]


def end_of_log(version: ModelVersion) -> tuple[int, str]:
    """Return the sequence and the nonce of the last entry."""
    return ModelVersion.objects.values_list("head", "head_nonce").get(pk=version.pk)


def nonce_at(version: ModelVersion, sequence: int) -> str | None:
    """Return the nonce of the log's entry at a sequence, "" at 0, before the first; None if there is no such entry."""
    if sequence == 0:
        return ""
    return version.log.filter(sequence=sequence).values_list("nonce", flat=True).first()


def changed_photos(version: ModelVersion, *, since: int, until: int) -> VectorIds | None:
    """Return the photos in the log's entries after `since`, up to `until`; None if entries are missing there."""
    entries = LogEntry.objects.filter(model_version=version, sequence__gt=since, sequence__lte=until)
    photo_ids = list(entries.values_list("photo_id", flat=True))
    if len(photo_ids) != until - since:
        return None
    return np.unique(np.array(photo_ids, np.int64))


def rows_of(version: ModelVersion, photo_ids: VectorIds) -> Rows:
    """Return the present vectors of those of the photos that have some, with the ids of the vectors, ascending."""
    rows = PhotoEmbedding.objects.filter(model_version=version, photo_id__in=photo_ids.tolist()).order_by("photo_id")
    return as_arrays(version, rows.values_list("photo_id", "vector"))


def all_rows(version: ModelVersion) -> Iterator[Rows]:
    """Yield every row of a version in chunks, ids ascending.

    Rows written meanwhile may be included or not: the log, read from the head as it was before, contains them.
    """
    last = 0
    while True:
        rows = PhotoEmbedding.objects.filter(model_version=version, photo_id__gt=last).order_by("photo_id")
        pairs = list(rows.values_list("photo_id", "vector")[: photos_at_once(version)])
        if not pairs:
            return
        yield as_arrays(version, pairs)
        last = pairs[-1][0]


def photos_at_once(version: ModelVersion) -> int:
    """Return of how many photos ROWS_AT_ONCE vectors are, if each has as many as it may."""
    return max(ROWS_AT_ONCE // version.vectors_a_photo, 1)


def as_arrays(version: ModelVersion, rows: Iterable[tuple[int, bytes | memoryview]]) -> Rows:
    """Return the vectors of photos (id, stored bytes) and their ids: those of a photo follow each other.

    Raises ValueError for a row that has no whole number of vectors, or more than a photo of the version may have.
    """
    pairs = list(rows)
    bytes_a_vector = 2 * version.dimensions
    for photo_id, stored in pairs:
        count, rest = divmod(len(stored), bytes_a_vector)
        if rest or not 1 <= count <= version.vectors_a_photo:
            raise ValueError(f"{version}: photo {photo_id} has {len(stored)} bytes of vectors")
    counts = [len(vectors) // bytes_a_vector for _, vectors in pairs]
    photo_ids = np.repeat(np.array([photo_id for photo_id, _ in pairs], np.int64), counts)
    places = np.concatenate([no_ids(), *(np.arange(count) for count in counts)])
    vectors = np.frombuffer(b"".join(bytes(vectors) for _, vectors in pairs), "<f2")
    return photo_ids * version.vectors_a_photo + places, vectors.reshape(-1, version.dimensions)


def vector_ids_of(version: ModelVersion, photo_ids: VectorIds) -> VectorIds:
    """Return the ids of all vectors that the photos may have, ascending as the photos are: photo id × most + place."""
    most = version.vectors_a_photo
    return np.asarray((photo_ids[:, np.newaxis] * most + np.arange(most)).reshape(-1), np.int64)


def photo_ids_of(version: ModelVersion, vector_ids: VectorIds) -> list[int]:
    """Return the photos that the vectors are of, each once, ascending."""
    photo_ids: list[int] = np.unique(vector_ids // version.vectors_a_photo).tolist()
    return photo_ids


def no_ids() -> VectorIds:
    return np.empty(0, np.int64)


def no_vectors(version: ModelVersion) -> StoredVectors:
    return np.empty((0, version.dimensions), np.float16)


def log_changes(version: ModelVersion, photo_ids: Iterable[int]) -> None:
    """Append an entry per photo to a version's change log. Call it inside the transaction that changes the vectors.

    The lock on the version's row is held until the commit, so entries commit in the order of their sequence. (An
    auto-increment id is assigned before the commit: a reader of entries after N would miss one that commits late.)
    Inserts that only refer to the version's row, such as a failure, do not wait for the lock (FOR NO KEY UPDATE).
    """
    head = ModelVersion.objects.select_for_update(no_key=True).values_list("head", flat=True).get(pk=version.pk)
    nonce = new_nonce()
    entries = [
        LogEntry(model_version=version, sequence=head + offset, nonce=nonce, photo_id=photo_id)
        for offset, photo_id in enumerate(photo_ids, start=1)
    ]
    if entries:
        LogEntry.objects.bulk_create(entries)
        ModelVersion.objects.filter(pk=version.pk).update(head=F("head") + len(entries), head_nonce=nonce)


def build_snapshot(version: ModelVersion, *, anew: bool = False) -> None:
    """Write a new snapshot of all rows while the old one serves, then prune old snapshots and log entries.

    A shared snapshot is compacted instead, unless `anew` asks for a rebuild or the log does not reach back to it.
    """
    # Read before the rows: later changes are in the log after it, and are applied on top of the snapshot.
    head, nonce = end_of_log(version)
    rebuild = ModelVersion.objects.filter(pk=version.pk, rebuild_wanted=True).exists()
    index = backends.get_index(space_of(version))
    if not (anew or rebuild) and publishing.fetch(space_of(version)):
        # Another machine has built one since.
        _open_soon(version)
        if not needs_compaction(version):
            return
    if anew or rebuild or not compact_changes(index, version):
        index.build(all_rows(version), sequence=head, nonce=nonce, anew=anew or rebuild)
    if rebuild:
        ModelVersion.objects.filter(pk=version.pk).update(rebuild_wanted=False)
    pruned_until = index.prune()
    try:
        pruned_until = publishing.publish(space_of(version), kept_from=pruned_until)
    except OSError as error:
        # Other machines need the log back to the snapshot that they have.
        logger.error("%s: the snapshot cannot be published, and no entry of the log is removed: %s", version, error)
        pruned_until = 0
    # The entry at the older snapshot's sequence stays: its nonce shows that the snapshot belongs to this log.
    jobs.delete_in_pieces(LogEntry.objects.filter(model_version=version, sequence__lt=pruned_until))
    _open_soon(version)
    logger.info("%s: snapshot at %d built, log kept from %d", version, head, pruned_until)


def compact_changes(index: VectorIndex, version: ModelVersion) -> bool:
    """Compact the log's changes since its snapshot into a shared index. Returns whether that was possible."""
    if not index.shared:
        return False
    refresh(index, version)
    since = index.snapshot_sequence
    head, nonce = end_of_log(version)
    photo_ids = changed_photos(version, since=since, until=head) if since else None
    if photo_ids is None:
        return False
    changes = changes_of(version, photo_ids, since=(since, ""), until=(head, nonce))
    index.compact(changes, sequence=head, nonce=nonce)
    return True


def changes_of(
    version: ModelVersion, photo_ids: VectorIds, *, since: tuple[int, str], until: tuple[int, str]
) -> Iterator[Changes]:
    """Yield in chunks the changes of photos between two log positions, each a sequence and its nonce."""
    at_once = photos_at_once(version)
    for start in range(0, len(photo_ids), at_once):
        chunk = photo_ids[start : start + at_once]
        ids, vectors = rows_of(version, chunk)
        # The sequence advances with the last chunk only, so that an interrupted run is repeated from the start.
        sequence, nonce = until if start + at_once >= len(photo_ids) else since
        yield Changes(sequence, ids, vectors, np.setdiff1d(vector_ids_of(version, chunk), ids), nonce)


def needs_compaction(version: ModelVersion) -> bool:
    """Whether the tail has reached the configured length, or a rebuild was requested."""
    if version.rebuild_wanted:
        return True
    index = fresh_index(version)
    changes = index.sequence - index.snapshot_sequence
    # Compaction of a shared snapshot writes the changes alone: its cost does not depend on the snapshot's size.
    share = 0.0 if index.shared else float(settings.INDEX_COMPACT_SHARE) * len(index)
    return changes >= max(int(settings.INDEX_COMPACT_CHANGES), share)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The number of vectors, and the differences between index and rows, as photo ids; all empty if they are equal."""

    rows: int
    missing: list[int]
    left_over: list[int]
    different: list[int]

    @property
    def equal(self) -> bool:
        return not (self.missing or self.left_over or self.different)


def compare(version: ModelVersion) -> Comparison:
    """Compare ids and vectors of the index with the rows, byte for byte, at one position of the change log."""
    index = backends.get_index(space_of(version))
    while True:
        refresh(index, version)
        chunks = list(all_rows(version))
        if head_of(version) == index.sequence:
            break
    ids = np.concatenate([no_ids(), *(chunk[0] for chunk in chunks)])
    vectors = np.concatenate([no_vectors(version), *(chunk[1] for chunk in chunks)])
    index_ids, index_vectors = index.rows()
    both, in_rows, in_index = np.intersect1d(ids, index_ids, assume_unique=True, return_indices=True)
    same = (vectors[in_rows].view(np.uint16) == index_vectors[in_index].view(np.uint16)).all(axis=1)
    return Comparison(
        rows=len(ids),
        missing=photo_ids_of(version, np.setdiff1d(ids, index_ids)),
        left_over=photo_ids_of(version, np.setdiff1d(index_ids, ids)),
        different=photo_ids_of(version, both[~same]),
    )


def renew_epoch(version: ModelVersion) -> None:
    """Begin a new epoch, as after restoring the database: no earlier snapshot is used again.

    If several processes do so at once, the first wins (compare and set).
    """
    same_epoch = ModelVersion.objects.filter(pk=version.pk, epoch=version.epoch)
    same_epoch.update(epoch=new_epoch(), rebuild_wanted=True)
