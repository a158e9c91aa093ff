from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.evaluation.gallery import Gallery
from lab.evaluation.room_queries import cut_out, room_photo

ONE, OTHER, BETWEEN = np.eye(2, dtype=np.float32)[:1], np.eye(2, dtype=np.float32)[1:], np.array([[0.6, 0.8]], "f4")


@pytest.fixture
def gallery() -> Gallery:
    return Gallery.of([ONE, np.concatenate([ONE, OTHER]), BETWEEN])


def test_a_photo_counts_by_its_best_vector(gallery: Gallery) -> None:
    np.testing.assert_allclose(gallery.similarities(np.concatenate([ONE, OTHER])), [[1, 1, 0.6], [0, 1, 0.8]])


def test_galleries_side_by_side_number_on(gallery: Gallery) -> None:
    both = gallery.beside(gallery)

    np.testing.assert_allclose(both.similarities(OTHER), [[0, 1, 0.8, 0, 1, 0.8]])


def test_a_part_of_a_gallery_is_numbered_anew(gallery: Gallery) -> None:
    np.testing.assert_allclose(gallery.only([1, 2]).similarities(OTHER), [[1, 0.8]])


def studio() -> Image.Image:
    """Return a red figure with a white pocket before white."""
    photo = Image.new("RGB", (240, 320), "#ffffff")
    photo.paste("#b00020", (80, 80, 160, 240))
    photo.paste("#ffffff", (110, 140, 130, 160))
    return photo


def test_white_is_cut_away_only_where_it_reaches_the_border() -> None:
    mask = cut_out(studio())

    assert [mask.getpixel(place) for place in ((5, 5), (120, 100), (120, 150))] == [0, 255, 255]


def test_a_figure_is_put_into_a_room_the_same_way_each_time(tmp_path: Path) -> None:
    file, room = tmp_path / "figure.png", tmp_path / "room.png"
    studio().save(file)
    Image.new("RGB", (300, 300), "#4060a0").save(room)

    made = room_photo(file, [room])

    assert made.tobytes() == room_photo(file, [room]).tobytes()
    pixels = np.asarray(made, np.float32)
    red, blue = (pixels[..., one] > 1.3 * pixels[..., other] for one, other in ((0, 2), (2, 0)))
    # Of the picture a third at most is the figure, and the rest is the room.
    assert 0.1 < red.mean() < 0.4
    assert blue.mean() > 0.4
