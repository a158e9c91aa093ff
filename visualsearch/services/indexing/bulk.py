"""Embedding a whole catalogue on all cores.

One process hands out the ids of what waits, a few dozen at a time, and others embed and write them as a worker does.
What was handed out is remembered nowhere: whatever is stopped or killed, the next run goes on from the rows.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice

from visualsearch.services import versions
from visualsearch.services.indexing import embedding
from visualsearch.services.indexing.embedding_process import begin

# Written in one transaction: its cost is then 1 % of the embedding's.
PHOTOS_AT_ONCE = 32
# Listing what waits takes half a second where 100,000 photos are, however few are asked for.
LISTED_AT_ONCE = 4_096


def count_waiting() -> int:
    """Return how many vectors are missing, over all versions that are fed."""
    return sum(version.waiting().count() for version in versions.fed_versions())


def embed_all(*, processes: int) -> Generator[int]:
    """Embed all that waits, and what comes to wait meanwhile, oldest first; yield how many each few dozen settled.

    Oldest first, since workers take the newest. Closing the iterator waits for what is under way, seconds. Raises
    BrokenProcessPool if a process was killed, SearchUnavailableError if there is no network to embed with.
    """
    # Spawned: a forked child hangs whose parent used FAISS or LiteRT.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=begin, initargs=(context.Lock(),))
    try:
        # Whoever changed a photo's row meanwhile had it passed over.
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
