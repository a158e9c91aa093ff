"""Builds the FAISS index of a snapshot: the index type by size, and the nprobe settings by measured recall.

A small snapshot gets a flat index, which is exact. A larger one gets inverted lists around k-means centroids (IVF), of
which a search scans the `nprobe` nearest to the query. Each build measures the nprobe that reaches the target recall
against brute force, with queries that are not stored vectors. If recall stays too low, a flat index is built instead.

From an IVF index of about that size its centroids, codes and nprobe settings are taken over (`refilling`), as long as
recall is what it was.
"""

from __future__ import annotations

import logging
import math
from itertools import takewhile
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import StoredVectors, VectorIds
from visualsearch.index.refilling import Former, write_refilled
from visualsearch.index.searcher import FaissSearcher, similarities_at
from visualsearch.index.snapshot import BuildResult, NprobeSetting
from visualsearch.vectors import Vectors, normalise, to_float32

logger = logging.getLogger(__name__)

# Half-precision codes: the stored vectors themselves, so quantisation loses nothing.
FLAT = "SQfp16"
# Scalar quantisation to eight bits: half as many bytes to scan. Six and four bits are slower to decode, and product
# quantisation with fast scan cannot be memory-mapped (docs/vector-index.md).
DIVIDED = "IVF{lists},SQ8"
# Up to this many vectors a flat search takes less than the rest of a request: 4 ms.
EXACT_UP_TO = 50_000
# About 4·√n lists, as a power of two. More than MOST_LISTS take longer to train than they save in searches.
LISTS_A_ROOT, MOST_LISTS = 4, 4096
# Training of k-means: vectors a list, and iterations.
SAMPLE_A_LIST, ROUNDS = 32, 8
ROWS_AT_ONCE = 10_000
# Recall is measured at these depths. WANTED is the target at each; an index below LEAST at the first is not served.
DEPTHS = (10, 100, 1000)
WANTED, LEAST = 0.99, 0.95
# Centroids of before are trained anew once recall is this much below WANTED: more than the queries' chance.
FALLEN = 0.01
# Calibration queries: half of them choose nprobe, the other half measure the recall that results.
CALIBRATION_QUERIES = 200
# A calibration query is a stored vector plus this share of the difference of two others: its cosine to the vector is
# 0.7, as a shopper's photo has to the article's.
MOVED = 0.7
# Rows compared at once by brute force, and the tolerance for two float32 sums of the same products.
CHUNK = 50_000
ROUNDING = 1e-5


def make_index(
    file: Path,
    vectors: StoredVectors,
    *,
    exact_up_to: int = EXACT_UP_TO,
    ids: VectorIds | None = None,
    former: Former | None = None,
) -> BuildResult:
    """Write the FAISS index of the vectors (n, dimensions) to a file.

    With their `ids`, lists of a `former` one are copied if they serve. Memory: the codes, one or two bytes a number,
    and the training sample, up to 200 MB. Raises SnapshotError if a vector does not find itself or recall stays below
    LEAST.
    """
    faiss.omp_set_num_threads(1)
    factories = [FLAT] if len(vectors) <= exact_up_to else [DIVIDED.format(lists=lists_of(len(vectors))), FLAT]
    if former is not None and ids is not None and former.made.factory == factories[0] != FLAT:
        with_former = refilled(file, ids, vectors, former)
        if with_former is not None:
            return with_former
    for factory in factories:
        write_index(file, vectors, factory)
        made = measured(FaissSearcher.open(file, vectors, ()), factory)
        if made.recall >= LEAST:
            return made
        logger.warning("%s finds %.3f of the nearest ten; a denser index is made", factory, made.recall)
    raise SnapshotError("snapshot.low_recall", recall=round(made.recall, 3))


def refilled(file: Path, ids: VectorIds, vectors: StoredVectors, former: Former) -> BuildResult | None:
    """Write an index with the centroids of a former one; None if that is damaged, or recall has fallen."""
    try:
        write_refilled(file, ids, vectors, former)
        searcher = FaissSearcher.open(file, vectors, former.made.probes)
        prove_found(searcher)
    except SnapshotError as error:
        logger.warning("the lists of before cannot be copied, new ones are made: %s", error)
        return None
    depth = former.made.probes[0].depth
    queries = calibration_queries(vectors, CALIBRATION_QUERIES // 2)
    recall = recall_at(searcher, queries, kth_similarity(vectors, queries, [depth])[depth], depth)
    if recall < WANTED - FALLEN:
        logger.info("the centroids of before find %.3f of the nearest ten; new ones are trained", recall)
        return None
    return BuildResult(former.made.factory, former.made.probes, recall)


def lists_of(count: int) -> int:
    """Return how many inverted lists an index of `count` vectors gets."""
    return min(1 << round(math.log2(LISTS_A_ROOT * math.sqrt(count))), MOST_LISTS, count)


def write_index(file: Path, vectors: StoredVectors, factory: str) -> None:
    """Train an index, fill it with the vectors and write it."""
    index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    if is_divided(index):
        index.cp.niter = ROUNDS
        index.cp.min_points_per_centroid = 1
        index.cp.max_points_per_centroid = SAMPLE_A_LIST
        index.train(sampled(vectors, SAMPLE_A_LIST * index.nlist).astype(np.float32))
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        index.add(vectors[start : start + ROWS_AT_ONCE].astype(np.float32))
    faiss.write_index(index, str(file))


def is_divided(index: Any) -> bool:
    return isinstance(index, faiss.IndexIVF)


def sampled(vectors: StoredVectors, count: int) -> StoredVectors:
    """Return up to `count` of the vectors, the same each time."""
    if len(vectors) <= count:
        return vectors
    return vectors[np.sort(np.random.default_rng(0).choice(len(vectors), count, replace=False))]


def measured(flat: FaissSearcher, factory: str) -> BuildResult:
    """Return the nprobe settings that reach the target recall, and the recall@10 measured with them.

    Raises SnapshotError if a vector does not find itself.
    """
    vectors = flat.vectors
    if len(vectors) == 0:
        return BuildResult(factory, (), 1.0)
    queries = calibration_queries(vectors, min(CALIBRATION_QUERIES, 2 * len(vectors)))
    depths = [*takewhile(lambda depth: depth < len(vectors), DEPTHS)] or [len(vectors)]
    edges = kth_similarity(vectors, queries, depths)
    choosing, judging = slice(0, None, 2), slice(1, None, 2)
    probes: list[NprobeSetting] = []
    if is_divided(flat.index):
        for depth in depths:
            least = probes[-1].lists if probes else 1
            probes.append(fewest_lists(flat, queries[choosing], edges[depth][choosing], depth, least))
    searcher = FaissSearcher(flat.index, vectors, probes)
    prove_found(searcher)
    depth = depths[0]
    return BuildResult(factory, tuple(probes), recall_at(searcher, queries[judging], edges[depth][judging], depth))


def fewest_lists(flat: FaissSearcher, queries: Vectors, edges: Vectors, depth: int, least: int) -> NprobeSetting:
    """Return the smallest nprobe, from `least`, with recall@depth of at least WANTED, by bisection; else all lists."""
    low, high = least, int(flat.index.nlist)
    while low < high:
        middle = int(np.sqrt(low * high))
        tried = FaissSearcher(flat.index, flat.vectors, (NprobeSetting(depth, middle),))
        if recall_at(tried, queries, edges, depth) >= WANTED:
            high = middle
        else:
            low = middle + 1
    return NprobeSetting(depth, high)


def calibration_queries(vectors: StoredVectors, count: int) -> Vectors:
    """Return queries like shoppers', (count, dimensions): near stored vectors, but none of them."""
    rows = np.random.default_rng(0).integers(len(vectors), size=(3, count))
    begun, one, other = (vectors[some].astype(np.float32) for some in rows)
    return normalise(begun + MOVED * (one - other))


def kth_similarity(vectors: StoredVectors, queries: Vectors, depths: list[int]) -> dict[int, Vectors]:
    """Return for each depth k every query's similarity to its k-th nearest vector, (queries,), by brute force."""
    best = np.full((len(queries), 0), -np.inf, np.float32)
    for start in range(0, len(vectors), CHUNK):
        similarities = queries @ to_float32(vectors[start : start + CHUNK]).T
        both = np.concatenate([best, similarities], axis=1)
        best = np.partition(both, max(0, both.shape[1] - depths[-1]), axis=1)[:, -depths[-1] :]
    best.sort(axis=1)
    return {depth: best[:, -depth] for depth in depths}


def recall_at(searcher: FaissSearcher, queries: Vectors, edges: Vectors, depth: int) -> float:
    """Return recall@depth, by similarity to the k-th nearest: of equal vectors any counts as right."""
    right = 0
    for query, edge in zip(queries, edges, strict=True):
        similarities = np.sort(found_similarities(searcher, query, depth))[-depth:]
        right += int((similarities >= edge - ROUNDING).sum())
    return right / (len(queries) * depth)


def prove_found(searcher: FaissSearcher) -> None:
    """Raise SnapshotError unless vectors evenly spread over the snapshot find themselves."""
    for row in np.unique(np.linspace(0, len(searcher.vectors) - 1, CALIBRATION_QUERIES).astype(np.int64)):
        query = searcher.vectors[row].astype(np.float32)
        if found_similarities(searcher, query, 1).max(initial=-1) < query @ query - ROUNDING:
            raise SnapshotError("snapshot.not_found_by_itself")


def found_similarities(searcher: FaissSearcher, query: Vectors, limit: int) -> Vectors:
    rows = searcher.nearest(query, limit, live=None, live_count=len(searcher.vectors))
    return similarities_at(searcher.vectors, rows, query)
