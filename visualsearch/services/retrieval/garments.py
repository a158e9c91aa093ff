"""A garment of a shopper's photo, reduced to what a search for it needs, and its bytes in a token."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.postprocess import name_of
from visualsearch.inference.types import Box, Inference, Prediction
from visualsearch.vectors import Vectors, from_levels, pack_levels, to_levels, unpack_levels

PREDICTIONS_KEPT = 5
# Of a box's sides and of a probability, which are 0 to 1.
_STEPS = 65_535


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an embedding as vectors.to_levels() writes it: indices of levels, and the cosine that they keep.

    Without indices it is a part that counts nothing.
    """

    levels: NDArray[np.uint8]
    cosine: float = 1.0

    @classmethod
    def of(cls, vector: Vectors) -> Part:
        levels, cosine = to_levels(vector)
        return cls(levels, rounded(cosine))

    def vector(self) -> Vectors:
        return from_levels(self.levels, self.cosine)


NO_PART = Part(np.zeros(0, np.uint8))


@dataclass(frozen=True)
class Garment:
    """One garment: the parts of its embedding, the best predictions, the box.

    `parts` are shape, coarse colour and fine colour; NO_PART for one that a search does not weigh. `studio` is whether
    something stands before a white background: other parts count then.
    """

    parts: tuple[Part, Part, Part]
    predictions: tuple[Prediction, ...]
    box: Box
    studio: bool = False

    @classmethod
    def of(cls, inference: Inference, descriptor: Descriptor) -> Garment:
        """Return the garment that a model saw, rounded as its token will be, so that both searches agree."""
        weights = descriptor.weights_of(studio=inference.studio)
        coarse, fine = np.split(inference.colour, [descriptor.coarse_dimensions])
        kept = [
            Part.of(part) if weight and part.any() else NO_PART
            for part, weight in ((inference.shape, weights.shape), (coarse, weights.colour), (fine, weights.fine))
        ]
        return cls(
            parts=(kept[0], kept[1], kept[2]),
            predictions=tuple(
                Prediction(one.label, one.name, rounded(one.probability))
                for one in inference.predictions[:PREDICTIONS_KEPT]
            ),
            box=rounded_box(inference.box),
            studio=inference.studio,
        )

    @property
    def has_shape(self) -> bool:
        """Whether a network described it, and not its colours alone."""
        return len(self.parts[0].levels) > 0

    def vectors(self, descriptor: Descriptor) -> tuple[Vectors, Vectors]:
        """Return the unweighted shape and colour part, float32; zeros for what is not kept.

        Raises ValueError for parts of other dimensions than the descriptor's.
        """
        fine_dimensions = descriptor.colour_dimensions - descriptor.coarse_dimensions
        wanted = (descriptor.shape_dimensions, descriptor.coarse_dimensions, fine_dimensions)
        if any(len(part.levels) not in {0, length} for part, length in zip(self.parts, wanted, strict=True)):
            raise ValueError(f"The parts are not of {wanted} numbers.")
        shape, coarse, fine = (
            part.vector() if len(part.levels) else np.zeros(length, np.float32)
            for part, length in zip(self.parts, wanted, strict=True)
        )
        return shape, np.concatenate([coarse, fine])


def rounded(share: float) -> float:
    """Return a share, 0 to 1, as a token keeps it."""
    return round(share * _STEPS) / _STEPS


def rounded_box(box: Box) -> Box:
    """Return a box as a token keeps it."""
    x, y, width, height = (rounded(min(max(side, 0.0), 1.0)) for side in box)
    return x, y, width, height


def pack(garments: Sequence[Garment]) -> bytes:
    """Return the garments as bytes: labels once, then each garment's flag, box, predictions and parts."""
    labels = list(dict.fromkeys(one.label for garment in garments for one in garment.predictions))
    said = [_text(",".join(labels)), bytes([len(garments)])]
    for garment in garments:
        said.append(bytes([garment.studio, len(garment.predictions)]))
        said.append(struct.pack(">4H", *(round(side * _STEPS) for side in garment.box)))
        said += [
            struct.pack(">BH", labels.index(one.label), round(one.probability * _STEPS)) for one in garment.predictions
        ]
        said += [
            struct.pack(">2H", len(part.levels), round(part.cosine * _STEPS)) + pack_levels(part.levels)
            for part in garment.parts
        ]
    return b"".join(said)


def unpack(packed: bytes) -> tuple[Garment, ...]:
    """Return the garments that pack() wrote. Raises ValueError for anything else."""
    reader = _Reader(packed)
    labels = reader.text().split(",")
    garments = []
    for _ in range(reader.numbers("B")[0]):
        studio, predicted = reader.numbers("BB")
        x, y, width, height = (side / _STEPS for side in reader.numbers("4H"))
        predictions = []
        for _ in range(predicted):
            place, share = reader.numbers("BH")
            if place >= len(labels):
                raise ValueError("There is no such label.")
            predictions.append(Prediction(labels[place], name_of(labels[place]), share / _STEPS))
        parts = [reader.part() for _ in range(3)]
        garments.append(
            Garment((parts[0], parts[1], parts[2]), tuple(predictions), (x, y, width, height), bool(studio))
        )
    if not garments or not reader.at_end:
        raise ValueError("There are no garments, or more than was said.")
    return tuple(garments)


def _text(said: str) -> bytes:
    encoded = said.encode()
    return struct.pack(">H", len(encoded)) + encoded


class _Reader:
    """Reads fields from bytes, front to back. Raises ValueError at their end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place == len(self._content)

    def take(self, count: int) -> bytes:
        taken = self._content[self._place : self._place + count]
        if len(taken) < count:
            raise ValueError("The bytes end too early.")
        self._place += count
        return taken

    def numbers(self, kinds: str) -> tuple[int, ...]:
        layout = struct.Struct(f">{kinds}")
        return layout.unpack(self.take(layout.size))

    def text(self) -> str:
        return self.take(self.numbers("H")[0]).decode()

    def part(self) -> Part:
        count, cosine = self.numbers("2H")
        return Part(unpack_levels(self.take((count + 1) // 2), count), max(cosine, 1) / _STEPS) if count else NO_PART
