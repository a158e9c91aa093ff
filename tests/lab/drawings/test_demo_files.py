"""The demo shop's files are what the assortment says and what drawing it gives."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from catalogue.demo.assortment import ARTICLES_FILE, PICTURES, DemoArticle, read_assortment
from lab.drawings.article import SHOP_COLOURS, DrawnArticle
from lab.drawings.assortment import ASSORTMENT, DEPARTMENTS
from lab.drawings.darkroom import PhotoOrder, develop
from lab.drawings.demo_files import MAX_DIFFERENCE, difference, list_faults
from lab.drawings.draw import SIZE


def kinds_of(article: DrawnArticle) -> set[object]:
    """Return what the article stands for: its category, way of cutting, weave and kind of pattern."""
    pattern = article.cloth.pattern
    cut = (article.cut.__module__, article.cut.__qualname__)
    return {("category", article.category), cut, ("weave", article.cloth.weave), pattern and pattern.kind}


def sample() -> list[tuple[str, int]]:
    """Return sku and view of some photos, always the same: few articles of all kinds together, and every twentieth."""
    left = set(chain.from_iterable(map(kinds_of, ASSORTMENT)))
    chosen = set(ASSORTMENT[::20])
    left -= set(chain.from_iterable(map(kinds_of, chosen)))
    while left:
        # The one that stands for most of what is left.
        article = max(ASSORTMENT, key=lambda article: len(kinds_of(article) & left))
        chosen.add(article)
        left -= kinds_of(article)
    in_order = [article for article in ASSORTMENT if article in chosen]
    return [(article.sku, number % 2) for number, article in enumerate(in_order)]


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a copy of the articles' file, and of the folder of pictures."""
    shutil.copy(ARTICLES_FILE, tmp_path)
    shutil.copytree(PICTURES, tmp_path / PICTURES.name)
    return tmp_path / ARTICLES_FILE.name, tmp_path / PICTURES.name


def test_the_files_have_no_fault_that_is_seen_without_drawing() -> None:
    assert list_faults(ARTICLES_FILE, PICTURES) == []


def test_the_shop_reads_what_the_assortment_says() -> None:
    read = read_assortment()

    assert read.departments == DEPARTMENTS
    assert read.colours == SHOP_COLOURS
    for article, drawn in zip(read.articles, ASSORTMENT, strict=True):
        assert [getattr(article, field.name) for field in fields(DemoArticle)] == [
            getattr(drawn, field.name) for field in fields(DemoArticle)
        ]


@pytest.mark.parametrize(("sku", "view"), sample())
def test_drawing_a_photo_again_gives_the_same_picture(sku: str, view: int) -> None:
    article = next(article for article in ASSORTMENT if article.sku == sku)

    [(_, [drawn])] = develop([PhotoOrder(sku, (view,), SIZE, "WEBP")], processes=1)

    assert difference(drawn, (PICTURES / article.photos[view]).read_bytes()) <= MAX_DIFFERENCE


def test_the_sample_has_photos_of_all_kinds_and_of_both_views() -> None:
    articles = [article for article in ASSORTMENT if article.sku in dict(sample())]

    assert set(chain.from_iterable(map(kinds_of, articles))) == set(chain.from_iterable(map(kinds_of, ASSORTMENT)))
    assert {view for _, view in sample()} == {0, 1}


def test_a_button_that_is_missing_makes_pictures_differ() -> None:
    with Image.open(PICTURES / ASSORTMENT[0].photos[0]) as file:
        picture = file.convert("RGB")
    changed = picture.copy()
    ImageDraw.Draw(changed).ellipse((400, 500, 408, 508), fill="#b23230")

    assert difference(png(picture), png(picture)) == 0
    assert difference(png(picture), png(changed)) > MAX_DIFFERENCE
    assert difference(png(picture), png(picture.resize((400, 500)))) == 255


def test_a_picture_too_many_or_too_few_and_another_price_are_faults(files: tuple[Path, Path]) -> None:
    articles_file, pictures = files
    (pictures / "TS01-01-1.webp").rename(pictures / "stray.webp")
    document = json.loads(articles_file.read_text(encoding="utf-8"))
    document["articles"][0]["price"] = "1.00"
    articles_file.write_text(json.dumps(document), encoding="utf-8")

    assert list_faults(articles_file, pictures) == [
        "articles.json is not what lab/drawings/assortment says.",
        "TS01-01-1.webp is missing.",
        "stray.webp belongs to no article.",
    ]


def test_more_than_9_mb_is_a_fault(files: tuple[Path, Path]) -> None:
    articles_file, pictures = files
    with (pictures / "TS01-01-1.webp").open("ab") as file:
        file.truncate(9_000_000)

    [fault] = list_faults(articles_file, pictures)

    assert "they may take 9." in fault
