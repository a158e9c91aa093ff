"""The files that the demo shop is loaded from: written from the assortment and its drawings, and compared with them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from catalogue.demo.assortment import DemoArticle, Department
from lab.drawings.article import SHOP_COLOURS, VIEWS, DrawnArticle
from lab.drawings.assortment import ASSORTMENT, DEPARTMENTS
from lab.drawings.darkroom import PhotoOrder, develop
from lab.drawings.draw import SIZE

# What everyone who clones the project downloads.
MAX_BYTES = 9_000_000
# The largest difference of two pictures that count as alike: see `difference`. It is 0 with the pinned libraries, also
# without AVX2. With NumPy 1.26 and libwebp 1.4 it is 0 for most, but an encoder's choices can hang on a pixel's last
# bit: 0.79 at most, of thirty. Folds that are 5 % stronger make 1.7.
MAX_DIFFERENCE = 1.2
BLOCK_SIDE = 50


def articles_text(articles: Iterable[DemoArticle] = ASSORTMENT) -> str:
    """Return the text of `articles.json`, with a line for each value, so that a change of one is a line of a diff."""
    rows = [
        "    {\n"
        + ",\n".join(f"      {_json(name)}: {_json(value)}" for name, value in _values(article).items())
        + "\n    }"
        for article in articles
    ]
    parts = {
        "departments": [f"    {_json(_department(department))}" for department in DEPARTMENTS],
        "colours": [f"    {_json(asdict(colour))}" for colour in SHOP_COLOURS],
        "articles": rows,
    }
    lists = [f"  {_json(name)}: [\n" + ",\n".join(lines) + "\n  ]" for name, lines in parts.items()]
    return "{\n" + ",\n".join(lists) + "\n}\n"


def draw_photos(
    articles: Sequence[DrawnArticle] = ASSORTMENT, *, processes: int = 1, size: tuple[int, int] = SIZE
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each photo of the articles, in order."""
    names = {article.sku: article.photos for article in articles}
    orders = [PhotoOrder(article.sku, tuple(range(VIEWS)), size, "WEBP") for article in articles]
    for order, files in develop(orders, processes=processes):
        yield from zip(names[order.sku], files, strict=True)


def difference(first: bytes, second: bytes) -> float:
    """Return how far two pictures differ, in shades of 255; 255 where their sizes differ.

    It is the mean absolute difference of all pixels or, where that is larger, the largest difference of a block's mean
    colours, BLOCK_SIDE pixels wide: a missing button hardly changes the former.
    """
    pictures = [Image.open(io.BytesIO(content)).convert("RGB") for content in (first, second)]
    pixels = [np.asarray(picture, dtype=np.float32) for picture in pictures]
    if pixels[0].shape != pixels[1].shape:
        return 255.0
    shades = pixels[0] - pixels[1]
    blocks = [np.asarray(Image.fromarray(plane).reduce(BLOCK_SIDE)) for plane in np.moveaxis(shades, 2, 0)]
    return max(float(np.abs(shades).mean()), float(np.abs(blocks).max()))


def list_faults(articles_file: Path, pictures: Path) -> list[str]:
    """Return what is wrong with the files at first sight, without drawing anything; an empty list if nothing is."""
    faults = []
    if articles_file.read_text(encoding="utf-8") != articles_text():
        faults.append(f"{articles_file.name} is not what lab/drawings/assortment says.")
    named = {name for article in ASSORTMENT for name in article.photos}
    stored = {file.name: file.stat().st_size for file in pictures.iterdir()}
    faults += [f"{name} is missing." for name in sorted(named - stored.keys())]
    faults += [f"{name} belongs to no article." for name in sorted(stored.keys() - named)]
    total = sum(stored.values())
    if total > MAX_BYTES:
        faults.append(f"The pictures take {total / 1e6:.2f} MB; they may take {MAX_BYTES / 1e6:g}.")
    return faults


def compare_photos(drawn: Iterable[tuple[str, bytes]], pictures: Path) -> Iterator[tuple[str, float]]:
    """Yield each drawn photo's name and its difference from the file of that name; 255 where there is none."""
    for name, content in drawn:
        file = pictures / name
        yield name, difference(content, file.read_bytes()) if file.is_file() else 255.0


def _values(article: DemoArticle) -> dict[str, Any]:
    """Return what the shop is to know of the article: the fields of DemoArticle, not those that it is drawn from."""
    values = {field.name: getattr(article, field.name) for field in fields(DemoArticle)}
    return {**values, "price": str(article.price)}


def _department(department: Department) -> Mapping[str, Any]:
    values = {"slug": department.slug, "name": department.name, "name_fr": department.name_fr}
    return {**values, "below": [_department(child) for child in department.below]} if department.below else values


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
