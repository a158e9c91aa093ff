"""Data model of demo articles before drawing: shades, colourways and designs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from catalogue.demo.assortment import DemoArticle, ShopColour
from lab.drawings.pattern import Pattern
from lab.drawings.piece import Cloth, Garment

Cut = Callable[[Cloth, np.random.Generator, str], Garment]


# Photos of each article.
VIEWS = 2

SHOP_COLOURS = (
    ShopColour("white", "White", "Blanc", "#f5f3ee"),
    ShopColour("beige", "Beige", "Beige", "#d8c6a6"),
    ShopColour("grey", "Grey", "Gris", "#8f9194"),
    ShopColour("black", "Black", "Noir", "#1f1e1f"),
    ShopColour("brown", "Brown", "Marron", "#6f4a30"),
    ShopColour("red", "Red", "Rouge", "#a62f30"),
    ShopColour("pink", "Pink", "Rose", "#e0a4a8"),
    ShopColour("orange", "Orange", "Orange", "#c96f42"),
    ShopColour("yellow", "Yellow", "Jaune", "#dcae3c"),
    ShopColour("green", "Green", "Vert", "#5e7a55"),
    ShopColour("blue", "Blue", "Bleu", "#5f86b3"),
    ShopColour("navy", "Navy", "Bleu marine", "#25324d"),
    ShopColour("purple", "Purple", "Violet", "#6d5580"),
)


@dataclass(frozen=True)
class Shade:
    """A dye: its names, its value, and the shop's colour it counts as."""

    name: str
    name_fr: str
    hex: str
    colour: str


SHADES = {
    "white": Shade("white", "blanc", "#f1efea", "white"),
    "ecru": Shade("ecru", "écru", "#ece2cf", "white"),
    "sand": Shade("sand", "sable", "#c9b08a", "beige"),
    "camel": Shade("camel", "camel", "#b58555", "beige"),
    "oat": Shade("oat", "avoine", "#d5c5aa", "beige"),
    "grey": Shade("grey marl", "gris chiné", "#a3a5a7", "grey"),
    "anthracite": Shade("charcoal", "anthracite", "#47494d", "grey"),
    "black": Shade("black", "noir", "#28272a", "black"),
    "chocolate": Shade("chocolate", "chocolat", "#553729", "brown"),
    "cognac": Shade("cognac", "cognac", "#965a30", "brown"),
    "red": Shade("poppy red", "coquelicot", "#b23230", "red"),
    "burgundy": Shade("burgundy", "bordeaux", "#6b2431", "red"),
    "rose": Shade("rose", "rose", "#dda6a4", "pink"),
    "blush": Shade("blush", "rose poudré", "#ecd0c8", "pink"),
    "terracotta": Shade("terracotta", "terre cuite", "#bd6a48", "orange"),
    "rust": Shade("rust", "rouille", "#9c4f2c", "orange"),
    "mustard": Shade("mustard", "moutarde", "#c9942f", "yellow"),
    "lemon": Shade("lemon", "citron", "#ecd371", "yellow"),
    "sage": Shade("sage", "sauge", "#9aa888", "green"),
    "olive": Shade("olive", "olive", "#6a6b45", "green"),
    "pine": Shade("pine", "sapin", "#2e5343", "green"),
    "sky": Shade("sky blue", "bleu ciel", "#a9c3dc", "blue"),
    "denim": Shade("mid blue", "bleu moyen", "#4f729c", "blue"),
    "raw": Shade("dark indigo", "indigo foncé", "#2b3c58", "navy"),
    "bleached": Shade("light blue", "bleu clair", "#93aecb", "blue"),
    "petrol": Shade("petrol", "bleu pétrole", "#2f6070", "blue"),
    "navy": Shade("navy", "bleu marine", "#27344f", "navy"),
    "lilac": Shade("lilac", "lilas", "#b3a2c6", "purple"),
    "plum": Shade("plum", "prune", "#5b3a55", "purple"),
}


@dataclass(frozen=True)
class Way:
    """A colourway: the main shade, a second colour for trims, and perhaps a pattern."""

    shade: str
    accent: str = ""
    pattern: Pattern | None = None
    also: tuple[str, ...] = ()  # more of the shop's colours


@dataclass(frozen=True)
class Design:
    """A model of a brand, in several colourways. The price is in euros."""

    code: str
    category: str
    brand: str
    name: str
    name_fr: str
    text: str
    text_fr: str
    price: str
    sizes: tuple[str, ...]
    cut: Cut
    cloth: Cloth
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class DrawnArticle(DemoArticle):
    """One design in one colourway: an article of the shop, and what its photos are drawn from."""

    cut: Cut
    cloth: Cloth
    accent: str


LETTERS = ("XS", "S", "M", "L", "XL")
WAISTS = ("28", "30", "32", "34", "36")
WOMEN = ("34", "36", "38", "40", "42", "44")
FEET = ("36", "37", "38", "39", "40", "41", "42", "43", "44", "45")
HEADS = ("56", "58", "60")
ONE = ("U",)


def articles_of(designs: Sequence[Design]) -> list[DrawnArticle]:
    """Return one article per colourway; every eleventh or so is out of stock."""
    articles = []
    for design in designs:
        for number, way in enumerate(design.ways, start=1):
            shade = SHADES[way.shade]
            sku = f"{design.code}-{number:02d}"
            turn = sum(map(ord, sku)) * 7
            ground = way.pattern.colours[0] if way.pattern else shade.hex
            articles.append(
                DrawnArticle(
                    sku=sku,
                    category=design.category,
                    brand=design.brand,
                    name=f"{design.name}, {shade.name}",
                    name_fr=f"{design.name_fr}, {shade.name_fr}",
                    description=design.text,
                    description_fr=design.text_fr,
                    price=Decimal(design.price),
                    sizes=design.sizes,
                    stock=0 if turn % 11 == 0 else 3 + turn % 38,
                    colours=(shade.colour, *way.also),
                    photos=tuple(f"{sku}-{view + 1}.webp" for view in range(VIEWS)),
                    cut=design.cut,
                    cloth=replace(design.cloth, colour=ground, pattern=way.pattern),
                    accent=way.accent or shade.hex,
                )
            )
    return articles
