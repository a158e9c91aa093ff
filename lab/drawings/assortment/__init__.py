"""The demo shop's assortment: what it sells, in English and French, and how each design is cut."""

from __future__ import annotations

import hashlib

from catalogue.demo.assortment import Department
from lab.drawings.article import DrawnArticle, articles_of
from lab.drawings.assortment.accessories import HATS, SHOES
from lab.drawings.assortment.bottoms import SHORTS, TROUSERS
from lab.drawings.assortment.dresses import DRESSES, SKIRTS
from lab.drawings.assortment.outerwear import OUTERWEAR
from lab.drawings.assortment.shirts import SHIRTS
from lab.drawings.assortment.tops import TOPS

DEPARTMENTS = (
    Department(
        "tops",
        "Tops",
        "Hauts",
        (
            Department("t-shirt", "T-shirts", "T-shirts"),
            Department("longsleeve", "Long-sleeved tops", "Hauts à manches longues"),
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
ASSORTMENT: tuple[DrawnArticle, ...] = tuple(
    sorted(articles_of(_DESIGNS), key=lambda article: hashlib.sha256(article.sku.encode()).digest())
)
