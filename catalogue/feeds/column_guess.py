"""Guesses what the columns of a foreign table are by their headings: our names, and what English and French call it.

Letter case, accents, spaces, signs, and a currency at the end do not matter. Nothing is guessed from words within a
heading: "Prix HT" and "Prix d’achat" are not the price.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from catalogue.feeds.columns import JOINED, MORE_OF

# What a field is called, the surest first: of two columns the surer one gets the field.
_CALLED: dict[str, tuple[str, ...]] = {
    "sku": (
        "sku", "reference", "ref", "ugs", "référence produit", "référence article", "référence interne", "ref produit",
        "ref article", "product reference", "variant sku", "code article", "code produit", "article code",
        "product code", "item code", "article number", "product number", "item number", "part number",
        "style number", "style no",
        "numéro article", "numéro d’article", "n° article", "no article", "article no", "product sku", "handle",
        "url handle", "code", "model", "modèle", "mpn", "product id", "id produit", "item id", "id article", "ean",
        "ean13", "gtin", "code barre", "code barres", "code à barres", "barcode", "id",
    ),
    "name": (
        "name", "nom", "désignation", "libellé", "intitulé", "titre", "title", "product name", "nom du produit",
        "nom produit", "nom de l’article", "nom article", "désignation article", "désignation produit",
        "libellé article", "libellé produit", "product title", "titre du produit", "article name", "item name",
        "item title", "product", "produit", "article", "label", "name en", "english name",
    ),
    "name_fr": (
        "nom fr", "nom français", "nom en français", "titre fr", "titre français", "libellé fr", "libellé français",
        "désignation fr", "désignation française", "french name", "french title", "name french", "title fr",
        "title french",
    ),
    "description": (
        "description", "descriptif", "description longue", "long description", "description complète",
        "full description", "body html", "body", "product description", "description produit",
        "description du produit", "description article", "texte", "text", "détails", "details", "description courte",
        "short description", "résumé", "summary", "description en", "english description",
    ),
    "description_fr": (
        "description française", "description français", "description en français", "descriptif fr",
        "french description", "description french",
    ),
    "price": (
        "price", "prix", "prix ttc", "prix de vente ttc", "prix de vente", "prix vente ttc", "prix vente", "pv ttc",
        "pvttc", "pv", "pvc", "prix public", "prix public ttc", "prix unitaire ttc", "prix unitaire", "prix boutique",
        "tarif ttc", "tarif", "tarif public", "tarif régulier", "price incl tax", "price tax incl",
        "price including tax", "price tax included", "price inc vat", "price incl vat", "price including vat",
        "selling price", "retail price", "regular price", "unit price", "list price", "variant price", "product price",
        "rrp", "pvp", "prix tvac", "prix final", "final price",
    ),
    "regular_price": (
        "price before reduction", "price before the reduction", "price before discount", "prix barré",
        "prix avant réduction", "prix avant remise", "prix avant promo", "prix avant promotion", "prix avant solde",
        "prix avant soldes", "prix d’origine", "prix initial", "ancien prix", "prix de référence", "prix conseillé",
        "prix de comparaison", "compare at", "compare at price", "variant compare at price", "was price", "old price",
        "original price", "initial price", "strike price", "strikethrough price", "msrp",
    ),
    "additional_category": (
        "additional category", "additional categories", "further categories", "other categories", "secondary category",
        "secondary categories", "catégorie supplémentaire", "catégories supplémentaires", "catégorie secondaire",
        "catégories secondaires", "autre catégorie", "autres catégories", "catégories additionnelles",
        "catégories associées",
    ),
    "currency": ("currency", "devise", "monnaie", "currency code", "code devise", "price currency"),
    "colour": (
        "colour", "color", "couleur", "colours", "colors", "couleurs", "coloris", "colour name", "color name",
        "nom couleur", "nom de la couleur", "teinte", "option couleur",
    ),
    "size": (
        "size", "taille", "pointure", "sizes", "tailles", "pointures", "shoe size", "option taille", "size name",
        "tailles disponibles", "available sizes",
    ),
    "stock": (
        "stock", "quantité", "qté", "qty", "quantity", "quantité en stock", "qté en stock", "qté stock",
        "quantité stock", "stock quantity", "stock qty", "quantity in stock", "qty in stock", "stock disponible",
        "quantité disponible", "available quantity", "quantity available", "stock level", "stock on hand", "on hand",
        "inventory", "inventory quantity", "inventory qty", "variant inventory qty", "stocks", "nombre en stock",
    ),
    "published": (
        "published", "publié", "actif", "active", "en ligne", "online", "visible", "affiché", "displayed", "enabled",
        "is published", "is active", "publication", "published on online store",
    ),
    "brand": (
        "brand", "marque", "brands", "marques", "brand name", "nom de la marque", "manufacturer", "fabricant",
        "vendor", "maker", "créateur", "designer",
    ),
    "variant_barcode": (
        "barcodes", "codes barres", "code ean", "code ean 13", "numéro ean", "ean code", "ean number", "gtin 13",
        "gtin 14", "gtin 8", "upc", "code upc", "upc code", "isbn", "variant barcode", "code barres variante",
        "ean variante", "ean upc", "ean gtin", "gtin upc ean or isbn",
    ),
    "variant_stock": (
        "variant stock", "variant quantity", "stock déclinaison",
        "stock by size", "stock per size", "stock variante", "stock par taille",
        "stock par variante", "quantité par taille", "stocks par taille",
    ),
    "variant_sku": (
        "variant skus", "référence déclinaison", "sku variante",
        "sku de la variante", "référence variante", "référence de la variante",
        "variant reference", "sku par taille", "sku by size",
    ),
    "variant_size": (
        "variant size", "taille variante", "taille de la variante", "size of the variant",
    ),
    "variant_colour": (
        "variant colour", "variant color", "couleur variante", "couleur de la variante", "coloris variante",
    ),
    "photo_url": (
        "image url", "image urls", "url image", "url images", "url de l’image", "url des images", "photo urls",
        "url photo", "url photos", "url de la photo", "url des photos", "lien image", "lien photo", "liens images",
        "lien de l’image", "image link", "additional image link", "image src", "image links", "adresse image",
        "adresse photo", "picture url", "picture urls", "url visuel", "product image url",
    ),
    "photo": (
        "photo", "photos", "image", "images", "picture", "pictures", "visuel", "visuels", "photo principale",
        "image principale", "main image", "main photo", "base image", "additional images", "images supplémentaires",
        "photos supplémentaires", "autres photos", "autres images", "image file", "fichier image", "fichier photo",
        "nom de fichier",
    ),
    "photo_alt": (
        "alt", "alt text", "image alt", "image alt text", "texte alternatif", "photo alt text", "légende", "caption",
    ),
    "style_number": (
        "style code", "style id", "style ref", "style reference", "code style", "numéro de modèle", "code modèle",
        "référence modèle", "référence du modèle", "réf modèle", "id modèle",
    ),
    "slug": ("slug", "url key", "url rewritten", "friendly url", "link rewrite"),
}  # fmt: skip
# What a heading of another field means where a surer column has that.
_CALLED_ELSE: dict[str, tuple[str, ...]] = {
    "variant_barcode": ("ean13", "ean", "gtin", "barcode", "code barres", "code barre", "code à barres"),
    "regular_price": ("regular price", "list price", "rrp"),
    "style_number": ("style number", "style no"),
}
# Fields of ours whose names mean something else where they are written in another way: "Variant SKU" is the SKU of a
# table with a row for each variant, "Regular price" often the only price, "Style number" the only number.
_ONLY_EXACTLY = {
    "regular_price", "style_number", "variant_size", "variant_colour", "variant_sku", "variant_barcode", "variant_stock"
}  # fmt: skip
# The levels of a category, from the root on; of each the surest.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("univers", "department", "département"),
    ("rayon", "shelf", "section"),
    (
        "category", "catégorie", "categories", "catégories", "catégorie principale", "main category",
        "product category", "catégorie produit", "catégorie du produit", "category path", "famille", "family",
        "famille de produits", "product type", "type de produit", "type produit", "type d’article", "type",
    ),
    (
        "sous-catégorie", "sous-famille", "sous-rayon", "subcategory", "sub category", "subfamily", "sub family",
        "sous catégories",
    ),
)  # fmt: skip
# The rank of a heading with a number at its end: after all others.
_NUMBERED = 1_000
_CURRENCY = re.compile(r"(?:\s+(?:en|in))?\s+(?:eur|euros?|chf|usd|gbp|cad|dollars?)$")
_NUMBER = re.compile(r"\s*\d{1,3}$")
_IN_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_ADDRESS = re.compile(r"\s*https?:", re.IGNORECASE)


def heading_key(heading: str) -> str:
    """Return what headings have in common that mean the same: letters and digits, without accents and letter case."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    plain = "".join(sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return _CURRENCY.sub("", " ".join(plain.split())).replace(" ", "")


def _ranks(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, str]]:
    """Return rank and field by key."""
    ranks: dict[str, tuple[int, str]] = {}
    for field, called in names.items():
        for rank, name in enumerate(called, start=1):
            ranks.setdefault(heading_key(name), (rank, field))
    return ranks


_RANKS = _ranks(_CALLED)
_ELSE_RANKS = _ranks(_CALLED_ELSE)
_LEVEL_RANKS = _ranks({str(level): called for level, called in enumerate(_LEVELS)})


def _means(heading: str, own: Mapping[str, str]) -> tuple[int, str, str]:
    """Return how sure it is what a heading means (0 is a name of our own), the field, and the level of a category."""
    plain = _IN_BRACKETS.sub("", heading)
    keys = [heading_key(heading), heading_key(plain)]
    is_own = keys[0] in own and (own[keys[0]] not in _ONLY_EXACTLY or heading.lower() == own[keys[0]])
    if is_own and own[keys[0]] != "category":
        return 0, own[keys[0]], ""
    for key in keys:
        if key in _RANKS:
            return *_RANKS[key], ""
        if key in _LEVEL_RANKS:
            rank, level = _LEVEL_RANKS[key]
            return rank, "category", level
    _, field = _RANKS.get(heading_key(_NUMBER.sub("", plain.strip(" _-"))), (0, ""))
    return (_NUMBERED, field, "") if field in JOINED else (0, "", "")


def guess(headings: Sequence[str], samples: Sequence[Sequence[str]], fields: Sequence[str]) -> list[str]:
    """Return the field that each column seems to hold, "" for none: `samples` are some of its cells.

    Each field is given once, unless several columns may hold it.
    """
    own = {heading_key(field): field for field in fields}
    best: dict[str, tuple[int, int]] = {}
    levels: dict[str, tuple[int, int]] = {}
    pictures: list[int] = []
    numbered: dict[int, str] = {}
    for index, heading in enumerate(headings):
        rank, field, level = _means(heading, own)
        if rank == _NUMBERED:
            # "Image 2" is one more of them.
            numbered[index] = field
        if field in {"photo", "photo_url"}:
            pictures.append(index)
        elif level:
            levels[level] = min(levels.get(level, (rank, index)), (rank, index))
        elif field in fields:
            best[field] = min(best.get(field, (rank, index)), (rank, index))
    found = [""] * len(headings)
    for field, (_, index) in best.items():
        found[index] = field
    _give_seconds(found, best, headings)
    for index, field in numbered.items():
        if field in best:
            found[index] = field
    _give_levels(found, levels, headings)
    _give_pictures(found, pictures, samples, [own.get(heading_key(headings[index]), "") for index in pictures])
    # What says more of something that is not there says nothing; nor does a field that is none here.
    present = set(found).intersection(fields)
    without = {field for field, bases in MORE_OF.items() if present.isdisjoint(bases)}
    return [field if field in present - without else "" for field in found]


def _give_seconds(found: list[str], best: Mapping[str, tuple[int, int]], headings: Sequence[str]) -> None:
    """Give the columns whose field another column has what they mean beside it."""
    seconds: dict[str, tuple[int, int]] = {}
    for index, heading in enumerate(headings):
        rank, field = _ELSE_RANKS.get(heading_key(_IN_BRACKETS.sub("", heading)), (0, ""))
        if field and field not in best and not found[index]:
            seconds[field] = min(seconds.get(field, (rank, index)), (rank, index))
    for field, (_, index) in seconds.items():
        found[index] = field


def _give_levels(found: list[str], levels: Mapping[str, tuple[int, int]], headings: Sequence[str]) -> None:
    """Give the columns of a category's levels, where they stand in the order of the tree; else the middle one."""
    indexes = [levels[level][1] for level in sorted(levels)]
    # Our own column has the whole path.
    own = [index for index in indexes if heading_key(headings[index]) == "category"]
    if not own and indexes != sorted(indexes):
        own = [levels[level][1] for level in ("2", "1", "3", "0") if level in levels][:1]
    for index in own or indexes:
        found[index] = "category"


def _give_pictures(
    found: list[str], pictures: Sequence[int], samples: Sequence[Sequence[str]], own: Sequence[str]
) -> None:
    """Give the columns of photos: our own as they are called; else those of addresses if there are any, else files."""
    if all(own) and len(set(own)) == len(own):
        for index, field in zip(pictures, own, strict=True):
            found[index] = field
        return
    at_addresses = [index for index in pictures if any(map(_ADDRESS.match, samples[index]))]
    for index in at_addresses or pictures:
        found[index] = "photo_url" if at_addresses else "photo"
