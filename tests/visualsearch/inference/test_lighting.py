"""Dark photos that are searched with: which are brightened, and how far."""

from __future__ import annotations

import numpy as np
import pytest
from django.conf import settings
from PIL import Image, ImageEnhance

from visualsearch.inference.artefact import open_model
from visualsearch.inference.lighting import BRIGHTEST, in_light


def photo_of(darkest: int, brightest: int) -> Image.Image:
    """Return a photo of a dark red garment before a grey wall."""
    photo = Image.new("RGB", (128, 128), (brightest,) * 3)
    photo.paste((darkest, darkest // 2, darkest // 2), (32, 16, 96, 112))
    return photo


def test_a_photo_in_little_light_is_brightened_evenly() -> None:
    lit = np.asarray(in_light(photo_of(20, 94)))

    # By 2.5, so that the wall has the level that is wanted.
    assert lit[0, 0].tolist() == [BRIGHTEST] * 3
    assert lit[64, 64].tolist() == [50, 25, 25]


@pytest.mark.parametrize(
    ("darkest", "brightest"),
    [
        pytest.param(20, 120, id="light"),
        pytest.param(100, 94, id="a close-up of something dark"),
        pytest.param(0, 0, id="black"),
    ],
)
def test_other_photos_stay_as_they_are(darkest: int, brightest: int) -> None:
    photo = photo_of(darkest, brightest)

    assert in_light(photo) is photo


def test_what_is_almost_black_is_not_blown_up_to_noise() -> None:
    assert np.asarray(in_light(photo_of(1, 10))).max() == 80


def test_a_dark_photo_is_described_like_the_same_in_light() -> None:
    model = open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)
    photo = Image.open(settings.BASE_DIR / "static/search/examples/dress.webp").convert("RGB")
    # Of its brightest parts' level, so that both look alike.
    photo = ImageEnhance.Brightness(photo).enhance(BRIGHTEST / 183)
    dark = ImageEnhance.Brightness(photo).enhance(0.35)

    ((light,), (seen,)) = model.predict_garments([photo, dark])
    (unlit,) = model.predict([dark])

    coarse = model.descriptor.coarse_dimensions
    alike, before = (float(light.colour[:coarse] @ one.colour[:coarse]) for one in (seen, unlit))
    assert alike > 0.9
    assert alike > before + 0.2
