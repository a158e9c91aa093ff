"""Makes the FAISS index of a snapshot: the type by size, and so many lists searched as measured recall demands.

A few vectors are scanned one after the other, which is exact. Many are divided into lists around means (inverted
files, IVF), of which a search looks into those nearest the query. How many, is measured at each build: with queries
that are no stored vectors, against brute force. A build whose recall is too low takes a denser type.
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
from visualsearch.index.base import StoredVectors
from visualsearch.index.searcher import FaissSearcher, similarities_at
from visualsearch.index.snapshot import BuildResult, NprobeSetting
from visualsearch.vectors import Vectors, normalise

logger = logging.getLogger(__name__)

# Half-precision codes: the stored vectors themselves, so nothing is lost.
FLAT = "SQfp16"
# Lists of codes of eight bits a number, half as many bytes to scan; six and four bits are slower to unpack, and lists
# of product codes for fast scan cannot be mapped (docs/vector-index.md).
DIVIDED = "IVF{lists},SQ8"
# Up to so many vectors a flat search takes less than what else a request does: 4 ms.
EXACT_UP_TO = 50_000
# About four lists for each root of the count, as a power of two; more than the most cost more to make than they save.
LISTS_A_ROOT, MOST_LISTS = 4, 4096
# Vectors a list that the means are found from, and how often they are moved.
SAMPLE_A_LIST, ROUNDS = 32, 8
ROWS_AT_ONCE = 10_000
# Recall is measured at these depths; so much is wanted of each, and less than the least of ten is not served.
DEPTHS = (10, 100, 1000)
WANTED, LEAST = 0.99, 0.95
# Vectors that the probes are made of: half of them choose the settings, half judge what was chosen.
PROBES = 200
# A probe is a vector moved by this share of the difference of two others: a cosine of 0.7 to it, as a shopper's photo.
MOVED = 0.7
# Rows compared at once by brute force, and how far apart two sums of the same products may lie.
CHUNK = 50_000
ROUNDING = 1e-5


def make_index(file: Path, vectors: StoredVectors, *, exact_up_to: int = EXACT_UP_TO) -> BuildResult:
    """Write the FAISS index of the vectors (n, dimensions) to a file.

    Memory: the codes, a byte a number or two, and the sample that the means are found from, up to 200 MB. Raises
    SnapshotError if a vector does not find itself or recall stays too low.
    """
    faiss.omp_set_num_threads(1)
    factories = [FLAT] if len(vectors) <= exact_up_to else [DIVIDED.format(lists=lists_of(len(vectors))), FLAT]
    for factory in factories:
        write_index(file, vectors, factory)
        made = measured(FaissSearcher.open(file, vectors, ()), factory)
        if made.recall >= LEAST:
            return made
        logger.warning("%s finds %.3f of the nearest ten; a denser index is made", factory, made.recall)
    raise SnapshotError("snapshot.low_recall", recall=round(made.recall, 3))


def lists_of(count: int) -> int:
    """Return how many lists to divide so many vectors into."""
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
    """Return the index with as many lists as its probes need, and what recall is then.

    Raises SnapshotError if a vector does not find itself.
    """
    vectors = flat.vectors
    if len(vectors) == 0:
        return BuildResult(factory, (), 1.0)
    probing = probes_near(vectors, min(PROBES, 2 * len(vectors)))
    depths = [*takewhile(lambda depth: depth < len(vectors), DEPTHS)] or [len(vectors)]
    edges = kth_similarity(vectors, probing, depths)
    choosing, judging = slice(0, None, 2), slice(1, None, 2)
    probes: list[NprobeSetting] = []
    if is_divided(flat.index):
        for depth in depths:
            least = probes[-1].lists if probes else 1
            probes.append(fewest_lists(flat, probing[choosing], edges[depth][choosing], depth, least))
    finder = FaissSearcher(flat.index, vectors, probes)
    prove_found(finder)
    depth = depths[0]
    return BuildResult(factory, tuple(probes), recall_at(finder, probing[judging], edges[depth][judging], depth))


def fewest_lists(flat: FaissSearcher, probing: Vectors, edges: Vectors, depth: int, least: int) -> NprobeSetting:
    """Return the fewest lists, from `least`, in which so much as WANTED of the nearest `depth` is found; else all."""
    low, high = least, int(flat.index.nlist)
    while low < high:
        middle = int(np.sqrt(low * high))
        tried = FaissSearcher(flat.index, flat.vectors, (NprobeSetting(depth, middle),))
        if recall_at(tried, probing, edges, depth) >= WANTED:
            high = middle
        else:
            low = middle + 1
    return NprobeSetting(depth, high)


def probes_near(vectors: StoredVectors, count: int) -> Vectors:
    """Return queries like shoppers', (count, dimensions): near stored vectors, but none of them."""
    rows = np.random.default_rng(0).integers(len(vectors), size=(3, count))
    begun, one, other = (vectors[some].astype(np.float32) for some in rows)
    return normalise(begun + MOVED * (one - other))


def kth_similarity(vectors: StoredVectors, queries: Vectors, depths: list[int]) -> dict[int, Vectors]:
    """Return, for each depth, each query's similarity to its nearest vector of that rank, by brute force, (n,)."""
    best = np.full((len(queries), 0), -np.inf, np.float32)
    for start in range(0, len(vectors), CHUNK):
        similarities = queries @ vectors[start : start + CHUNK].astype(np.float32).T
        both = np.concatenate([best, similarities], axis=1)
        best = np.partition(both, max(0, both.shape[1] - depths[-1]), axis=1)[:, -depths[-1] :]
    best.sort(axis=1)
    return {depth: best[:, -depth] for depth in depths}


def recall_at(finder: FaissSearcher, queries: Vectors, edges: Vectors, depth: int) -> float:
    """Return the share of the nearest `depth` found, by similarity: equal vectors are equally right."""
    right = 0
    for query, edge in zip(queries, edges, strict=True):
        found = np.sort(found_similarities(finder, query, depth))[-depth:]
        right += int((found >= edge - ROUNDING).sum())
    return right / (len(queries) * depth)


def prove_found(finder: FaissSearcher) -> None:
    """Raise SnapshotError unless vectors from all over the snapshot find themselves."""
    for place in np.unique(np.linspace(0, len(finder.vectors) - 1, PROBES).astype(np.int64)):
        query = finder.vectors[place].astype(np.float32)
        if found_similarities(finder, query, 1).max(initial=-1) < query @ query - ROUNDING:
            raise SnapshotError("snapshot.not_found_by_itself")


def found_similarities(finder: FaissSearcher, query: Vectors, limit: int) -> Vectors:
    places = finder.nearest(query, limit, live=None, live_count=len(finder.vectors))
    return similarities_at(finder.vectors, places, query)
