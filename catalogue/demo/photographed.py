"""The articles of the demo shop with photographs: clothes that people photographed at home.

The photos are from the clothing dataset of Alexey Grigorev and contributors (CC0 1.0), and fetched from there, not
shipped. They were chosen by hand: one garment, nobody in it, and the colour as it looks; those that the shipped models
did not learn from come first. Names, prices and sizes are made up here, by the kind of garment.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from catalogue.demo.assortment import DemoArticle, read_assortment

# photo, sha256, category, kind, colour: the photo's name in the dataset and the digest of its file.
PHOTOGRAPHS_FILE = Path(__file__).parent / "photographs.csv"
# The commit is pinned: what lies at these addresses never changes.
PHOTOGRAPHS_URL = (
    "https://raw.githubusercontent.com/alexeygrigorev/clothing-dataset/7ed86a9cc56763b6acb35e41cb35184e43a5d218/images/"
)
DATASET_URL = "https://github.com/alexeygrigorev/clothing-dataset"
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"


@dataclass(frozen=True)
class _Kind:
    """What a garment is called in both languages, its lowest price in euros, and its sizes."""

    name: str
    name_fr: str
    price: int
    sizes: tuple[str, ...]


_LETTERS = ("XS", "S", "M", "L", "XL")
_WAISTS = ("28", "30", "32", "34", "36")
_NUMBERS = ("34", "36", "38", "40", "42", "44")
_FEET = ("36", "37", "38", "39", "40", "41", "42", "43", "44")
_ONE = ("U",)

_KINDS = {
    "t-shirt": _Kind("T-shirt", "T-shirt", 19, _LETTERS),
    "top": _Kind("long-sleeved top", "Haut à manches longues", 35, _LETTERS),
    "shirt": _Kind("shirt", "Chemise", 39, _LETTERS),
    "trousers": _Kind("trousers", "Pantalon", 49, _WAISTS),
    "jeans": _Kind("jeans", "Jean", 59, _WAISTS),
    "shorts": _Kind("shorts", "Short", 29, _WAISTS),
    "skirt": _Kind("skirt", "Jupe", 39, _NUMBERS),
    "dress": _Kind("dress", "Robe", 55, _NUMBERS),
    "jacket": _Kind("jacket", "Veste", 79, _LETTERS),
    "coat": _Kind("coat", "Manteau", 119, _LETTERS),
    "gilet": _Kind("gilet", "Doudoune sans manches", 69, _LETTERS),
    "shoes": _Kind("shoes", "Chaussures", 69, _FEET),
    "trainers": _Kind("trainers", "Baskets", 69, _FEET),
    "boots": _Kind("boots", "Bottes", 99, _FEET),
    "heels": _Kind("heels", "Escarpins", 79, _FEET),
    "flats": _Kind("ballet flats", "Ballerines", 59, _FEET),
    "sandals": _Kind("sandals", "Sandales", 45, _FEET),
    "clogs": _Kind("clogs", "Sabots", 35, _FEET),
    "hat": _Kind("hat", "Chapeau", 29, _ONE),
    "cap": _Kind("cap", "Casquette", 19, _ONE),
    "beanie": _Kind("beanie", "Bonnet", 19, _ONE),
    "beret": _Kind("beret", "Béret", 25, _ONE),
}
# Each article of a category has one of its own, as shops call their models; alike in both languages.
_MODELS = (
    "Alba", "Bergen", "Cadix", "Delft", "Elba", "Faro", "Gaia", "Hanko", "Ibiza", "Jura",
    "Kos", "Lund", "Malmö", "Nice", "Oslo", "Porto", "Riga", "Siena", "Turin", "Ulm",
    "Vigo", "Ystad", "Zadar", "Arles", "Bari", "Calvi", "Dinan", "Evora", "Fano", "Gand",
    "Hydra", "Ischia", "Java", "Kiel", "Lugano", "Menton", "Namur", "Olbia", "Pau", "Rhodes",
)  # fmt: skip
# Added to the lowest price in turn.
_STEPS = (0, 6, 10, 16, 20)

_DESCRIPTION = (
    "A demo article: its name, price and sizes are made up. Somebody photographed it at home for the clothing dataset "
    "of Alexey Grigorev and contributors, who gave their photos to everybody (CC0 1.0)."
)
_DESCRIPTION_FR = (
    "Un article de démonstration : son nom, son prix et ses tailles sont inventés. Quelqu’un l’a photographié chez lui "
    "pour le « clothing dataset » d’Alexey Grigorev et de ses contributeurs, qui offrent leurs photos à tous (CC0 1.0)."
)


@dataclass(frozen=True)
class Photographed:
    """The articles, and the SHA-256 of their photos by name."""

    articles: tuple[DemoArticle, ...]
    digests: Mapping[str, str]


@cache
def read_photographed(path: Path = PHOTOGRAPHS_FILE) -> Photographed:
    """Return what a file lists, read once per process."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    colours = {colour.slug: colour for colour in read_assortment().colours}
    numbers: dict[str, int] = {}
    articles = []
    for row in rows:
        number = numbers[row["category"]] = numbers.get(row["category"], -1) + 1
        kind, colour = _KINDS[row["kind"]], colours[row["colour"]]
        # Another of them for each category, whose articles take turns in the list.
        model = _MODELS[(number + 7 * list(numbers).index(row["category"])) % len(_MODELS)]
        articles.append(
            DemoArticle(
                sku=f"CD-{row['photo'][:8].upper()}",
                category=row["category"],
                brand="",
                name=f"{model} {kind.name}, {colour.name.lower()}",
                name_fr=f"{kind.name_fr} {model}, {colour.name_fr.lower()}",
                description=_DESCRIPTION,
                description_fr=_DESCRIPTION_FR,
                price=Decimal(kind.price + _STEPS[number % len(_STEPS)]),
                sizes=kind.sizes,
                # A few are sold out.
                stock=number * 7 % 23,
                colours=(colour.slug,),
                photos=(f"{row['photo']}.jpg",),
            )
        )
    return Photographed(tuple(articles), {f"{row['photo']}.jpg": row["sha256"] for row in rows})
