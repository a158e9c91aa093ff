"""Names and slugs: when two names are the same, and what stands for a name in an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from anyascii import anyascii
from django.utils.text import slugify

_NO_LETTERS_OR_DIGITS = re.compile(r"[^\w]+|_+")

# What cameras, phones and programs call files: no word of a person's.
_MADE_UP = re.compile(
    r"""(?:
        [0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}          # a UUID
      | (?=.*\d)[0-9a-f]{12,}                                  # a hash
      | [\d\W_]+                                              # numbers, dates
      | (?:img|image|dsc[fn]?|_?dsc|pxl|vid|mvimg|cimg|imag|sam|gopr|p|photo|picture|pic|scan|bild|foto|capture|file
          |untitled|sans[ ]titre|temp|tmp|new|screenshot|capture[ ]d[’'].?[eé]cran|whatsapp[ ]image
          |signal|fb_img|received|copy|copie|untitled[ ]design)
        [\d\W_]*(?:at[\d\W_]*|wa\d+|[ap]m|edited|hdr|mp|portrait|copy|copie|e)*[\d\W_]*
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def says_nothing(name: str) -> bool:
    """Return whether a file's name, without its extension, was made up by a machine: a UUID, IMG_1234, a hash."""
    return _MADE_UP.fullmatch(clean_name(name)) is not None


def clean_name(name: str) -> str:
    """Return `name` in NFC, its white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def name_key(name: str) -> str:
    """Return what names have in common that are one name: NFC, case folded, white space collapsed.

    Nothing else is left out: "H&M" and "HM", "Été" and "Ete" are different names.
    """
    # Case folding can decompose a character again.
    return unicodedata.normalize("NFC", clean_name(name).casefold())


def derive_slug(name: str, *, at_most: int, default: str) -> str:
    """Return a slug in Latin letters for a name in any script. Not unique: different names may have the same one."""
    latin = anyascii(_NO_LETTERS_OR_DIGITS.sub(" ", unicodedata.normalize("NFC", name)))
    return slugify(latin)[:at_most].strip("-_") or default


def unique_slug(slug: str, *, at_most: int, taken: Callable[[str], bool]) -> str:
    """Return `slug`, or the first of slug-2, slug-3 … that is not `taken`."""
    found, number = slug, 1
    while taken(found):
        number += 1
        ending = f"-{number}"
        found = slug[: at_most - len(ending)] + ending
    return found
