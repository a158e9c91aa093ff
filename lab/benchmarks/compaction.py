"""`benchmark compaction`: what a snapshot costs that takes over lists of the one before, and one that is built anew."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from django.conf import settings

from lab.harness.synthetic_vectors import real_vectors, synthetic_vectors
from visualsearch.index.base import Rows, Space
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import SnapshotFolder, read_manifest
from visualsearch.inference.artefact import open_model

HELP = "The processor time of a compaction, beside that of a snapshot built anew, and the recall of each."
SEED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="+", default=[200_000], help="how many vectors (200,000)")
    parser.add_argument("--changes", type=int, default=4_000, help="how many change: half of them are new (4,000)")
    parser.add_argument("--photos", type=Path, help="folder of photos that vectors come from; drawn ones without")


def run(options: dict[str, Any], out: TextIO) -> None:
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"])
    real = real_vectors(model, options["photos"])
    out.write(
        f"{real.shape[1]} numbers a vector; of {options['changes']:,} changes half are new, the others replaced or gone"
    )
    out.write(f"{'vectors':>10}  {'anew':>8}  {'compacted':>9}  {'ratio':>6}  {'recall@10 of both':>18}")
    for size in options["sizes"]:
        changes: int = min(options["changes"], size)
        vectors = np.concatenate(list(synthetic_vectors(real, size + changes, seed=SEED)))
        before = np.arange(size, dtype=np.int64), vectors[:size]
        after = changed(before, vectors[size:], changes)
        with tempfile.TemporaryDirectory(prefix="vitrine-benchmark-") as folder:
            anew_s, anew = measured(Path(folder) / "anew", after)
            measured(Path(folder) / "compacted", before)
            compacted_s, compacted = measured(Path(folder) / "compacted", after)
        out.write(
            f"{size:>10,}  {anew_s:>6.1f} s  {compacted_s:>7.2f} s  {anew_s / compacted_s:>5.1f}×"
            f"  {anew:>8.3f} {compacted:>9.3f}"
        )


def changed(rows: Rows, others: Any, changes: int) -> Rows:
    """Return the rows without some, with some replaced and some new, both from `others` (changes, dimensions)."""
    ids, vectors = rows
    chosen = np.random.default_rng(SEED).permutation(len(ids))[: changes // 2]
    replaced, gone = np.split(chosen, 2)
    vectors = vectors.copy()
    vectors[replaced] = others[: len(replaced)]
    added = others[len(replaced) : len(replaced) + changes // 2]
    return (
        np.concatenate([np.delete(ids, gone), len(ids) + np.arange(len(added))]),
        np.concatenate([np.delete(vectors, gone, axis=0), added]),
    )


def measured(folder: Path, rows: Rows) -> tuple[float, float]:
    """Return the processor time of a snapshot that is built on what is in the folder, in seconds, and its recall@10."""
    space = Space("made", "1", "benchmark", rows[1].shape[1])
    index, snapshots = FaissIndex(space, folder=folder), SnapshotFolder(folder, space)
    index.reopen(head=lambda: 1)
    began = time.process_time()
    index.build([rows], sequence=1)
    took = time.process_time() - began
    return took, read_manifest(snapshots.newest_first()[0]).recall
