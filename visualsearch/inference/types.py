"""What a model is to the rest of the shop: photos in, predictions and vectors out."""

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
    """A category that a photo may show. `label` is the model's own word, `name` the same for people."""

    label: str
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Inference:
    """What a model saw in one photo.

    `predictions` are all of the model's labels, best first; none if there is no network. `map` (h, w), float32, 0 to 1,
    covers the upright picture and says where the garment is; `box` frames it. `shape` and `colour` are the unweighted
    parts of the embedding, each a unit vector, or zeros if the model has no such part.
    """

    predictions: tuple[Prediction, ...]
    box: Box
    map: NDArray[np.float32]
    shape: Vectors
    colour: Vectors


@dataclass(frozen=True, slots=True)
class Card:
    """What a model's card.json says of it. `facts` is all of it, `files` the sha256 of each file beside it.

    Models of the same `space` make vectors that can be compared with each other's.
    """

    name: str
    version: str
    space: str
    dimensions: int
    labels: tuple[str, ...]
    files: Mapping[str, str] = field(repr=False)
    facts: Mapping[str, object] = field(repr=False)


class Model(ABC):
    """Describes photos. Safe to call from several threads; opened in the process that uses it, never before a fork."""

    def __init__(self, card: Card, descriptor: Descriptor, *, fallback: bool = False) -> None:
        """Set what every model has. `fallback` says that it stands in for the model that should serve."""
        self.card = card
        self.descriptor = descriptor
        self.fallback = fallback

    @abstractmethod
    def predict(self, photos: Sequence[Image]) -> list[Inference]:
        """Return what is seen in each photo (upright RGB, any size)."""

    def embed(self, photos: Sequence[Image]) -> Vectors:
        """Return one embedding per photo.

        Shape (len(photos), dimensions), float32, rows of length 1. A photo has the same row alone and among others.
        """
        if not photos:
            return np.zeros((0, self.descriptor.dimensions), np.float32)
        inferences = self.predict(photos)
        return self.descriptor.join(
            np.stack([inference.shape for inference in inferences]),
            np.stack([inference.colour for inference in inferences]),
        )
