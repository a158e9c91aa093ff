"""Fits the descriptor: PCA projections, softmax temperature and match thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto, Split
from lab.evaluation.looking import read_file
from lab.evaluation.ood_images import CALIBRATING, OodImage, ood_images_beside
from lab.evaluation.query_augmentation import generator_for, shopper_photo
from lab.evaluation.recall import Share, ranks_of, recall_at, share_of
from lab.training.axes import principal_axes
from lab.training.labels import UNKNOWN, category_labels
from visualsearch.inference.descriptor import (
    Descriptor,
    FeaturePart,
    FineColour,
    Projection,
    Settings,
    Weights,
    shape_features,
)
from visualsearch.inference.letterbox import Framing, frame
from visualsearch.inference.litert import BATCH_PHOTOS, Network
from visualsearch.inference.postprocess import histograms_of
from visualsearch.vectors import Vectors

SHAPE_DIMENSIONS = 256
COLOUR_DIMENSIONS = 128
FINE_DIMENSIONS = 128
# Chosen on the calibration photos and Luma's: docs/relevance.md.
SHAPE_POWER = 0.5
ROOM, STUDIO = Weights(1.0, 0.3), Weights(1.0, 0.0, 0.8)
KIND_BONUS, STANDING_OUT = 0.4, 0.2
UNSET = 0.0
# Similarities at which the share of people who would agree is kept; between them it is interpolated.
SCALE_STEPS = 21
# Of the logistic regression: steps, and a penalty that keeps it finite where both kinds of pairs lie apart.
NEWTON_STEPS, RIDGE = 30, 1e-3
TEMPERATURES = np.geomspace(0.3, 3.0, 100)
# Accepted false positive rate of "close", over wrong articles, and of "weak", over images without a garment.
FALSE_SHARE = 0.05
# The input of see(): labelled photos or out-of-domain images.
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Seen:
    """Network outputs and colours of n photos: logits (n, labels), pooled (n, features), histograms (n, bins).

    `fine` (n, fine bins) are the fine histograms, `studio` (n,) says which are studio photos.
    """

    logits: NDArray[np.float32]
    pooled: NDArray[np.float32]
    histograms: NDArray[np.float32]
    fine: NDArray[np.float32]
    studio: NDArray[np.bool_]

    def vectors(self, descriptor: Descriptor) -> Vectors:
        """Return the stored vectors of the whole photos, (n, dimensions), unit rows."""
        return descriptor.join(descriptor.shape(self.pooled), self._colour(descriptor))

    def queries(self, descriptor: Descriptor) -> Vectors:
        """Return the vectors with which the photos are searched for, (n, dimensions)."""
        parts = zip(descriptor.shape(self.pooled), self._colour(descriptor), self.studio, strict=True)
        return np.stack([descriptor.query(shape, colour, studio=bool(studio)) for shape, colour, studio in parts])

    def _colour(self, descriptor: Descriptor) -> Vectors:
        return descriptor.colour(self.histograms, self.fine if descriptor.settings.fine else None)


def settings_of(size: int, framing: Framing, parts: Sequence[FeaturePart]) -> Settings:
    """Return the settings of a descriptor before it is fitted: input size in pixels, framing, the features' parts."""
    return Settings(
        size=size,
        framing=framing,
        parts=tuple(parts),
        shape_weight=1.0,
        colour_weight=1.0,
        fine_weight=1.0,
        close=UNSET,
        weak=UNSET,
        temperature=1.0,
        power=SHAPE_POWER,
        fine=FineColour(),
        room=ROOM,
        studio=STUDIO,
        regions=True,
        kind_bonus=KIND_BONUS,
        standing_out=STANDING_OUT,
    )


def see(
    network: Network,
    photos: Sequence[Shown],
    settings: Settings,
    title: str,
    show: Callable[[Shown], Image],
) -> Seen:
    """Run the network on the photos, each rendered by `show`, with a progress bar."""
    logits, pooled, coloured = [], [], []
    for start in progress_bar(range(0, len(photos), BATCH_PHOTOS), desc=title, unit="batch"):
        pictures = [show(photo) for photo in photos[start : start + BATCH_PHOTOS]]
        maps, features, *_ = network.run(
            np.stack([frame(picture, settings.size, settings.framing) for picture in pictures])
        )
        logits.append(maps.mean(axis=(1, 2)))
        pooled.append(features)
        coloured += [histograms_of(picture, seen, settings) for picture, seen in zip(pictures, maps, strict=True)]
    histograms, fine, studio = zip(*coloured, strict=True)
    fine_rows = [np.zeros(0, np.float32) if row is None else row for row in fine]
    return Seen(
        np.concatenate(logits), np.concatenate(pooled), np.stack(histograms), np.stack(fine_rows), np.array(studio)
    )


def as_it_is(photo: LabelledPhoto) -> Image:
    """Return a photo without augmentation, upright RGB."""
    return read_file(photo.path)


def as_shopper(rooms: Sequence[LabelledPhoto]) -> Callable[[LabelledPhoto], Image]:
    """Return a function that augments a photo into a shopper's query, pasted on one of `rooms`; seeded by file name."""

    def show(photo: LabelledPhoto) -> Image:
        rng = generator_for(photo.path.name)
        return shopper_photo(read_file(photo.path), read_file(rooms[int(rng.integers(len(rooms)))].path), rng)

    return show


@dataclass(frozen=True, slots=True)
class Fit:
    """A descriptor and its quality on the calibration photos: category accuracy, and recall@k by k."""

    descriptor: Descriptor
    category: Share
    recall: dict[int, Share]

    @property
    def merit(self) -> tuple[float, float]:
        """The selection criterion: category accuracy first, then recall@1.

        Recall is the weaker criterion: the queries are augmentations of the gallery photos themselves, which favours
        framings that crop both alike. Other views of an article do not have this bias.
        """
        return self.category.value, self.recall[1].value


def fit_descriptor(network: Network, photos: Split, labels: Sequence[str], settings: Settings) -> Fit:
    """Return the fitted descriptor of a network.

    The projections are fitted on the training photos, temperature and thresholds on the calibration photos, which the
    network was not trained on. All else is taken from `settings`.
    """
    trained = see(network, photos.training, settings, "Fitting projections", as_it_is)
    shapes = shape_features(trained.pooled, settings.parts, settings.power)
    fine = None if settings.fine is None else trained.fine ** np.float32(settings.fine.power)
    projection = fit_projection(shapes, trained.histograms, fine)
    unseen = see(network, photos.calibration, settings, "Calibrating", as_it_is)
    shoppers = see(network, photos.calibration, settings, "Calibrating, shoppers", as_shopper(photos.training))
    strange = ood_images_beside(photos.calibration, CALIBRATING)
    ood_images = see(network, strange, settings, "Calibrating, out-of-domain images", OodImage.picture)
    truth = category_labels(photos.calibration, labels)
    known = truth != UNKNOWN
    temperature = fit_temperature(unseen.logits[known], truth[known])
    descriptor = Descriptor(replace(settings, temperature=temperature), projection)

    gallery = np.concatenate([unseen.vectors(descriptor), trained.vectors(descriptor)])
    queries, targets = shoppers.queries(descriptor), range(len(photos.calibration))
    close, weak = fit_thresholds(queries, gallery, targets, ood_images.queries(descriptor))
    similarities = queries @ gallery.T
    ranks = ranks_of(similarities, targets)
    scale = fit_scale(similarities, targets)
    descriptor = Descriptor(replace(descriptor.settings, close=close, weak=weak, scale=scale), projection)
    right = unseen.logits[known].argmax(axis=1) == truth[known]
    return Fit(descriptor, share_of(right), recall_at(ranks))


def fit_projection(
    features: NDArray[np.float32], histograms: NDArray[np.float32], fine: NDArray[np.float32] | None = None
) -> Projection:
    """Return the PCA projections fitted on shape_features() (n, d) and colour histograms (n, bins) of photos.

    `fine` are their fine histograms, raised to their power.
    """
    coarse = principal_axes(histograms, COLOUR_DIMENSIONS)
    finest = () if fine is None else principal_axes(fine, FINE_DIMENSIONS)
    return Projection(*principal_axes(features, SHAPE_DIMENSIONS), *coarse, *finest)


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature of TEMPERATURES with the least negative log-likelihood (temperature scaling, Guo et al.,
    2017), given logits (n, labels) and true labels (n,) of photos that the network was not trained on.
    """

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - chosen))

    return float(min(TEMPERATURES, key=loss))


def fit_scale(similarities: Vectors, wanted: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """Return the scale from similarity to the chance that two photos show one article, as descriptor.Settings has it.

    `similarities` are those of augmented queries to all photos, (n, m), of which the `wanted` ones are their originals.
    By logistic regression on two pairs a query: with its own article, and with the nearest other one. So at .8, of five
    pairs that look so much alike, four show one article.
    """
    rows = np.arange(len(similarities))
    own = similarities[rows, wanted]
    others = similarities.copy()
    others[rows, wanted] = -1
    values = np.concatenate([own, others.max(axis=1)]).astype(np.float64)
    same = np.concatenate([np.ones(len(own)), np.zeros(len(own))])
    inputs = np.stack([values, np.ones_like(values)], axis=1)
    weights = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        curvature = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + RIDGE * np.eye(2)
        weights += np.linalg.solve(curvature, inputs.T @ (same - chances) - RIDGE * weights)
    steps = np.linspace(0, 1, SCALE_STEPS)
    shares = 1 / (1 + np.exp(-(steps * weights[0] + weights[1])))
    # The same photo is the same article, whatever the curve says near it.
    shares[-1] = 1.0
    return tuple((round(float(step), 3), round(float(share), 4)) for step, share in zip(steps, shares, strict=True))


def fit_thresholds(
    queries: Vectors, gallery: Vectors, wanted: Sequence[int], ood_images: Vectors
) -> tuple[float, float]:
    """Return the least cosine similarities of a "close" and of a "weak" match.

    `queries` (n, d) are augmented queries whose originals are the `wanted` rows of `gallery` (m, d); `ood_images`
    (k, d), queries too, show no garment. "weak" is the 1 − FALSE_SHARE quantile of the best similarity of
    out-of-domain images; "close" is the larger of that and the same quantile of the best wrong article.
    """
    similarities = queries @ gallery.T
    similarities[np.arange(len(queries)), wanted] = -1
    weak = float(np.quantile((ood_images @ gallery.T).max(axis=1), 1 - FALSE_SHARE))
    wrong = float(np.quantile(similarities.max(axis=1), 1 - FALSE_SHARE))
    return max(wrong, weak), weak
