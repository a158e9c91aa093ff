"""The numbers that everything agrees on: unit vectors, and the narrower types they are kept and sent in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def normalise(vectors: NDArray[np.floating]) -> Vectors:
    """Return the vectors (last axis) at length 1, float32. A vector of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros(vectors.shape), where=lengths > 0), np.float32)


def quantise(vectors: Vectors) -> NDArray[np.float16]:
    """Return the vectors as they are kept, float16: unit vectors lose less than 0.001 of a cosine."""
    return vectors.astype(np.float16)


def to_int8(vectors: Vectors) -> NDArray[np.int8]:
    """Return the directions of the vectors as int8, each scaled to its own largest number."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=0)
    scaled = np.divide(vectors * 127, largest, out=np.zeros_like(vectors), where=largest > 0)
    return np.asarray(np.rint(scaled), np.int8)


def from_int8(numbers: NDArray[np.int8]) -> Vectors:
    """Return the unit vectors whose directions to_int8() wrote."""
    return normalise(numbers.astype(np.float32))
