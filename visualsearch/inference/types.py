"""The interface of a model, and the types of its results: predictions, boxes, maps and embeddings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from visualsearch.vectors import Vectors

if TYPE_CHECKING:
    from visualsearch.inference.descriptor import Descriptor

# x, y, width, height as fractions of the upright picture.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A category that a photo may show. `label` is the model's identifier, `name` its display name."""

    label: str
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Inference:
    """A model's result for one photo.

    `predictions` are all of the model's labels, best first; none without a network. `map` (h, w), float32, 0 to 1,
    covers the upright picture and localises the garment; `box` is its bounding box. `shape` and `colour` are the
    unweighted parts of the embedding; the shape and each histogram of the colour has length 1, or 0 if the model has no
    such part. `figure` is the bounding box of what stands before a white background, None for a photo in a room.
    """

    predictions: tuple[Prediction, ...]
    box: Box
    map: NDArray[np.float32]
    shape: Vectors
    colour: Vectors
    figure: Box | None = None

    @property
    def studio(self) -> bool:
        """Whether it is a studio photo: of something before a white background."""
        return self.figure is not None


@dataclass(frozen=True, slots=True)
class Card:
    """A model card, card.json. `facts` is its whole content, `files` the SHA-256 of each file beside it.

    Vectors of models of the same `space` can be compared with each other. A photo has up to `vectors_a_photo`.
    """

    name: str
    version: str
    space: str
    dimensions: int
    labels: tuple[str, ...]
    files: Mapping[str, str] = field(repr=False)
    facts: Mapping[str, object] = field(repr=False)
    vectors_a_photo: int = 1


class Model(ABC):
    """A model that embeds photos. Thread-safe; opened in the process that uses it, never before a fork."""

    def __init__(self, card: Card, descriptor: Descriptor, *, fallback: bool = False) -> None:
        """Initialise what all models share. `fallback` marks a model that replaces the one that should serve."""
        self.card = card
        self.descriptor = descriptor
        self.fallback = fallback

    @abstractmethod
    def predict(self, photos: Sequence[Image]) -> list[Inference]:
        """Return the inference of each photo (upright RGB, any size)."""

    def predict_garments(self, photos: Sequence[Image]) -> list[list[Inference]]:
        """Return the garments that each photo shows, best first, one at least: the whole photo, if none is detected.

        For photos that are searched with: a network looks at dark ones brightened, and at those on their side turned.
        """
        return [[inference] for inference in self.predict(photos)]

    def parts_of(self, photos: Sequence[Image]) -> tuple[Vectors, Vectors]:
        """Return the shape and colour part of each photo, (n, d) each: of what `predict` returns, at less cost."""
        inferences = self.predict(photos)
        return np.stack([one.shape for one in inferences]), np.stack([one.colour for one in inferences])

    def embed(self, photos: Sequence[Image]) -> Vectors:
        """Return one vector per photo, to compare photos with each other: Descriptor.balanced().

        Shape (len(photos), dimensions), float32, rows of length 1. A photo's row does not depend on its batch.
        """
        if not photos:
            return np.zeros((0, self.descriptor.dimensions), np.float32)
        return self.descriptor.balanced(*self.parts_of(photos))
