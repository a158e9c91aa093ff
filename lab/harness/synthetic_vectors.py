"""Synthetic vectors with the distribution of real ones: real embeddings interpolated with neighbours and perturbed.

White noise would bias a benchmark: all its neighbours are equally far. Here each synthetic vector begins at a real
one, moves towards one of its neighbours and aside by differences of others of them, so that it varies only as real
ones do. compared() shows how far the neighbours of made vectors lie from where those of as many real ones do. Of more,
they come nearer as those of real ones do with each doubling: to the nearest of 4,407 photos of clothes 0.57, to the
tenth 0.39; 0.04 and 0.05 more than of half as many. Of 20,000 made vectors 0.72 and 0.50, of 100,000 0.79 and 0.64.
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

# Vectors yielded at once, as many as the rows that a snapshot is built from come in.
CHUNK = 10_000
# So many of the shipped descriptor's numbers describe the shape, those after them the colour.
SHAPE_DIMENSIONS = 256
# A real vector mixes with one of so many nearest, by up to this share, and moves aside by up to this share of
# so many differences of others of them: chosen so that compared() tells of 4,407 photos of clothes 0.03.
NEIGHBOURS = 12
MIXED = 1.0
ASIDE = 1.2
DIFFERENCES = 3
# This share of made vectors has the colour of another photo, one of so many most alike in shape.
RECOLOURED = 0.2
ALIKE = 30
# Which neighbours compared() looks at, and the quantiles of their similarities.
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

    `limit` takes the first so many. They are read from the file `kept` (.npy) if it is there, else written to it.
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
    """Yield a folder's photos by name, also those in folders of it.."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    return (read_image(file.read_bytes()) for file in files)


def drawn_pictures(size: tuple[int, int]) -> Iterator[Image]:
    """Yield the first photo of each demo article, then the second."""
    return (draw(article, view, size=size) for view in range(VIEWS) for article in ASSORTMENT)


def synthetic_vectors(
    real: StoredVectors, count: int, *, seed: int, shape_dimensions: int = SHAPE_DIMENSIONS
) -> Iterator[StoredVectors]:
    """Yield `count` made vectors in chunks, (up to CHUNK, dimensions), unit rows: the same for the same seed.

    The parts' norms are those of the real vectors they begin at. Each real one begins one made vector before any begins
    another. Vectors of another seed are others of the same kind: queries, for instance.
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
    """Return the rows of one part (n, d), each moved among its neighbours, at the length it had."""
    begun = part[rows]
    places = rng.integers(neighbours.shape[1], size=(1 + 2 * DIFFERENCES, len(rows)))
    towards, *others = (part[neighbours[rows, place]] for place in places)
    mixed, aside = (most * rng.random((len(rows), 1), np.float32) for most in (MIXED, ASIDE))
    # Of the same length as one difference, were they independent.
    difference = (sum(others[:DIFFERENCES]) - sum(others[DIFFERENCES:])) / np.sqrt(np.float32(DIFFERENCES))
    moved = begun + mixed * (towards - begun) + aside * difference
    return np.asarray(normalise(moved) * np.linalg.norm(begun, axis=1, keepdims=True), np.float32)


def neighbours_of(rows: Vectors, count: int) -> NDArray[np.int64]:
    """Return the places of the `count` rows most alike each, or all others: (n, count), in no order."""
    count = min(count, len(rows) - 1)
    found = [np.argpartition(-alike, count - 1, axis=1)[:, :count] for alike in similarities_by_rows(rows)]
    return np.concatenate(found)


def similarities_by_rows(rows: Vectors) -> Iterator[Vectors]:
    """Yield how alike each row is to all, (up to ROWS, n), −∞ to itself."""
    for start in range(0, len(rows), ROWS):
        alike = rows[start : start + ROWS] @ rows.T
        own = np.arange(len(alike))
        alike[own, start + own] = -np.inf
        yield alike


def neighbour_quantiles(vectors: StoredVectors) -> dict[int, NDArray[np.float64]]:
    """Return, for each of RANKS, the QUANTILES of the similarity of a vector and its neighbour of that rank."""
    by_rank = np.concatenate(
        [
            np.sort(alike, axis=1)[:, [-rank for rank in RANKS]]
            for alike in similarities_by_rows(vectors.astype(np.float32))
        ]
    )
    return {rank: np.quantile(by_rank[:, column], QUANTILES) for column, rank in enumerate(RANKS)}


def compared(real: StoredVectors, *, seed: int, shape_dimensions: int = SHAPE_DIMENSIONS) -> dict[int, float]:
    """Return how far neighbours in as many made vectors lie from those of the real: the largest difference a rank.

    Cosines, over the QUANTILES. The real vectors fit in memory many times over.
    """
    made = np.concatenate(list(synthetic_vectors(real, len(real), seed=seed, shape_dimensions=shape_dimensions)))
    ours, theirs = neighbour_quantiles(made), neighbour_quantiles(real)
    return {rank: float(np.abs(ours[rank] - theirs[rank]).max()) for rank in RANKS}
