"""Photos of a pile are put together by name, by order and by what they show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalogue.naming import says_nothing
from visualsearch.services.piles.grouping import View, group, stem_of
from visualsearch.vectors import normalise


def like(*numbers: float) -> Any:
    return normalise(np.array(numbers, np.float32))


RED, REDDISH, BLUE, GREEN = like(1, 0, 0), like(1, 0.9, 0), like(0, 0, 1), like(0, 1, 0)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("D-17_front.jpg", "d-17"), ("D-17-2.jpg", "d-17"), ("IMG_12-1.jpg", "img_12"), ("IMG_12 (2).jpg", "img_12"),
        ("dress/Été 3.jpg", "dress/été"), ("IMG_1234.jpg", ""), ("photo-1.jpg", ""), ("DSC01234.JPG", ""),
        ("3f2b8c1e-7a2d-4a5b-9c3d-1234567890ab.jpg", ""), ("linen dress.jpg", "linen dress"),
    ],
)  # fmt: skip
def test_views_of_one_article_share_a_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.parametrize("name", ["IMG_1234", "PXL_20240501_123456789", "DSC01234", "9f86d081884c7d65", "20240501",
                                  "WhatsApp Image 2024-05-01 at 10.11.12", "photo 3", "Screenshot_2024"])  # fmt: skip
def test_what_a_camera_calls_a_file_says_nothing(name: str) -> None:
    assert says_nothing(name)


@pytest.mark.parametrize("name", ["linen dress", "D-0017", "Imogen", "A-1", "robe été", "facade", "P-12x", "dress 3"])
def test_what_people_call_a_file_says_something(name: str) -> None:
    assert not says_nothing(name)


def test_names_decide_whatever_photos_look_like() -> None:
    views = [View("A_front.jpg", RED), View("B_front.jpg", RED), View("A_back.jpg", BLUE), View("B_back.jpg", BLUE)]

    assert group(views) == [[0, 2], [1, 3]]


def test_photos_that_follow_each_other_are_one_article_if_they_are_somewhat_alike() -> None:
    views = [View(f"IMG_000{n}.jpg", vector) for n, vector in enumerate([RED, REDDISH, BLUE, GREEN, REDDISH])]

    assert group(views) == [[0, 1], [2], [3, 4]]


def test_photos_apart_are_one_article_only_if_they_are_very_much_alike() -> None:
    views = [View(f"IMG_000{n}.jpg", vector) for n, vector in enumerate([RED, BLUE, RED, GREEN, REDDISH, BLUE])]

    assert [0, 2] in group(views)
    assert [1, 5] in group(views)


def test_photos_without_a_vector_are_put_together_by_name_alone() -> None:
    views = [View("A-1.jpg", None), View("A-2.jpg", None), View("IMG_1.jpg", None), View("IMG_2.jpg", None)]

    assert group(views) == [[0, 1], [2], [3]]
    assert group([]) == []


def test_a_series_of_photos_that_are_all_alike_is_no_article() -> None:
    views = [View(f"IMG_{n:04d}.jpg", RED) for n in range(40)]

    assert [len(members) for members in group(views)] == [12, 12, 12, 4]


def test_a_name_that_dozens_of_photos_share_is_no_article() -> None:
    views = [View(f"dress-{n}.jpg", None) for n in range(40)]

    assert len(group(views)) == 40
