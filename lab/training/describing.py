"""Fits the descriptor: projections, softmax temperature and match thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto, Split
from lab.evaluation.ood_images import CALIBRATING, OodImage, ood_images_beside
from lab.evaluation.protocol import read_file
from lab.evaluation.query_augmentation import generator_for, shopper_photo
from lab.evaluation.recall import Share, ranks_of, recall_at, share_of
from lab.training.axes import principal_axes
from lab.training.labels import UNKNOWN, category_labels
from visualsearch.inference.descriptor import Descriptor, Projection, Settings, shape_features
from visualsearch.inference.letterbox import frame
from visualsearch.inference.litert import BATCH_PHOTOS, Network
from visualsearch.inference.postprocess import histogram_of
from visualsearch.vectors import Vectors

SHAPE_DIMENSIONS = 256
COLOUR_DIMENSIONS = 128
TEMPERATURES = np.geomspace(0.3, 3.0, 100)
# "close" may be said of the wrong article for one query in twenty, and of one photo in twenty that shows no garment.
FALSE_SHARE = 0.05
# What see() is to look at: labelled photos, or out-of-domain images.
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network and the eye saw in n photos: logits (n, labels), pooled (n, features), histograms (n, bins)."""

    logits: NDArray[np.float32]
    pooled: NDArray[np.float32]
    histograms: NDArray[np.float32]

    def vectors(self, descriptor: Descriptor) -> Vectors:
        """Return the embeddings of the photos, (n, dimensions), unit rows."""
        return descriptor.join(descriptor.shape(self.pooled), descriptor.colour(self.histograms))


def see(
    network: Network,
    photos: Sequence[Shown],
    settings: Settings,
    title: str,
    show: Callable[[Shown], Image],
) -> Seen:
    """Return what the network sees in the photos, each as `show` shows it, behind a progress bar."""
    logits, pooled, histograms = [], [], []
    for start in progress_bar(range(0, len(photos), BATCH_PHOTOS), desc=title, unit="batch"):
        pictures = [show(photo) for photo in photos[start : start + BATCH_PHOTOS]]
        maps, features = network.run(
            np.stack([frame(picture, settings.size, settings.framing) for picture in pictures])
        )
        logits.append(maps.mean(axis=(1, 2)))
        pooled.append(features)
        histograms += [histogram_of(picture, seen, settings) for picture, seen in zip(pictures, maps, strict=True)]
    return Seen(np.concatenate(logits), np.concatenate(pooled), np.stack(histograms))


def as_it_is(photo: LabelledPhoto) -> Image:
    """Return a photo as it is."""
    return read_file(photo.path)


def as_shopper(rooms: Sequence[LabelledPhoto]) -> Callable[[LabelledPhoto], Image]:
    """Return what shows a photo as a shopper takes it, in front of one of `rooms`."""

    def show(photo: LabelledPhoto) -> Image:
        rng = generator_for(photo.path.name)
        return shopper_photo(read_file(photo.path), read_file(rooms[int(rng.integers(len(rooms)))].path), rng)

    return show


@dataclass(frozen=True, slots=True)
class Fit:
    """A descriptor, and how the network does with it on the calibration photos: category, and recall by k."""

    descriptor: Descriptor
    category: Share
    recall: dict[int, Share]

    @property
    def merit(self) -> tuple[float, float]:
        """What to choose by: what is it, then where is it.

        The shoppers' photos are made of the very photos that they shall find, so that any framing finds most of them,
        and one that cuts off the same in both finds more; other views of an article are not like that.
        """
        return self.category.value, self.recall[1].value


def fit_descriptor(network: Network, photos: Split, labels: Sequence[str], settings: Settings) -> Fit:
    """Return the descriptor for a network.

    The projections are fitted on the training photos; temperature and thresholds on the calibration photos, which the
    network has not seen. `settings` give the rest.
    """
    trained = see(network, photos.training, settings, "Fitting projections", as_it_is)
    projection = fit_projection(shape_features(trained.pooled, settings.parts, settings.power), trained.histograms)
    unseen = see(network, photos.calibration, settings, "Calibrating", as_it_is)
    asked = see(network, photos.calibration, settings, "Calibrating, shoppers", as_shopper(photos.training))
    strange = ood_images_beside(photos.calibration, CALIBRATING)
    ood_images = see(network, strange, settings, "Calibrating, ood_images", OodImage.picture)
    truth = category_labels(photos.calibration, labels)
    known = truth != UNKNOWN
    temperature = fit_temperature(unseen.logits[known], truth[known])
    descriptor = Descriptor(replace(settings, temperature=temperature), projection)

    gallery = np.concatenate([unseen.vectors(descriptor), trained.vectors(descriptor)])
    queries, wanted = asked.vectors(descriptor), range(len(photos.calibration))
    close, weak = fit_thresholds(queries, gallery, wanted, ood_images.vectors(descriptor))
    descriptor = Descriptor(replace(descriptor.settings, close=close, weak=weak), projection)
    right = unseen.logits[known].argmax(axis=1) == truth[known]
    return Fit(descriptor, share_of(right), recall_at(ranks_of(queries, gallery, wanted)))


def fit_projection(features: NDArray[np.float32], histograms: NDArray[np.float32]) -> Projection:
    """Return the projections fitted on photos' shape_features() (n, d) and colour histograms (n, bins)."""
    return Projection(*principal_axes(features, SHAPE_DIMENSIONS), *principal_axes(histograms, COLOUR_DIMENSIONS))


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature that makes the right labels (n,) of unseen photos' logits (n, labels) most likely."""

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - chosen))

    return float(min(TEMPERATURES, key=loss))


def fit_thresholds(
    queries: Vectors, gallery: Vectors, wanted: Sequence[int], ood_images: Vectors
) -> tuple[float, float]:
    """Return the similarities from which on a match is "close" and "weak".

    `queries` (n, d) are shoppers' photos whose originals are the `wanted` rows of `gallery` (m, d); `ood_images` (k, d)
    are photos without a garment. All unit rows. What is as near as all but few out-of-domain images is weakly alike;
    close is what is also nearer than all but few wrong articles.
    """
    similarities = queries @ gallery.T
    similarities[np.arange(len(queries)), wanted] = -1
    weak = float(np.quantile((ood_images @ gallery.T).max(axis=1), 1 - FALSE_SHARE))
    wrong = float(np.quantile(similarities.max(axis=1), 1 - FALSE_SHARE))
    return max(wrong, weak), weak
