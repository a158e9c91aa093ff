"""Reads the demo shop's articles from their file. Knows neither Django nor how the photos were made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

ARTICLES_FILE = Path(__file__).parent / "articles.json"
PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class ShopColour:
    """A colour that shoppers filter by."""

    slug: str
    name: str
    name_fr: str
    hex: str


@dataclass(frozen=True)
class Department:
    """A category of the demo shop, with those below it."""

    slug: str
    name: str
    name_fr: str
    below: tuple[Department, ...] = ()


@dataclass(frozen=True)
class DemoArticle:
    """An article of the demo shop. The price is in euros."""

    sku: str
    category: str  # slug of a Department
    brand: str  # empty: none
    name: str
    name_fr: str
    description: str
    description_fr: str
    price: Decimal
    sizes: tuple[str, ...]
    stock: int
    colours: tuple[str, ...]  # slugs of ShopColour
    photos: tuple[str, ...]  # names of files in PICTURES, in the order of their positions

    @property
    def style_number(self) -> str:
        """The same for the colours of one design: the SKU of each is it and a number. Empty for a photographed one."""
        design, _, colour = self.sku.partition("-")
        return design if len(colour) == 2 else ""


@dataclass(frozen=True)
class Assortment:
    """All that the demo shop sells, in the order in which it is loaded."""

    departments: tuple[Department, ...]
    colours: tuple[ShopColour, ...]
    articles: tuple[DemoArticle, ...]


@cache
def read_assortment(path: Path = ARTICLES_FILE) -> Assortment:
    """Return the assortment of a file, read once per process."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Assortment(
        departments=tuple(map(_department, document["departments"])),
        colours=tuple(ShopColour(**colour) for colour in document["colours"]),
        articles=tuple(map(_article, document["articles"])),
    )


def _department(values: Mapping[str, Any]) -> Department:
    return Department(**{**values, "below": tuple(map(_department, values.get("below", ())))})


def _article(values: Mapping[str, Any]) -> DemoArticle:
    lists = {name: tuple(values[name]) for name in ("sizes", "colours", "photos")}
    return DemoArticle(**{**values, **lists, "price": Decimal(values["price"])})
