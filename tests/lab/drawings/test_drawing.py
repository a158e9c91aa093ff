"""Pictures are the same every time, and show the article they are of."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from lab.drawings.article import DrawnArticle
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.darkroom import PhotoOrder, develop
from lab.drawings.draw import draw
from lab.drawings.examples import Example, draw_example, examples
from lab.harness.trial_shop import wait_until

SMALL = (96, 120)


def article(sku: str) -> DrawnArticle:
    return next(article for article in ASSORTMENT if article.sku == sku)


def middle_colour(picture: Image.Image) -> tuple[float, float]:
    """Return the median Cb and Cr, 0 to 255, in the middle of a picture: its colour without its light."""
    width, height = picture.size
    middle = picture.crop((width * 2 // 5, height * 2 // 5, width * 3 // 5, height * 3 // 5))
    planes = np.asarray(middle.convert("YCbCr"), dtype=np.float32)
    return float(np.median(planes[..., 1])), float(np.median(planes[..., 2]))


@pytest.mark.parametrize("view", [0, 1])
def test_a_picture_is_the_same_every_time(view: int) -> None:
    first = draw(article("DR01-01"), view, size=SMALL)
    second = draw(article("DR01-01"), view, size=SMALL)

    assert first.size == SMALL
    assert first.mode == "RGB"
    assert first.tobytes() == second.tobytes()


def test_every_design_is_drawn_inside_the_picture_on_a_light_ground() -> None:
    for demo in ASSORTMENT:
        if not demo.sku.endswith("-01"):
            continue

        picture = np.asarray(draw(demo, 0, size=(48, 60)).convert("L"), dtype=np.float32)

        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert border.min() > 190, demo.sku
        assert np.abs(picture - np.median(border)).max() > 25, demo.sku


@pytest.mark.parametrize("sku", ["TS01-03", "PA01-01", "SK02-02", "OW03-01", "DR03-01"])
def test_both_views_of_an_article_have_its_colour(sku: str) -> None:
    front = middle_colour(draw(article(sku), 0, size=SMALL))
    other = middle_colour(draw(article(sku), 1, size=SMALL))

    assert np.hypot(front[0] - other[0], front[1] - other[1]) < 12


def test_articles_differ_also_where_only_the_colour_does() -> None:
    pictures = [draw(demo, 0, size=SMALL) for demo in ASSORTMENT if demo.sku.startswith("TS01")]

    for first, second in pairwise(pictures):
        assert np.asarray(ImageChops.difference(first, second)).mean() > 10


def test_processes_draw_the_same_pictures_as_one() -> None:
    orders = [PhotoOrder("HA01-01", (0, 1), SMALL), PhotoOrder("SH01-01", (1,), SMALL)]

    here = list(develop(orders, processes=1))
    elsewhere = list(develop(orders, processes=2))

    assert [order for order, _ in here] == orders
    assert [len(files) for _, files in here] == [2, 1]
    assert elsewhere == here


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that ended and was not yet waited for has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_processes_that_draw_end_when_the_one_that_started_them_is_killed() -> None:
    code = (
        "import multiprocessing\n"
        "from lab.drawings.darkroom import PhotoOrder, develop\n"
        "if __name__ == '__main__':\n"
        "    photos = develop([PhotoOrder('HA01-01', (0,), (24, 30))] * 4, processes=2)\n"
        "    next(photos)\n"
        "    print(*(child.pid for child in multiprocessing.active_children()), flush=True)\n"
        "    input()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin and parent.stdout
    children = [int(pid) for pid in parent.stdout.readline().split()]

    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()

    assert len(children) == 2
    wait_until(lambda: not any(map(is_running, children)), within_s=20, what="the children end")


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.slug)
def test_an_example_is_the_same_every_time_and_no_photo_of_the_shop(example: Example) -> None:
    picture = draw_example(example, size=SMALL)

    assert picture.size == SMALL
    assert picture.tobytes() == draw_example(example, size=SMALL).tobytes()
    assert picture.tobytes() not in {draw(example.article, view, size=SMALL).tobytes() for view in (0, 1)}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.slug)
def test_each_example_shows_an_article_of_its_category(example: Example) -> None:
    assert example.article.category == example.slug
