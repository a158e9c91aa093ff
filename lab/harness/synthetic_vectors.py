"""Synthetic vectors with the distribution of real ones: real embeddings interpolated with neighbours and perturbed.

White noise would bias a benchmark: all its neighbours are equally far. Here each synthetic vector starts at a real
one, is interpolated towards one of its neighbours, and shifted by differences between other neighbours, so that it
varies only in directions in which real ones do. compared() measures how much neighbour similarities differ between
synthetic and as many real vectors. Larger sets have nearer neighbours, as real ones do: the similarities to the first
and the tenth neighbour are 0.57 and 0.39 among 4,407 photos of clothes (0.04 and 0.05 more than among half as many),
0.72 and 0.50 among 20,000 synthetic vectors, 0.79 and 0.64 among 100,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from catalogue.imaging import read_image
from lab.drawings.article import VIEWS
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import draw
from visualsearch.index.base import StoredVectors
from visualsearch.inference.types import Model
from visualsearch.vectors import Vectors, normalise, quantise

# Vectors per yielded chunk, as many as in the chunks of rows that a snapshot is built from.
CHUNK = 10_000
# Dimensions of the shape part of the shipped descriptor; the colour part follows.
SHAPE_DIMENSIONS = 256
# Number of nearest neighbours, maximum interpolation weight, maximum shift, and number of differences in the shift.
# Chosen so that compared() is 0.03 for 4,407 photos of clothes.
NEIGHBOURS = 12
MIXED = 1.0
ASIDE = 1.2
DIFFERENCES = 3
# This share of synthetic vectors takes the colour part of another photo, one of the ALIKE nearest in shape.
RECOLOURED = 0.2
ALIKE = 30
# The neighbour ranks and quantiles of similarity that compared() uses.
RANKS = (1, 10)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Rows compared with all others at once.
ROWS = 1_000
PICTURE_SIZE = (240, 300)
PHOTOS_AT_ONCE = 16


def real_vectors(
    model: Model,
    photos: Path | None = None,
    *,
    kept: Path | None = None,
    limit: int | None = None,
    size: tuple[int, int] = PICTURE_SIZE,
) -> StoredVectors:
    """Return a model's embeddings (n, dimensions) of a folder's photos, or of demo articles drawn at `size`.

    At most `limit` photos are used. `kept` is a .npy cache file: read if it exists, else written.
    """
    if kept is not None and kept.exists():
        vectors: StoredVectors = np.load(kept, allow_pickle=False)[:limit]
        return vectors
    pictures = islice(read_pictures(photos) if photos else drawn_pictures(size), limit)
    batches = iter(lambda: list(islice(pictures, PHOTOS_AT_ONCE)), [])
    vectors = np.concatenate([quantise(model.embed(batch)) for batch in batches])
    if kept is not None:
        np.save(kept, vectors)
    return vectors


def read_pictures(folder: Path) -> Iterator[Image]:
    """Yield the photos in a folder and its subfolders, sorted by path."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    return (read_image(file.read_bytes()) for file in files)


def drawn_pictures(size: tuple[int, int]) -> Iterator[Image]:
    """Yield the first photo of each demo article, then the second."""
    return (draw(article, view, size=size) for view in range(VIEWS) for article in ASSORTMENT)


def synthetic_vectors(
    real: StoredVectors, count: int, *, seed: int, shape_dimensions: int = SHAPE_DIMENSIONS
) -> Iterator[StoredVectors]:
    """Yield `count` synthetic vectors in chunks (up to CHUNK, dimensions), unit rows, deterministic for a seed.

    Shape and colour parts keep the norms of the real vectors they start at. Every real vector is used once before any
    is used again. Another seed gives other vectors of the same distribution, for instance queries.
    """
    rng = np.random.default_rng(seed)
    parts = [real[:, :shape_dimensions].astype(np.float32), real[:, shape_dimensions:].astype(np.float32)]
    neighbours = [neighbours_of(part, NEIGHBOURS) for part in parts]
    alike = neighbours_of(parts[0], ALIKE)
    waiting = np.empty(0, np.int64)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        while len(waiting) < size:
            waiting = np.concatenate([waiting, rng.permutation(len(real))])
        shapes, waiting = waiting[:size], waiting[size:]
        others = alike[shapes, rng.integers(alike.shape[1], size=size)]
        colours = np.where(rng.random(size) < RECOLOURED, others, shapes)
        moved = [
            moved_rows(part, near, rows, rng)
            for part, near, rows in zip(parts, neighbours, (shapes, colours), strict=True)
        ]
        yield quantise(normalise(np.concatenate(moved, axis=1)))


def moved_rows(
    part: Vectors, neighbours: NDArray[np.int64], rows: NDArray[np.int64], rng: np.random.Generator
) -> Vectors:
    """Return the selected rows of one part (n, d), each interpolated and shifted, with its norm preserved."""
    begun = part[rows]
    places = rng.integers(neighbours.shape[1], size=(1 + 2 * DIFFERENCES, len(rows)))
    towards, *others = (part[neighbours[rows, place]] for place in places)
    mixed, aside = (most * rng.random((len(rows), 1), np.float32) for most in (MIXED, ASIDE))
    # Normalised to the expected length of a single difference, if they are independent.
    difference = (sum(others[:DIFFERENCES]) - sum(others[DIFFERENCES:])) / np.sqrt(np.float32(DIFFERENCES))
    moved = begun + mixed * (towards - begun) + aside * difference
    return np.asarray(normalise(moved) * np.linalg.norm(begun, axis=1, keepdims=True), np.float32)


def neighbours_of(rows: Vectors, count: int) -> NDArray[np.int64]:
    """Return the indices of each row's `count` nearest rows, or of all others if fewer: (n, count), unordered."""
    count = min(count, len(rows) - 1)
    neighbours = [np.argpartition(-alike, count - 1, axis=1)[:, :count] for alike in similarities_by_rows(rows)]
    return np.concatenate(neighbours)


def similarities_by_rows(rows: Vectors) -> Iterator[Vectors]:
    """Yield the similarities of rows to all rows, in blocks (up to ROWS, n); −∞ to itself."""
    for start in range(0, len(rows), ROWS):
        alike = rows[start : start + ROWS] @ rows.T
        own = np.arange(len(alike))
        alike[own, start + own] = -np.inf
        yield alike


def neighbour_quantiles(vectors: StoredVectors) -> dict[int, NDArray[np.float64]]:
    """Return the QUANTILES of the similarity to the neighbour of each rank in RANKS, by rank."""
    by_rank = np.concatenate(
        [
            np.sort(alike, axis=1)[:, [-rank for rank in RANKS]]
            for alike in similarities_by_rows(vectors.astype(np.float32))
        ]
    )
    return {rank: np.quantile(by_rank[:, column], QUANTILES) for column, rank in enumerate(RANKS)}


def compared(real: StoredVectors, *, seed: int, shape_dimensions: int = SHAPE_DIMENSIONS) -> dict[int, float]:
    """Return the largest difference of neighbour similarities between as many synthetic vectors and the real ones.

    By rank: the maximum over the QUANTILES, in cosine. The real vectors must fit in memory several times.
    """
    made = np.concatenate(list(synthetic_vectors(real, len(real), seed=seed, shape_dimensions=shape_dimensions)))
    ours, theirs = neighbour_quantiles(made), neighbour_quantiles(real)
    return {rank: float(np.abs(ours[rank] - theirs[rank]).max()) for rank in RANKS}
