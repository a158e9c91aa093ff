"""The descriptor: embeddings of a shape part and a colour part, projected, and how much each part of them counts.

The shape part is the network's pooled features. The colour part holds one colour histogram or two: a coarse one, which
bears other light, and a fine one, which tells near shades apart. A stored vector has all of them side by side, so that
a query alone decides what counts: before a white background the fine colours, in a room the shape and coarse colours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference.foreground import FigureSettings, MaskSettings
from visualsearch.inference.letterbox import Framing
from visualsearch.vectors import Vectors, normalise

SETTINGS_FILE = "descriptor.json"
PROJECTION_FILE = "projection.npz"

MatchStrength = Literal["close", "weak", "none"]
# From this cosine of colours on, a match by colour alone is weak.
COLOUR_ALONE = 0.88


@dataclass(frozen=True, slots=True)
class FeaturePart:
    """One layer's columns of the pooled features, `start` to `stop`, scaled to the length `weight`."""

    start: int
    stop: int
    weight: float


@dataclass(frozen=True, slots=True)
class ColourBins:
    """Bins of the Lab histogram: numbers for L and for a and b, and the chroma of the outermost bin centres."""

    lightness: int = 6
    chroma: int = 8
    chroma_range: float = 50.0


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the cosine of each part counts in a similarity, which is their weighted mean."""

    shape: float
    colour: float
    fine: float = 0.0


@dataclass(frozen=True, slots=True)
class FineColour:
    """The fine histogram: its bins, the exponent of its square roots, and the mask by which it is counted."""

    bins: ColourBins = field(default_factory=lambda: ColourBins(10, 16, 50.0))
    power: float = 0.5
    mask: FigureSettings = field(default_factory=FigureSettings)


@dataclass(frozen=True, slots=True)
class Settings:
    """The content of descriptor.json: preprocessing, mask, parts, weights, match thresholds, softmax temperature.

    `power` is the exponent of the pooled features. Below 1 it reduces the influence of features that are always large.
    `shape_weight`, `colour_weight` and `fine_weight` are the lengths of the parts in stored vectors. `room` and
    `studio` are the weights of a query's similarities; without them the lengths decide. A photo of which at least
    `studio_border` of the border is white is a studio photo; with `regions` it has vectors of its figure's regions too.
    `scale` maps similarities to the chance that both photos show one article, ascending, the last one 1 to 1.
    `kind_bonus` is added to the similarity of an article of the kind that the photo surely shows; the nearest article
    has the whole bonus if the next one is `standing_out` less similar. Older descriptors have none of these.
    """

    size: int
    framing: Framing
    parts: tuple[FeaturePart, ...]
    shape_weight: float
    colour_weight: float
    close: float
    weak: float
    temperature: float
    power: float = 1.0
    mask: MaskSettings = field(default_factory=MaskSettings)
    bins: ColourBins = field(default_factory=ColourBins)
    fine: FineColour | None = None
    fine_weight: float = 0.0
    room: Weights | None = None
    studio: Weights | None = None
    studio_border: float = 0.04
    regions: bool = False
    scale: tuple[tuple[float, float], ...] = ()
    kind_bonus: float = 0.0
    standing_out: float = 0.2

    @classmethod
    def from_json(cls, text: str) -> Settings:
        values = json.loads(text)
        if fine := values.get("fine"):
            fine = FineColour(ColourBins(**fine["bins"]), fine["power"], FigureSettings(**fine["mask"]))
        values["fine"] = fine
        for name in ("room", "studio"):
            values[name] = Weights(**values[name]) if values.get(name) else None
        values["scale"] = tuple((float(low), float(high)) for low, high in values.get("scale", ()))
        values["parts"] = tuple(FeaturePart(**part) for part in values["parts"])
        values["mask"] = MaskSettings(**values["mask"])
        values["bins"] = ColourBins(**values["bins"])
        return cls(**values)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Projection:
    """Means (d,) and matrices (d, dimensions) of the parts, float32 in memory, float16 on disk.

    Without a fine histogram its matrix has no columns.
    """

    shape_mean: NDArray[np.float32]
    shape_matrix: NDArray[np.float32]
    colour_mean: NDArray[np.float32]
    colour_matrix: NDArray[np.float32]
    fine_mean: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    fine_matrix: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @classmethod
    def load(cls, file: Path) -> Projection:
        with np.load(file, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name].astype(np.float32) for name in cls.__slots__ if name in arrays})

    def save(self, file: Path) -> None:
        np.savez_compressed(file, **{name: getattr(self, name).astype(np.float16) for name in self.__slots__})


class Descriptor:
    """Computes embeddings from pooled features and colour histograms, and classifies similarities."""

    def __init__(self, settings: Settings, projection: Projection) -> None:
        self.settings = settings
        self.projection = projection
        self.shape_dimensions = projection.shape_matrix.shape[1]
        self.coarse_dimensions = projection.colour_matrix.shape[1]
        self.colour_dimensions = self.coarse_dimensions + projection.fine_matrix.shape[1]
        self.dimensions = self.shape_dimensions + self.colour_dimensions
        self._scale = np.array(settings.scale).T
        self._lengths = np.array([settings.shape_weight, settings.colour_weight, settings.fine_weight])

    @classmethod
    def load(cls, folder: Path) -> Descriptor:
        """Return the descriptor of an artefact's folder."""
        return cls(
            Settings.from_json((folder / SETTINGS_FILE).read_text(encoding="utf-8")),
            Projection.load(folder / PROJECTION_FILE),
        )

    def save(self, folder: Path) -> None:
        """Write the descriptor's files into an artefact's folder."""
        (folder / SETTINGS_FILE).write_text(self.settings.to_json(), encoding="utf-8")
        self.projection.save(folder / PROJECTION_FILE)

    def shape(self, pooled: NDArray[np.float32]) -> Vectors:
        """Return the shape parts, (n, shape_dimensions), unit rows, of the network's pooled features (n, features)."""
        features = shape_features(pooled, self.settings.parts, self.settings.power)
        return normalise((features - self.projection.shape_mean) @ self.projection.shape_matrix)

    def colour(self, histograms: NDArray[np.float32], fine: NDArray[np.float32] | None = None) -> Vectors:
        """Return the colour parts, (n, colour_dimensions), of coarse and fine histograms by colour_histogram().

        Each of the two has length 1. `fine` is needed where the descriptor has fine colours.
        """
        coarse = normalise((histograms - self.projection.colour_mean) @ self.projection.colour_matrix)
        if self.settings.fine is None or fine is None:
            return coarse
        powers = fine ** np.float32(self.settings.fine.power)
        return np.concatenate(
            [coarse, normalise((powers - self.projection.fine_mean) @ self.projection.fine_matrix)], axis=-1
        )

    def mean_colour(self, first: Vectors, second: Vectors) -> Vectors:
        """Return the mean of two colour parts, (colour_dimensions,); each of its histograms has length 1 again."""
        coarse, fine = np.split(first + second, [self.coarse_dimensions])
        return np.concatenate([normalise(coarse), normalise(fine)])

    def weights_of(self, *, studio: bool) -> Weights:
        """Return how much the parts of a query's photo count: one before white, or one in a room."""
        settings = self.settings
        given = settings.studio if studio else settings.room
        shape, colour, fine = (float(length) for length in self._lengths**2)
        return given or Weights(shape, colour, fine)

    def join(self, shape: Vectors, colour: Vectors) -> Vectors:
        """Return the vector as it is stored, (…, dimensions), unit rows, of unweighted parts."""
        return self._weighted(shape, colour, self._lengths)

    def balanced(self, shape: Vectors, colour: Vectors) -> Vectors:
        """Return vectors, (…, dimensions), of length 1, whose products with each other are similarities.

        For photos that are compared with each other, none of which is the query. The parts count by the mean of their
        weights in a room and before white: a photo that is made a little brighter may pass from the one to the other.
        """
        both = [self.weights_of(studio=studio) for studio in (False, True)]
        means = np.mean([[one.shape, one.colour, one.fine] for one in both], axis=0)
        return self._weighted(shape, colour, np.sqrt(means))

    def query(self, shape: Vectors, colour: Vectors, *, studio: bool = False, emphasis: float = 0.0) -> Vectors:
        """Return the vector of one photo, (dimensions,), whose product with a stored vector is their similarity.

        The similarity is the weighted mean of the cosines of the parts, −1 to 1: the identical photo has 1, whatever
        the weights. `emphasis` shifts them from −1 (shape alone) over 0 to +1 (colour alone). A part of zeros, as from
        a model without a network, counts nothing.
        """
        weights = self.weights_of(studio=studio)
        parts = self._parts(shape, colour)
        counts = np.array([weights.shape, weights.colour, weights.fine])
        counts *= np.array([min(1.0, 1.0 - emphasis), *[min(1.0, 1.0 + emphasis)] * 2])
        counts *= [bool(part.any()) for part in parts]
        if not counts.any():
            return np.zeros(self.dimensions, np.float32)
        lengths = np.where(self._lengths > 0, self._lengths, 1.0)
        factors = counts / counts.sum() / lengths * np.linalg.norm(self._lengths)
        return np.concatenate([part * np.float32(factor) for part, factor in zip(parts, factors, strict=True)])

    def parts_of(self, stored: Vectors) -> tuple[Vectors, Vectors]:
        """Return the unweighted shape and colour part of a stored vector, (dimensions,)."""
        shape, coarse, fine = np.split(stored, [self.shape_dimensions, self.shape_dimensions + self.coarse_dimensions])
        return normalise(shape), np.concatenate([normalise(coarse), normalise(fine)])

    def match(self, similarity: float, *, shape: bool = True) -> MatchStrength:
        """Return the strength of a match: "close", "weak" or "none", by calibrated thresholds.

        Without the shape part, by colour alone, nothing is called close.
        """
        if not shape:
            return "weak" if similarity >= COLOUR_ALONE else "none"
        if similarity >= self.settings.close:
            return "close"
        return "weak" if similarity >= self.settings.weak else "none"

    def likeness(self, similarity: float) -> float:
        """Return the chance, 0 to 1, that two photos so similar show one article: see `scale`."""
        if not self.settings.scale:
            return max(similarity, 0.0)
        return float(np.interp(similarity, *self._scale))

    def _parts(self, shape: Vectors, colour: Vectors) -> tuple[Vectors, Vectors, Vectors]:
        coarse, fine = colour[..., : self.coarse_dimensions], colour[..., self.coarse_dimensions :]
        return shape, coarse, fine

    def _weighted(self, shape: Vectors, colour: Vectors, lengths: NDArray[np.float64]) -> Vectors:
        parts = self._parts(shape, colour)
        return normalise(
            np.concatenate([part * np.float32(length) for part, length in zip(parts, lengths, strict=True)], axis=-1)
        )


def shape_features(
    pooled: NDArray[np.float32], parts: Sequence[FeaturePart], power: float = 1.0
) -> NDArray[np.float32]:
    """Return the layers' pooled features side by side, each scaled to its weight, before projection: (n, d).

    `power` is the exponent of their values: power normalisation (Perronnin et al., Improving the Fisher Kernel for
    Large-Scale Image Classification, 2010).
    """
    powers = np.sign(pooled) * np.abs(pooled) ** np.float32(power)
    return np.concatenate([part.weight * normalise(powers[:, part.start : part.stop]) for part in parts], axis=1)


def colour_histogram(lab: NDArray[np.float32], mask: NDArray[np.float32], bins: ColourBins) -> NDArray[np.float32]:
    """Return the masked colour histogram after square roots, (lightness × chroma × chroma,), a unit vector.

    `lab` (h, w, 3) in Lab units; `mask` (h, w) are weights. Soft binning: a colour between two bin centres counts in
    both (trilinear interpolation). The dot product of two such vectors is their Bhattacharyya coefficient.
    """
    cells = lab.reshape(-1, 3)
    reach = bins.chroma_range
    counts = np.zeros(bins.lightness * bins.chroma * bins.chroma)
    sides = [
        _sides(cells[:, 0], 0.0, 100.0, bins.lightness),
        _sides(cells[:, 1], -reach, reach, bins.chroma),
        _sides(cells[:, 2], -reach, reach, bins.chroma),
    ]
    # Each colour lies between eight bin centres. One bincount per corner is ten times faster than a dense product.
    for (lightness, share), (a, a_share), (b, b_share) in product(*sides):
        indices = (lightness * bins.chroma + a) * bins.chroma + b
        counts += np.bincount(indices, mask.reshape(-1) * share * a_share * b_share, len(counts))
    return np.asarray(np.sqrt(counts / counts.sum()), np.float32)


def _sides(
    values: NDArray[np.float32], low: float, high: float, bins: int
) -> tuple[tuple[NDArray[np.intp], NDArray[np.float32]], tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Return, for the bin below and the bin above each value, (its index (n,), the value's share in it (n,)).

    The `bins` centres are evenly spaced from `low` to `high`; values outside are clipped.
    """
    coordinates = np.clip((values - low) / (high - low) * (bins - 1), 0, bins - 1)
    below = np.minimum(coordinates.astype(np.intp), bins - 2)
    above_share = coordinates - below
    return (below, 1 - above_share), (below + 1, above_share)
