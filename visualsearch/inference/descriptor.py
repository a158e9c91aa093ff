"""The descriptor: embeddings of two parts, pooled CNN features and a colour histogram, projected and weighted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference.foreground import MaskSettings
from visualsearch.inference.letterbox import Framing
from visualsearch.vectors import Vectors, normalise

SETTINGS_FILE = "descriptor.json"
PROJECTION_FILE = "projection.npz"

MatchStrength = Literal["close", "weak", "none"]


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
class Settings:
    """The content of descriptor.json: preprocessing, mask, parts, weights, match thresholds, softmax temperature.

    `power` is the exponent of the pooled features. Below 1 it reduces the influence of features that are always large.
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

    @classmethod
    def from_json(cls, text: str) -> Settings:
        values = json.loads(text)
        values["parts"] = tuple(FeaturePart(**part) for part in values["parts"])
        values["mask"] = MaskSettings(**values["mask"])
        values["bins"] = ColourBins(**values["bins"])
        return cls(**values)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Projection:
    """Means (d,) and matrices (d, dimensions) of the two parts, float32 in memory, float16 on disk."""

    shape_mean: NDArray[np.float32]
    shape_matrix: NDArray[np.float32]
    colour_mean: NDArray[np.float32]
    colour_matrix: NDArray[np.float32]

    @classmethod
    def load(cls, file: Path) -> Projection:
        with np.load(file, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name].astype(np.float32) for name in cls.__slots__})

    def save(self, file: Path) -> None:
        np.savez_compressed(file, **{name: getattr(self, name).astype(np.float16) for name in self.__slots__})


class Descriptor:
    """Computes embeddings from pooled features and colour histograms, and classifies similarities."""

    def __init__(self, settings: Settings, projection: Projection) -> None:
        self.settings = settings
        self.projection = projection
        self.shape_dimensions = projection.shape_matrix.shape[1]
        self.colour_dimensions = projection.colour_matrix.shape[1]
        self.dimensions = self.shape_dimensions + self.colour_dimensions

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

    def colour(self, histograms: NDArray[np.float32]) -> Vectors:
        """Return the colour parts, (n, colour_dimensions), unit rows, of histograms by colour_histogram()."""
        return normalise((histograms - self.projection.colour_mean) @ self.projection.colour_matrix)

    def join(self, shape: Vectors, colour: Vectors, *, emphasis: float = 0.0) -> Vectors:
        """Return the embedding, (…, dimensions), unit rows, of unweighted parts.

        `emphasis` shifts a query's weights from −1 (shape alone) over 0 (as stored photos) to +1 (colour alone). A part
        of zeros, as from a model without a network, contributes nothing.
        """
        shape_weight = self.settings.shape_weight * min(1.0, 1.0 - emphasis)
        colour_weight = self.settings.colour_weight * min(1.0, 1.0 + emphasis)
        return normalise(np.concatenate([shape * shape_weight, colour * colour_weight], axis=-1))

    def match(self, similarity: float) -> MatchStrength:
        """Return the strength of a match by its cosine: "close", "weak" or "none", by calibrated thresholds."""
        if similarity >= self.settings.close:
            return "close"
        return "weak" if similarity >= self.settings.weak else "none"


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
