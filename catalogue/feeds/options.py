"""Which options of an article are its sizes and its colours, as shops in many languages call them."""

from __future__ import annotations

import re
from unicodedata import normalize

_SIZES = {
    # English, and what is measured in place of a size.
    "size", "sizes", "age", "waist", "length", "inseam", "cup", "width", "dimensions", "fit size",
    "taille", "tailles", "pointure", "pointures", "âge", "tour de taille", "longueur", "dimension",
    "größe", "grösse", "groesse", "größen", "schuhgröße", "konfektionsgröße", "länge", "alter",
    "talla", "tallas", "tamaño", "tamaños", "número", "taglia", "taglie", "misura", "misure", "numero",
    "tamanho", "tamanhos", "maat", "maten", "schoenmaat", "rozmiar", "rozmiary", "velikost", "veľkosť", "veličina",
    "mărime", "marime", "méret", "storlek", "størrelse", "koko", "dydis", "izmērs", "suurus", "velikost čevljev",
    "размер", "размеры", "розмір", "размери", "μέγεθος", "νούμερο", "beden", "numara", "サイズ", "尺码", "尺寸",
    "사이즈", "حجم", "مقاس",
}  # fmt: skip
_COLOURS = {
    "color", "colour", "colors", "colours", "shade", "shades", "finish",
    "couleur", "couleurs", "coloris", "teinte", "teintes", "nuance", "farbe", "farben", "farbton",
    "color principal", "colores", "colore", "colori", "tinta", "cor", "cores", "kleur", "kleuren", "kolor", "kolory",
    "barva", "farba", "boja", "culoare", "szín", "färg", "farve", "farge", "väri", "spalva", "krāsa", "värv",
    "цвет", "цвета", "колір", "цвят", "χρώμα", "renk", "カラー", "色", "颜色", "顏色", "색상", "لون",
}  # fmt: skip
# Of a variant that is no variant.
_NONE = {"title", "titre", "titel", "título", "titolo"}
# What the word for a size comes with: a system, whom it is for, or what it is of.
_SIZE_WORDS = re.compile(
    r"\b(?:size|sizes|taille|tailles|pointure|größe|grösse|talla|taglia|maat|rozmiar|storlek|størrelse|velikost)\b"
)
_COLOUR_WORDS = re.compile(r"\b(?:colou?rs?|couleurs?|coloris|farbe|kleur|colore|kolor|färg|farve)\b")


def _plain(name: str) -> str:
    name = normalize("NFC", normalize("NFC", name).casefold())
    return " ".join(re.sub(r"\(.*?\)|[:_*#]|^pa[_-]", " ", name).split())


def kind_of(name: str) -> str | None:
    """Return "sizes" or "colours" for the name of an option, "" for one that says nothing, None for any other."""
    plain = _plain(name)
    if not plain or plain in _NONE:
        return ""
    if plain in _COLOURS or (_COLOUR_WORDS.search(plain) and not _SIZE_WORDS.search(plain)):
        return "colours"
    if plain in _SIZES or _SIZE_WORDS.search(plain):
        return "sizes"
    return None
