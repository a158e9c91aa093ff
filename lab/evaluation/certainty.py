"""Evaluation of uncertainty: calibration of probabilities, and "close" matches on in- and out-of-domain photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalogue.progress import progress_bar
from lab.evaluation.calibration import calibration_error, median_of, separation, tempered
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.gallery import Gallery, queries_of
from lab.evaluation.ood_images import JUDGING, ood_images_beside
from lab.evaluation.recall import Share, share_of
from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors

# The contributors' label for bags, belts and all else outside the categories.
OTHER = "other"
STRENGTHS = ("close", "weak", "none")
PHOTOS_AT_ONCE = 8


def judge_probabilities(
    model: Model, photos: Sequence[LabelledPhoto], inferences: Sequence[Inference]
) -> dict[str, Share]:
    """Return calibration figures of the model on held-out photos and their inferences.

    They are the calibration error with and without the fitted temperature, and the top-1 probability of photos inside
    and outside the categories, with the AUROC between the two. Figures without photos are omitted.
    """
    known = np.array([bool(photo.category) for photo in photos])
    other = np.array([photo.label.lower() == OTHER for photo in photos])
    served = np.array([[said.probability for said in inference.predictions] for inference in inferences])
    best = served[:, 0]
    figures = {}
    if known.any():
        right = np.array(
            [
                inference.predictions[0].label == photo.category
                for photo, inference in zip(photos, inferences, strict=True)
            ]
        )
        before = tempered(served, model.descriptor.settings.temperature)[:, 0]
        figures["calibration error at temperature 1"] = calibration_error(before[known], right[known])
        figures["calibration error as served"] = calibration_error(best[known], right[known])
        figures["median top probability, categories"] = median_of(best[known])
    if other.any():
        figures["median top probability, other"] = median_of(best[other])
    if known.any() and other.any():
        figures["categories told from other (AUROC)"] = separation(best[known], best[other])
    return figures


def judge_ood_images(model: Model, photos: Sequence[LabelledPhoto], gallery: Gallery) -> dict[str, Share]:
    """Return the shares of out-of-domain images whose best match is close, weak or none, and of close ones by kind.

    The images are drawn scenes and corners of `photos`.
    """
    ood_images = ood_images_beside(photos, JUDGING)
    strengths: list[str] = []
    for start in progress_bar(
        range(0, len(ood_images), PHOTOS_AT_ONCE), desc="Judging out-of-domain images", unit="batch"
    ):
        pictures = [ood_image.picture() for ood_image in ood_images[start : start + PHOTOS_AT_ONCE]]
        similarities = gallery.similarities(queries_of(model, model.predict(pictures)))
        strengths += [model.descriptor.match(float(best)) for best in similarities.max(axis=1)]
    words, kinds = np.array(strengths), np.array([ood_image.kind for ood_image in ood_images])
    figures = {f"out-of-domain called {strength}": share_of(words == strength) for strength in STRENGTHS}
    for kind in dict.fromkeys(kinds.tolist()):
        figures[f"out-of-domain called close, {kind}"] = share_of(words[kinds == kind] == "close")
    return figures


def judge_matches(model: Model, similarities: Vectors, wanted: Sequence[int]) -> dict[str, Share]:
    """Return the true and false positive rates of "close" for the similarities of queries to photos, (n, m).

    `wanted` has the photo of each query's own article. A false positive is any other photo that is close.
    """
    close = model.descriptor.settings.close
    similarities = similarities.copy()
    rows = np.arange(len(similarities))
    own: NDArray[np.float32] = similarities[rows, wanted].copy()
    similarities[rows, wanted] = -1
    return {
        "right article called close": share_of(own >= close),
        "wrong article called close": share_of(similarities.max(axis=1) >= close),
    }
