"""Photos on their side: which are looked at again, what counts then, and where boxes and maps lie on the photo sent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from visualsearch.inference.artefact import open_model
from visualsearch.inference.turning import predict_turned
from visualsearch.inference.types import Box, Inference, Prediction

PHOTO = Image.new("RGB", (40, 20))


def seen(probability: float, box: Box = (0.0, 0.0, 1.0, 1.0), *, figure: Box | None = None) -> list[Inference]:
    nothing = np.zeros(0, np.float32)
    marked = np.zeros((2, 2), np.float32)
    marked[0, 0] = 1
    return [Inference((Prediction("dress", "Dress", probability),), box, marked, nothing, nothing, figure=figure)]


@pytest.mark.parametrize(("probability", "looks"), [(0.6, 0), (0.59, 2)])
def test_a_photo_is_turned_only_if_the_model_is_unsure(probability: float, looks: int) -> None:
    asked: list[tuple[int, int]] = []

    def predict(turned: Image.Image) -> list[Inference]:
        asked.append(turned.size)
        return seen(0.1)

    first = seen(probability)

    assert predict_turned(PHOTO, first, predict) is first
    assert asked == [(20, 40)] * looks


def test_what_has_no_predictions_is_left_as_it_is() -> None:
    nothing = np.zeros(0, np.float32)
    first = [Inference((), (0.0, 0.0, 1.0, 1.0), nothing, nothing, nothing)]

    assert predict_turned(PHOTO, first, lambda turned: pytest.fail("it was turned")) is first


def test_several_garments_are_not_turned() -> None:
    first = [*seen(0.1), *seen(0.1)]

    assert predict_turned(PHOTO, first, lambda turned: pytest.fail("it was turned")) is first
    alone = seen(0.1)
    assert predict_turned(PHOTO, alone, lambda turned: [*seen(0.9), *seen(0.9)]) is alone


def test_a_hat_or_a_shoe_is_what_a_person_who_lies_is_taken_for() -> None:
    first = seen(0.1)
    (hat,) = seen(0.99)
    hat = replace(hat, predictions=(Prediction("hat", "Hat", 0.99),))

    assert predict_turned(PHOTO, first, lambda turned: [hat]) is first


def test_a_studio_photo_is_upright() -> None:
    first = seen(0.1, figure=(0.3, 0.0, 0.4, 1.0))

    assert predict_turned(PHOTO, first, lambda turned: pytest.fail("it was turned")) is first


@pytest.mark.parametrize(("surer", "counts"), [(0.64, False), (0.65, True)])
def test_the_turned_photo_counts_if_it_is_much_surer(surer: float, counts: bool) -> None:
    found = predict_turned(PHOTO, seen(0.3), lambda turned: seen(surer))

    assert found[0].predictions[0].probability == (surer if counts else 0.3)


def test_a_turned_photo_is_described_as_it_came_too() -> None:
    """An article whose own photo lies on its side is found by a photo like it."""
    upright, aside = (np.array(shape, np.float32) for shape in ([1, 0], [0, 1]))
    first = [replace(one, shape=aside) for one in seen(0.1)]
    turned = [replace(one, shape=upright) for one in seen(0.9)]

    (found,) = predict_turned(PHOTO, first, lambda photo: turned)

    assert found.shape == pytest.approx([0.5**0.5, 0.5**0.5])


@pytest.mark.parametrize("quarters", [1, 3])
def test_boxes_and_maps_lie_where_they_are_on_the_photo_that_was_sent(quarters: int) -> None:
    """A red corner is found in the turned photo, and named where it is in the photo as it came."""
    photo = Image.new("RGB", (40, 20), "white")
    photo.paste("red", (0, 0, 10, 10))
    asked = iter([1, 3])

    def predict(turned: Image.Image) -> list[Inference]:
        red = np.asarray(turned)[..., 1] < 128
        rows, columns = np.nonzero(red)
        box = (
            columns.min() / turned.width,
            rows.min() / turned.height,
            (np.ptp(columns) + 1) / turned.width,
            (np.ptp(rows) + 1) / turned.height,
        )
        (inference,) = seen(0.9 if next(asked) == quarters else 0.1, box)
        marked = red[:: turned.height // 4, :: turned.width // 4].astype(np.float32)
        return [Inference(inference.predictions, box, marked, inference.shape, inference.colour, box)]

    (found,) = predict_turned(photo, seen(0.2), predict)

    assert found.box == pytest.approx((0.0, 0.0, 0.25, 0.5))
    assert found.figure == pytest.approx((0.0, 0.0, 0.25, 0.5))
    assert found.map.tolist() == (np.asarray(photo)[::5, ::10, 1] < 128).astype(float).tolist()


def test_a_t_shirt_on_its_side_is_a_t_shirt() -> None:
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    photo = Image.open(settings.BASE_DIR / "static/search/examples/t-shirt.webp").convert("RGB")
    turned = [photo.transpose(how) for how in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)]

    for garments in model.predict_garments(turned):
        assert garments[0].predictions[0].label == "t-shirt"
