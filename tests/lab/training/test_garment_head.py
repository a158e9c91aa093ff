"""Training of the garment head: views and targets, a network whose maps are outputs, and a head that learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from lab.training import garment_head
from lab.training.garment_head import convert_head, target_of, train_head, with_maps
from lab.training.garment_views import Garments, Views, cropped, evenly, in_square
from visualsearch.inference.artefact import open_model
from visualsearch.inference.garments import DetectionSettings, GarmentHead, overlap
from visualsearch.inference.interpreters import Interpreters
from visualsearch.inference.litert import Network

LABELS = ("dress", "pants")
CELLS = 14


def test_a_box_lies_in_the_square_as_the_photo_does() -> None:
    """A photo half as wide as high stands in the middle of it."""
    ((label, box),) = in_square((("dress", (0.0, 0.5, 1.0, 0.5)),), (100, 200))

    assert label == "dress"
    assert box == pytest.approx((0.25, 0.5, 0.5, 0.5))


def test_a_garment_of_which_little_is_in_a_crop_is_left_out() -> None:
    garments = (("dress", (0.0, 0.0, 0.5, 1.0)), ("pants", (0.5, 0.0, 0.5, 1.0)))

    ((label, box),) = cropped(garments, (0.4, 0.0, 0.6, 1.0))

    assert label == "pants"
    assert box == pytest.approx((1 / 6, 0.0, 5 / 6, 1.0))


def test_rare_labels_are_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = LabelledPhoto(Path("a"), "x", "hat", "hat")
    often = [LabelledPhoto(Path(f"{number}"), "x", "dress", "dress") for number in range(400)]

    drawn = evenly([rare, *often])

    assert (drawn.count(rare), len(drawn)) == (300, 700)


def test_a_target_peaks_at_the_middle_of_a_garment_and_has_its_box_there() -> None:
    heat, edges, weights = target_of((("pants", (0.25, 0.5, 0.5, 0.5)),), LABELS, CELLS)

    assert heat[..., 0].max() == 0
    row, column = np.unravel_index(int(heat[..., 1].argmax()), (CELLS, CELLS))
    assert (int(row), int(column)) == (10, 6)
    np.testing.assert_allclose(edges[10, 6], (0.25, 0.5, 0.75, 1.0))
    assert weights[10, 6] == 1
    assert weights[0, 0] == 0


def test_of_two_garments_in_one_place_the_smaller_one_has_the_box() -> None:
    small, large = (0.45, 0.45, 0.1, 0.1), (0.0, 0.0, 1.0, 1.0)

    _, edges, _ = target_of((("pants", small), ("dress", large)), LABELS, CELLS)

    np.testing.assert_allclose(edges[7, 7], (0.45, 0.45, 0.55, 0.55), atol=1e-6)


def test_the_maps_of_a_network_become_outputs_and_the_others_stay() -> None:
    """The shipped file has them already; so has one that they are added to again."""
    file = settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"] / "model.tflite"
    content = file.read_bytes()
    pixels = np.random.default_rng(1).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)

    class_map, pooled, middle, last = Network(with_maps(content), file=file, interpreters=1).run(pixels)

    assert (middle.shape, last.shape, class_map.shape) == ((1, 14, 14, 576), (1, 7, 7, 1280), (1, 7, 7, 10))
    means = np.concatenate([last.mean(axis=(1, 2)), middle.mean(axis=(1, 2))], axis=1)
    assert np.abs(means - pooled).max() < 0.05


def test_a_head_learns_to_find_what_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps in which a garment is a bright channel: where it is, and which of two, is learnt in a few steps."""
    monkeypatch.setattr(garment_head, "EPOCHS", 150)
    monkeypatch.setattr(garment_head, "WARM_UP", 10)
    monkeypatch.setattr(garment_head, "AVERAGE", 0.5)
    monkeypatch.setattr(garment_head, "RATE", 5e-3)
    monkeypatch.setattr(garment_head, "CHANNELS", 16)
    rng = np.random.default_rng(1)
    middle = np.full((64, CELLS, CELLS, 8), -128, np.int8)
    last = np.full((64, 7, 7, 8), -128, np.int8)
    garments: list[Garments] = []
    for number in range(64):
        row, column = (int(place) for place in rng.integers(1, 8, 2))
        label = int(rng.integers(2))
        middle[number, row : row + 6, column : column + 6, label] = 100
        garments.append(((LABELS[label], (column / CELLS, row / CELLS, 6 / CELLS, 6 / CELLS)),))

    head = train_head(Views(middle, last, garments), LABELS, seed=3)

    reader = GarmentHead(
        Interpreters(convert_head(head), file=Path("garments.tflite"), most=1), DetectionSettings(least_score=0.2)
    )
    hits = []
    for number, ((name, box),) in enumerate(garments):
        found = reader.detect(*((maps[number].astype(np.float32) + 128) * garment_head.STEP for maps in (middle, last)))
        edges = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]])
        hits.append(
            bool(found)
            and LABELS[int(found[0].probabilities.argmax())] == name
            and overlap(edges, np.array([*found[0].box[:2], *np.add(found[0].box[:2], found[0].box[2:])])) > 0.5
        )
    assert np.mean(hits) > 0.8


def test_a_photo_is_looked_at_once_for_all_its_garments() -> None:
    """Two drawn photos side by side."""
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    parts = [Image.open(settings.BASE_DIR / "static/search/examples" / f"{name}.webp") for name in ("dress", "shoes")]
    picture = Image.new("RGB", (parts[0].width * 2, parts[0].height))
    for place, part in enumerate(parts):
        picture.paste(part.convert("RGB"), (place * part.width, 0))

    ((dress, shoes),) = model.predict_garments([picture])

    assert [one.predictions[0].label for one in (dress, shoes)] == ["dress", "shoes"]
    assert dress.box[0] + dress.box[2] < 0.55
    assert shoes.box[0] > 0.45
    for one in (dress, shoes):
        assert np.linalg.norm(one.shape) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(one.colour[:128]) == pytest.approx(1, abs=1e-5)
