"""Bulk embedding of a whole catalogue in a pool of processes, one per core.

The parent hands out ids of pending photos in chunks; the pool's processes embed and write them as a worker does. What
was handed out is not stored: after a stop or a kill the next run goes on from the rows.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice

from visualsearch.services import versions
from visualsearch.services.indexing import embedding
from visualsearch.services.indexing.embedding_process import begin

# Photos of one chunk, written in one transaction: the transaction then costs 1 % of the embedding.
PHOTOS_AT_ONCE = 32
# Listing pending photos takes half a second where there are 100,000 photos, however few are requested.
LISTED_AT_ONCE = 4_096


def count_waiting() -> int:
    """Return how many vectors are missing, over all active versions."""
    return sum(version.waiting().count() for version in versions.fed_versions())


def embed_all(*, processes: int) -> Generator[int]:
    """Embed all pending photos, also those added meanwhile, oldest first; yield the number done of each chunk.

    Oldest first, since workers take the newest. Closing the iterator waits some seconds for running chunks. Raises
    BrokenProcessPool if a process was killed, SearchUnavailableError if there is no network to embed with.
    """
    # Spawned, since a child forked from a process that used FAISS or LiteRT hangs.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=begin)
    try:
        # Photos whose row was locked are skipped, so passes are repeated until one does nothing.
        settled = 1
        while settled:
            settled = 0
            for count in _pass(pool, ahead=2 * processes):
                settled += count
                yield count
    finally:
        pool.shutdown(cancel_futures=True)


def _pass(pool: ProcessPoolExecutor, *, ahead: int) -> Iterator[int]:
    chunks = _chunks()
    pending: set[Future[int]] = set()
    while True:
        pending |= {pool.submit(embedding.embed_photos, chunk) for chunk in islice(chunks, ahead - len(pending))}
        if not pending:
            return
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def _chunks() -> Iterator[list[int]]:
    last = 0
    while listed := embedding.waiting_after(last, limit=LISTED_AT_ONCE):
        last = listed[-1]
        for start in range(0, len(listed), PHOTOS_AT_ONCE):
            yield listed[start : start + PHOTOS_AT_ONCE]
