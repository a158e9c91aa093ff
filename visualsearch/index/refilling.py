"""Makes the inverted lists of a new snapshot from those of the one before: copied, but for what changed.

Training the centroids and assigning every vector to its list is nearly all that a build takes, and hardly a vector
changes from one compaction to the next. The centroids stay right as long as the vectors are distributed as those they
were trained on (Baranchuk et al., DeDrift, 2023): `builder` measures the recall and trains anew once it falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import StoredVectors, VectorIds
from visualsearch.index.checksums import compare
from visualsearch.index.searcher import RowOffsets, view_of
from visualsearch.index.snapshot import BuildResult

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Former:
    """A snapshot before, of whose `file` lists are copied: its ascending ids, and their vectors.

    `sha256` are the checksums of its manifest.
    """

    file: Path
    sha256: Mapping[str, str]
    made: BuildResult
    ids: VectorIds
    vectors: StoredVectors


def write_refilled(file: Path, ids: VectorIds, vectors: StoredVectors, former: Former) -> None:
    """Write an index of the vectors (n, dimensions) of ascending ids, with the former one's centroids and codes.

    Memory: the codes, a byte a number. Raises SnapshotError if the former file is gone or damaged: what is copied once
    would be copied again and again.
    """
    try:
        compare(former.file.parent, [former.file.name], former.sha256)
    except (OSError, ValueError, KeyError) as error:
        raise SnapshotError("snapshot.not_read", name=former.file.parent.name, error=str(error)) from error
    index = faiss.read_index(str(former.file))
    row_of, new = moved_rows(ids, vectors, former)
    keep_moved(index, row_of)
    for start in range(0, len(new), ROWS_AT_ONCE):
        rows = new[start : start + ROWS_AT_ONCE]
        index.add_with_ids(vectors[rows].astype(np.float32), rows)
    faiss.write_index(index, str(file))


def moved_rows(ids: VectorIds, vectors: StoredVectors, former: Former) -> tuple[RowOffsets, RowOffsets]:
    """Return for each former row the row at which the same vector is now, −1 if none, and the rows that are new."""
    row_of = np.full(len(former.ids), -1, np.int64)
    new = []
    for start in range(0, len(ids), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(ids)))
        before = np.minimum(np.searchsorted(former.ids, ids[rows]), max(len(former.ids) - 1, 0))
        same = np.zeros(len(rows), bool)
        if len(former.ids):
            same = former.ids[before] == ids[rows]
            # Compared as bytes: of numbers, −0 would equal 0.
            now, then = (np.ascontiguousarray(some).view(np.uint16) for some in (vectors[rows], former.vectors[before]))
            same &= (now == then).all(axis=1)
        row_of[before[same]] = rows[same]
        new.append(rows[~same])
    return row_of, np.concatenate([np.empty(0, np.int64), *new])


def keep_moved(index: Any, row_of: RowOffsets) -> None:
    """Give the entries of an index of inverted lists the rows at which they are now; those at −1 go."""
    lists, kept = index.invlists, 0
    for number in range(index.nlist):
        size = lists.list_size(number)
        if not size:
            continue
        entries = row_of[view_of(lists.get_ids(number), size)]
        stays = entries >= 0
        left = int(stays.sum())
        codes = view_of(lists.get_codes(number), size * index.code_size).reshape(size, -1)
        moved_codes, moved = np.ascontiguousarray(codes[stays]), np.ascontiguousarray(entries[stays])
        if left:
            lists.update_entries(number, 0, left, faiss.swig_ptr(moved), faiss.swig_ptr(moved_codes))
        lists.resize(number, left)
        kept += left
    index.ntotal = kept
