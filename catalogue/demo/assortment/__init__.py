"""The demo shop's assortment: what it sells, in English and French."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from catalogue.demo.article import DemoArticle, articles_of
from catalogue.demo.assortment.accessories import HATS, SHOES
from catalogue.demo.assortment.bottoms import SHORTS, TROUSERS
from catalogue.demo.assortment.dresses import DRESSES, SKIRTS
from catalogue.demo.assortment.outerwear import OUTERWEAR
from catalogue.demo.assortment.shirts import SHIRTS
from catalogue.demo.assortment.tops import TOPS


@dataclass(frozen=True)
class Department:
    """A category of the demo shop, with those below it."""

    slug: str
    name: str
    name_fr: str
    below: tuple[Department, ...] = ()


DEPARTMENTS = (
    Department(
        "tops",
        "Tops",
        "Hauts",
        (
            Department("t-shirt", "T-shirts", "T-shirts"),
            Department("longsleeve", "Long sleeves", "Manches longues"),
            Department("shirt", "Shirts", "Chemises"),
        ),
    ),
    Department(
        "bottoms",
        "Bottoms",
        "Bas",
        (
            Department("pants", "Trousers", "Pantalons"),
            Department("shorts", "Shorts", "Shorts"),
            Department("skirt", "Skirts", "Jupes"),
        ),
    ),
    Department(
        "dresses-coats",
        "Dresses and coats",
        "Robes et manteaux",
        (
            Department("dress", "Dresses", "Robes"),
            Department("outwear", "Coats and jackets", "Manteaux et vestes"),
        ),
    ),
    Department(
        "accessories",
        "Shoes and hats",
        "Chaussures et chapeaux",
        (
            Department("shoes", "Shoes", "Chaussures"),
            Department("hat", "Hats", "Chapeaux"),
        ),
    ),
)

_DESIGNS = (*TOPS, *SHIRTS, *DRESSES, *SKIRTS, *TROUSERS, *SHORTS, *OUTERWEAR, *SHOES, *HATS)
# Mixed, always in the same way: pages that list the newest first show a bit of everything.
ASSORTMENT: tuple[DemoArticle, ...] = tuple(
    sorted(articles_of(_DESIGNS), key=lambda article: hashlib.sha256(article.sku.encode()).digest())
)
