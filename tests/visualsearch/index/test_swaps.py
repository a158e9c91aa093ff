"""Many snapshots, one after the other, under four processes that read."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest

from lab.harness.trial_shop import patience_s
from tests.visualsearch.index.vectors import SPACE, made
from visualsearch.index.faiss import FaissIndex

COUNT = 24
READERS = 4
# A reader looks for a newer snapshot as often, between searches.
PAUSE_S = 0.02


def keep_reading(folder: Path, done: Event, pipe: Connection) -> None:
    """Check that each answer is that of one state that there was, and that states only move on."""
    index = FaissIndex(SPACE, folder=folder)
    seen = damaged = 0
    last = False
    while not last:
        last = done.is_set()
        before = index.sequence
        index.reopen(head=lambda: 10**9)
        damaged += index.damaged
        if index.sequence != before:
            assert index.sequence > before
            seen += 1
            vectors = made(COUNT, seed=index.sequence)
            assert index.rows()[1].tobytes() == vectors.tobytes()
            assert [hit.vector_id for hit in index.search(vectors[7].astype(np.float32), limit=1)] == [8]
        time.sleep(PAUSE_S)
    pipe.send((index.sequence, seen, damaged))


@pytest.mark.parametrize("swaps", [100, 1000])
def test_readers_never_see_half_a_snapshot_while_others_take_its_place(tmp_path: Path, swaps: int) -> None:
    context = multiprocessing.get_context("spawn")
    done = context.Event()
    pipes, readers = [], []
    for _ in range(READERS):
        here, there = context.Pipe()
        readers.append(context.Process(target=keep_reading, args=(tmp_path, done, there)))
        pipes.append(here)
    for reader in readers:
        reader.start()
    ids = np.arange(1, COUNT + 1, dtype=np.int64)
    flat, divided = (FaissIndex(SPACE, folder=tmp_path, exact_up_to=most) for most in (COUNT, COUNT - 1))

    for sequence in range(1, swaps + 1):
        # One of twenty is of the other type, which takes longer to make.
        index = flat if sequence % 20 else divided
        index.build([(ids, made(COUNT, seed=sequence))], sequence=sequence)
        index.prune()
    done.set()
    for reader in readers:
        reader.join(patience_s(60))

    assert [reader.exitcode for reader in readers] == [0] * READERS
    told = [pipe.recv() for pipe in pipes]
    assert [(sequence, damaged) for sequence, _, damaged in told] == [(swaps, 0)] * READERS
    assert min(seen for _, seen, _ in told) > swaps // 100
