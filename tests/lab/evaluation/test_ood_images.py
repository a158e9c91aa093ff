from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.ood_images import BACKGROUND, CALIBRATING, JUDGING, OodImage, ood_images_beside
from lab.evaluation.scenes import SCENES

CORNERS = ["red", "lime", "blue", "yellow"]


def _photos(folder: Path, count: int) -> list[LabelledPhoto]:
    """Return white photos, a patch of another colour in each corner."""
    photo = Image.new("RGB", (100, 200), "white")
    for place, colour in enumerate(CORNERS):
        photo.paste(Image.new("RGB", (20, 40), colour), (place % 2 * 80, place // 2 * 160))
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        photo.save(path)
    return [LabelledPhoto(path, "ann", "Dress", "dress") for path in paths]


@pytest.mark.parametrize("kind", SCENES)
def test_a_drawn_ood_image_depends_on_its_seed_alone(kind: str) -> None:
    first, again = (np.asarray(OodImage(kind, (3, 0)).picture()) for _ in range(2))
    others = [np.asarray(OodImage(kind, (3, number)).picture()) for number in range(1, 5)]

    np.testing.assert_array_equal(first, again)
    assert all(other.tobytes() != first.tobytes() for other in others)


@pytest.mark.parametrize("kind", SCENES)
def test_a_drawn_ood_image_has_the_texture_and_the_colours_of_a_photo(kind: str) -> None:
    for number in range(4):
        picture = OodImage(kind, (1, number)).picture()

        assert (picture.mode, sorted(picture.size)) == ("RGB", [240, 320])
        # A flat drawing has a few dozen colours, a photo thousands.
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 1000


def test_a_background_is_any_one_corner_of_a_photo(tmp_path: Path) -> None:
    pictures = [
        ood_image.picture()
        for ood_image in ood_images_beside(_photos(tmp_path, 40), JUDGING)
        if ood_image.kind == BACKGROUND
    ]

    found = {colour for picture in pictures for _, colour in picture.getcolors() or []}
    assert found == {(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)}
    assert all(20 <= picture.width <= 33 and 40 <= picture.height <= 66 for picture in pictures)
    assert all(len(picture.getcolors() or []) <= 2 for picture in pictures)


def test_ood_images_are_of_every_kind_and_none_calibrates_and_judges(tmp_path: Path) -> None:
    photos = _photos(tmp_path, 9)

    calibrating, judging = (ood_images_beside(photos, seed) for seed in (CALIBRATING, JUDGING))

    kinds = [ood_image.kind for ood_image in judging]
    assert {kind: kinds.count(kind) for kind in kinds} == {"wall": 3, "room": 3, "food": 3, "plant": 3, BACKGROUND: 9}
    assert not set(calibrating[:12]) & set(judging[:12])
