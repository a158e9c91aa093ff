"""Why a row or a file was not imported, in the language of whoever reads it.

The readers know no reader of theirs and speak English; what they say most is known here, and the rest stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext, gettext_noop

# Of rows. What varies is a name in the sentence.
_ROWS = (
    gettext_noop("it is empty. Give each article a number of its own"),
    gettext_noop("it is empty. Give each item a number of its own"),
    gettext_noop("it is empty. Give each product a handle of its own"),
    gettext_noop("it has %(length)s characters; %(most)s are possible. Shorten it"),
    gettext_noop("it contains control characters. Remove them, or save the file as UTF-8"),
    gettext_noop("%(text)s is not a price. Write it as 1299.00, without a currency"),
    gettext_noop("%(text)s is not a price. Write it as 1299.00 EUR"),
    gettext_noop("%(text)s is not a currency. Write its three letters, as in EUR"),
    gettext_noop("%(text)s is not a number of pieces. Write 0 or more, in digits"),
    gettext_noop("%(text)s is neither yes nor no. Write yes or no"),
    gettext_noop("%(text)s is no part of an address. Write Latin letters, digits and hyphens"),
    gettext_noop("%(text)s is not a colour. Write it as #1f3a5f"),
    gettext_noop("%(text)s is not known. Write in_stock, out_of_stock, preorder or backorder"),
    gettext_noop("%(place)s has the same. Give each article a number of its own"),
    gettext_noop("%(text)s differs in capitals only. Write it the same, or give another"),
    gettext_noop("%(cells)s cells under %(columns)s columns. Quote cells that hold a separator"),
    gettext_noop("%(error)s. Look for a quotation mark without its pair"),
    gettext_noop("it is %(depth)s levels deep; %(most)s are possible. Leave some out"),
    gettext_noop("there are %(number)s; %(most)s are possible. Leave some out"),
    gettext_noop("the items of a group have several currencies. Give them one"),
)
# Of files.
_FILES = (
    gettext_noop("%(file)s is empty. Choose another file."),
    gettext_noop("%(file)s has no articles. Choose another file."),
    gettext_noop("%(file)s is not a text file. Save the table as CSV, or choose the feed as XML or TSV."),
    gettext_noop("%(file)s cannot be kept here: %(error)s. Look whether the disk is full."),
    gettext_noop("%(file)s cannot be read: %(error)s."),
    gettext_noop(
        "%(file)s has no column %(column)s. Its columns are %(columns)s. Map the field %(field)s to one of them."
    ),
    gettext_noop("%(file)s has no column 'Handle'. Export the products from Shopify anew."),
    gettext_noop("%(file)s has no column 'id'. Its first line must name the attributes."),
    gettext_noop("Two columns of %(file)s are called %(column)s. Rename one."),
    gettext_noop("There is no field %(field)s. The fields are %(fields)s."),
    gettext_noop("%(pair)s is not FIELD=COLUMN, as in sku=reference."),
    gettext_noop(
        "%(file)s is not %(encoding)s. Save it as UTF-8, or name its encoding; that of Windows in western Europe is "
        "cp1252."
    ),
    gettext_noop("%(file)s is not XML from line %(line)s on: %(error)s. Have it written anew, or name its encoding."),
    gettext_noop(
        "%(file)s is not read: it has a document type declaration, which a feed needs not and an attack does. "
        "Remove it, in line %(line)s."
    ),
    gettext_noop("%(file)s is not read: it begins with %(tag)s, and a feed with rss or feed, in line %(line)s."),
    gettext_noop("%(file)s is not a CSV file: %(error)s."),
    gettext_noop("Line %(line)s of %(file)s has more than %(most)s characters. No feed has such lines."),
    gettext_noop("The import of %(file)s broke off %(times)s times at row %(row)s."),
)
_FIELD = re.compile(r"(?P<field>[\w ]+): (?P<rest>.+)", re.DOTALL)
_PLACES = (gettext_noop("line %(line)s"), gettext_noop("item %(number)s, line %(line)s"))


def in_language(reason: str) -> str:
    """Return why something was refused in the active language; `field: reason` keeps its field."""
    prefixed = _FIELD.fullmatch(reason)
    if prefixed and (said := _translated(prefixed["rest"], _ROWS)):
        return f"{prefixed['field']}: {said}"
    return _translated(reason, _FILES + _ROWS) or reason


def place_in_language(place: str) -> str:
    return _translated(place, _PLACES) or place


def _translated(said: str, known: tuple[str, ...]) -> str | None:
    for text in known:
        if found := _pattern(text).fullmatch(said):
            parts = {name: _translated(part, _PLACES) or part for name, part in found.groupdict().items()}
            return gettext(text) % parts
    return None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(text)), re.DOTALL)
