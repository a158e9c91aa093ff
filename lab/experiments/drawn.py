"""Small data sets of drawn photos in the layout of the real ones, for training and evaluation in the quick mode."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.drawings.article import DrawnArticle
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.darkroom import PhotoOrder, develop

SIZE = (96, 120)
# One contributor is for testing and one for calibration, so at least one of three consecutive articles is for training.
ARTICLES_OF_EACH = 3
CONTRIBUTORS = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """Folders of the drawn data sets: labelled photos, and main and other views of the same articles."""

    data: Path
    luma: Path


def draw_collections(folder: Path) -> Drawn:
    """Draw both data sets into a folder, unless they exist, and return their folders."""
    drawn = Drawn(folder / "clothing", folder / "luma")
    articles = _articles()
    if not (drawn.luma / "pairs.csv").exists():
        for place in (drawn.data, drawn.luma):
            (place / "images").mkdir(parents=True, exist_ok=True)
        orders = [PhotoOrder(article.sku, (0, 1), SIZE) for article in articles]
        for order, (main, other) in develop(orders, processes=1):
            (drawn.data / "images" / f"{order.sku}.jpg").write_bytes(main)
            (drawn.luma / "images" / f"{order.sku}-main.jpg").write_bytes(main)
            (drawn.luma / "images" / f"{order.sku}-other.jpg").write_bytes(other)
        _write_tables(articles, drawn)
    return drawn


def _articles() -> list[DrawnArticle]:
    """Return the first ARTICLES_OF_EACH articles of each category."""
    by_category: dict[str, list[DrawnArticle]] = {}
    for article in ASSORTMENT:
        by_category.setdefault(article.category, []).append(article)
    return [article for articles in by_category.values() for article in articles[:ARTICLES_OF_EACH]]


def _write_tables(articles: Sequence[DrawnArticle], drawn: Drawn) -> None:
    photos = [
        {
            "photo": f"{article.sku}.jpg",
            "contributor": f"contributor {number % CONTRIBUTORS}",
            "label": article.category.capitalize(),
            "category": article.category,
        }
        for number, article in enumerate(articles)
    ]
    views = [{"path": f"images/{article.sku}-{view}.jpg"} for article in articles for view in ("main", "other")]
    pairs = [
        {
            "query_path": f"images/{article.sku}-other.jpg",
            "positive_path": f"images/{article.sku}-main.jpg",
            "colour_match": "1",
            "kind": "clothing",
        }
        for article in articles
    ]
    for file, rows in (
        (drawn.data / "photos.csv", photos),
        (drawn.luma / "gallery.csv", views),
        (drawn.luma / "pairs.csv", pairs),
    ):
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
