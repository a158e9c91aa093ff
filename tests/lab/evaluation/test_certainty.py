from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.conf import settings

from lab.evaluation.certainty import judge_matches, judge_ood_images, judge_probabilities
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.gallery import Gallery, queries_of
from lab.evaluation.ood_images import JUDGING, ood_images_beside
from tests.visualsearch.garments import draw_garment
from visualsearch.inference.artefact import open_model
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.regions import describe
from visualsearch.inference.types import Inference, Model, Prediction

if TYPE_CHECKING:
    from visualsearch.vectors import Vectors


@pytest.fixture
def model() -> Model:
    return open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)


def _judged_at(model: Model, **changed: Any) -> Model:
    """Return the model with other thresholds or another temperature."""
    descriptor = model.descriptor
    model.descriptor = Descriptor(replace(descriptor.settings, **changed), descriptor.projection)
    return model


def _look(label: str, probability: float) -> Inference:
    other = "pants" if label == "dress" else "dress"
    nothing = np.zeros(1, np.float32)
    said = (Prediction(label, label, probability), Prediction(other, other, 1 - probability))
    return Inference(said, (0, 0, 1, 1), nothing[None], nothing, nothing)


def _photo(label: str, category: str) -> LabelledPhoto:
    return LabelledPhoto(Path(f"{label}.png"), "ann", label, category)


def test_probabilities_are_judged_before_and_after_the_temperature_and_bags_beside_garments(model: Model) -> None:
    photos = [_photo("Dress", "dress")] * 4 + [_photo("Other", "")] * 2 + [_photo("Not sure", "")]
    inferences = [_look("dress", 0.8)] * 3 + [_look("pants", 0.8), _look("dress", 0.6), _look("pants", 0.9)]

    figures = judge_probabilities(_judged_at(model, temperature=2.0), photos, [*inferences, _look("dress", 0.99)])

    # At temperature 1, .8 against .2 would be .64 against .04: .941.
    assert figures["calibration error at temperature 1"].value == pytest.approx(0.64 / 0.68 - 0.75)
    assert figures["calibration error as served"].value == pytest.approx(0.05)
    assert figures["median top probability, categories"].value == pytest.approx(0.8)
    assert figures["median top probability, other"].value == pytest.approx(0.75)
    assert figures["categories told from other (AUROC)"].value == pytest.approx(0.5)
    assert figures["categories told from other (AUROC)"].count == 2


def test_what_a_collection_has_no_photos_of_is_not_judged(model: Model) -> None:
    assert list(judge_probabilities(model, [_photo("Other", "")], [_look("dress", 0.6)])) == [
        "median top probability, other"
    ]


def test_ood_images_are_classified_by_the_models_thresholds(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "dress.png"
    draw_garment().save(path)
    photos = [LabelledPhoto(path, "ann", "Dress", "dress")]
    pictures = [ood_image.picture() for ood_image in ood_images_beside(photos, JUDGING)]
    gallery = Gallery.of(describe(model, [draw_garment("pants"), pictures[0]]))
    others = gallery.similarities(queries_of(model, model.predict(pictures[1:])))

    between = float(np.median(others.max(axis=1)))
    figures = judge_ood_images(_judged_at(model, close=0.999, weak=between), photos, gallery)

    # One is in the gallery itself; of four others half are at least as near as their median.
    shares = {name: round(share.value * 5) for name, share in figures.items() if "," not in name}
    assert shares == {"out-of-domain called close": 1, "out-of-domain called weak": 2, "out-of-domain called none": 2}
    by_kind = {name.split(", ")[1]: share.value for name, share in figures.items() if "," in name}
    assert by_kind == {"wall": 1.0, "room": 0.0, "food": 0.0, "plant": 0.0, "background": 0.0}


def test_close_is_counted_for_the_right_article_and_for_wrong_ones(model: Model) -> None:
    gallery: Vectors = np.eye(3, dtype=np.float32)
    queries: Vectors = np.array([[0.8, 0.6, 0], [0.6, 0.8, 0], [0.71, 0.7, 0], [0, 0, 1]], np.float32)

    figures = judge_matches(_judged_at(model, close=0.65, weak=0.5), queries @ gallery.T, [0, 0, 0, 2])

    assert figures["right article called close"].value == 0.75
    assert figures["wrong article called close"].value == 0.5
