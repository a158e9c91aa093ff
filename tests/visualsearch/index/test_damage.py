"""Corrupted snapshots: files truncated and bits flipped at a hundred positions; the older snapshot serves each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, made
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import IDS, INDEX, MANIFEST, VECTORS

COUNT = 200
PLACES = 25


def cut_short(content: bytes, place: float, bit: int) -> bytes:
    return content[: int(place * len(content))]


def turned_over(content: bytes, place: float, bit: int) -> bytes:
    damaged = bytearray(content)
    damaged[int(place * len(content))] ^= 1 << bit
    return bytes(damaged)


def lengthened(content: bytes, place: float, bit: int) -> bytes:
    return content + content[: 1 + int(place * len(content))]


@pytest.mark.parametrize("exact_up_to", [COUNT, 10], ids=["flat", "lists"])
@pytest.mark.parametrize("name", [IDS, VECTORS, INDEX, MANIFEST])
def test_damage_anywhere_in_a_snapshot_is_noticed_and_the_older_one_serves(
    tmp_path: Path, name: str, exact_up_to: int
) -> None:
    """Real files, in places and ways drawn anew for each file, the same ones each time."""
    rng = np.random.default_rng(sum(name.encode()))
    older, newer = made(COUNT), made(COUNT, seed=1)
    writer = FaissIndex(SPACE, folder=tmp_path, exact_up_to=exact_up_to)
    for sequence, vectors in ((1, older), (2, newer)):
        writer.build([(np.arange(COUNT, dtype=np.int64), vectors)], sequence=sequence)
    newest = writer._snapshots.newest_first()[0]
    content = (newest / name).read_bytes()
    ways: list[Callable[[bytes, float, int], bytes]] = [cut_short, turned_over, turned_over, turned_over, lengthened]

    for number in range(PLACES):
        (newest / name).write_bytes(ways[number % len(ways)](content, float(rng.random()), int(rng.integers(8))))
        index = FaissIndex(SPACE, folder=tmp_path)

        assert index.reopen(head=lambda: 2)
        assert (index.sequence, index.damaged) == (1, True)
        assert index.rows()[1].tobytes() == older.tobytes()
        assert index.search(older[7].astype(np.float32), limit=1)[0].vector_id == 7
        (aside,) = tmp_path.glob("*/.aside-*")
        aside.rename(newest)

    (newest / name).write_bytes(content)
    index = FaissIndex(SPACE, folder=tmp_path)
    assert index.reopen(head=lambda: 2)
    assert (index.sequence, index.damaged) == (2, False)


def test_a_manifest_that_can_be_read_but_is_not_the_one_written_is_not_believed(tmp_path: Path) -> None:
    FaissIndex(SPACE, folder=tmp_path).build([(np.arange(COUNT, dtype=np.int64), made(COUNT))], sequence=1)
    (manifest,) = tmp_path.glob(f"*/*/{MANIFEST}")
    text = manifest.read_text()
    manifest.write_text(text.replace('"recall": 1.0', '"recall": 9.0'))
    index = FaissIndex(SPACE, folder=tmp_path)

    assert manifest.read_text() != text
    assert index.reopen(head=lambda: 1) is False
    assert index.damaged is True
