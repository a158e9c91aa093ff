"""Composites and street photos: what is made of them, and how the garments that a model finds in them are judged."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.composites import NEARLY_ALL, compose, garment_box
from lab.evaluation.garments import judge_garments, matched
from lab.evaluation.outfits import read_outfits, split_outfits
from tests.visualsearch.garments import BLUE, GREY, RED, draw_garment
from visualsearch.inference.types import Box, Inference, Model, Prediction

LABELS = ("dress", "pants")


def seen(label: str, box: Box) -> Inference:
    nothing = np.zeros(0, np.float32)
    return Inference((Prediction(label, label, 0.9),), box, nothing, nothing, nothing)


def draw_square(colour: tuple[int, int, int]) -> Image.Image:
    """Return a garment of which no part is narrower than another, so that cutting some off leaves its width."""
    picture = Image.new("RGB", (300, 400), GREY)
    picture.paste(colour, (60, 40, 240, 360))
    return picture


def labelled(label: str) -> LabelledPhoto:
    return LabelledPhoto(Path(f"{label}.jpg"), "somebody", label, label)


def test_the_box_of_a_garment_is_what_is_unlike_the_border() -> None:
    x, y, width, height = garment_box(draw_garment("dress", RED, size=(300, 400)))

    assert (x, y) == pytest.approx((0.2, 0.1), abs=0.05)
    assert (x + width, y + height) == pytest.approx((0.8, 0.9), abs=0.05)


def test_where_nothing_stands_out_the_garment_fills_the_picture() -> None:
    assert garment_box(Image.new("RGB", (30, 40), "grey")) == NEARLY_ALL


@pytest.mark.parametrize("seed", range(12))
def test_the_boxes_of_a_composite_are_around_its_garments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = [("dress", RED), ("pants", BLUE)]
    photos = [(labelled(kind), draw_square(colour)) for kind, colour in drawn]

    picture, garments = compose(photos, rng)

    assert [label for label, _ in garments] == ["dress", "pants"]
    pixels = np.asarray(picture).astype(int)
    for (_, box), (_, colour) in zip(garments, drawn, strict=True):
        rows, columns = np.nonzero(np.abs(pixels - colour).sum(axis=-1) < 60)
        found = np.array([columns.min() / picture.width, rows.min() / picture.height])
        end = np.array([(columns.max() + 1) / picture.width, (rows.max() + 1) / picture.height])
        np.testing.assert_allclose(found, box[:2], atol=0.06)
        np.testing.assert_allclose(end, np.add(box[:2], box[2:]), atol=0.06)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_composite_has_a_cell_for_each_photo(count: int) -> None:
    photos = [(labelled("dress"), draw_garment("dress", RED))] * count

    _, garments = compose(photos, np.random.default_rng(count))

    assert len(garments) == count
    centres = {(round(x + width / 2, 1), round(y + height / 2, 1)) for _, (x, y, width, height) in garments}
    assert len(centres) == count


def test_a_garment_is_found_by_the_best_box_and_a_box_is_of_one_garment() -> None:
    left, right = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)
    garments = [("dress", left), ("pants", right), ("dress", left)]

    assert matched([seen("dress", left), seen("dress", right)], garments) == [True, False, None]
    assert matched([], garments) == [None, None, None]
    # Three tenths in common of nine tenths together.
    assert matched([seen("dress", (0.0, 0.0, 0.5, 0.4))], [("dress", left)]) == [None]
    assert matched([seen("dress", (0.0, 0.0, 0.5, 0.5))], [("dress", left)]) == [True]


def test_the_figures_of_photos_are_shares_of_garments_and_of_photos() -> None:
    whole: Box = (0.0, 0.0, 1.0, 1.0)

    class Looking:
        def predict_garments(self, photos: Any) -> list[list[Inference]]:
            return [[seen("dress", whole)]]

    picture = Image.new("RGB", (4, 4))
    pictures = [(picture, [("dress", whole)]), (picture, [("pants", whole), ("pants", (0.0, 0.0, 0.1, 0.1))])]

    cases = judge_garments(cast(Model, Looking()), iter(pictures), 2, "photos")

    assert {name: share.value for name, share in cases.certainty.items()} == pytest.approx(
        {
            "photos: garments found": 2 / 3,
            "photos: of these named right": 1 / 2,
            "photos: first label there": 1 / 2,
            "photos: boxes of 6": 1 / 6,
        }
    )
    assert {name: hits.tolist() for name, hits in cases.hits.items()} == {
        "photos: garments found": [True, True, False],
        "photos: garments found and named right": [True, False, False],
        "photos: first label there": [True, False],
    }
    assert cases.judged.keys() == cases.hits.keys()
    (failure,) = cases.failures["photos"]
    assert failure.said == "0 of 2 right"


def test_street_photos_are_read_with_the_garments_that_are_learnt(tmp_path: Path) -> None:
    rows = [
        ("1", "dress", "0.1", "0.2", "0.3", "0.4", "0.05"),
        ("1", "", "0.1", "0.2", "0.3", "0.4", "0.05"),
        ("1", "pants", "0.5", "0.5", "0.1", "0.1", "0.0099"),
        ("1", "pants", "0.5", "0.5", "0.1", "0.1", "0.01"),
        ("2", "ring", "0.5", "0.5", "0.1", "0.1", "0.5"),
    ]
    with (tmp_path / "garments.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("photo", "category", "x", "y", "width", "height", "share"), *rows])

    first, second = read_outfits(tmp_path, LABELS)

    assert first.path == tmp_path / "photos" / "1.jpg"
    assert first.garments == (("dress", (0.1, 0.2, 0.3, 0.4)), ("pants", (0.5, 0.5, 0.1, 0.1)))
    assert second.garments == ()
    judging, training = split_outfits([first, second] * 3)
    assert len(judging) == 2
    assert len(training) == 4
