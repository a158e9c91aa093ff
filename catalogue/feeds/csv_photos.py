"""Reads the cells of a CSV file that name an article's photos: files in a folder, or addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeAlias

from catalogue.feeds import cells
from catalogue.feeds.csv_fields import SEPARATOR, parallel
from catalogue.feeds.lists import split
from catalogue.feeds.photo_addresses import check_number
from catalogue.feeds.rows import CellError, PhotoOrigin
from catalogue.feeds.table_reader import LeftOut, addresses
from catalogue.feeds.tables import Table

PHOTO_FIELDS = ("photo", "photo_url", "photo_alt")
# Rows that say whether a column has addresses of photos, or names of files.
_LOOKED_AT = 100
_ADDRESS = re.compile("https?:", re.IGNORECASE)
# Returns the file that a cell names, or raises CellError.
Find: TypeAlias = Callable[[str], PhotoOrigin]


def read_photos(
    line: str, column: str, texts: dict[str, str], before: dict[str, Any], *, find: Find | None, left_out: LeftOut
) -> dict[str, Any]:
    """Return the attributes of ArticleRow that say which photos there are, each file or address once.

    `before` has those of the columns before. `find` finds a file by its name; None: no files come with the table.
    """
    names, alts = texts[column], texts.get("photo_alt", "")
    if cells.is_clear(names):
        return {} if before.get("photos") else {"photos": ()}
    # Spelt as in `photos` below.
    parts = [cells.read_text(part, at_most=3 * len(part)) for part in split(names, SEPARATOR)]
    said = parallel("photo_alt", alts, SEPARATOR, len(parts))
    # The first of two that name one file.
    alt_of = dict(reversed([pair for pair in zip(parts, said, strict=True) if pair[0]]))
    only_addresses = column == "photo_url"
    photos = cells.read_list(names, SEPARATOR, at_most=len(names) if only_addresses else cells.MAX_PATH)
    if not photos:
        return {}
    given = [only_addresses or _ADDRESS.match(photo) is not None for photo in photos]
    if before.get("photos") or before.get("photo_urls") or (any(given) and not all(given)):
        raise CellError("photo.files_and_addresses")
    if any(given):
        # A bad one is left out and reported; the article is imported.
        found: dict[str, str] = {}
        for photo in photos:
            for address in addresses([photo], line, left_out):
                found.setdefault(address, alt_of[photo])
        check_number(found)
        read: dict[str, Any] = {"photo_urls": tuple(found)} if found else {}
        said = list(found.values())
    elif find is None:
        return {}
    else:
        read = {"photos": tuple(find(photo) for photo in photos)}
        said = [alt_of[photo] for photo in photos]
    return read | ({"alts": tuple(map(cells.read_name, said))} if alts and read else {})


def names_files(table: Table, indexes: Sequence[int]) -> bool:
    """Return whether columns name files, by their first rows."""
    some = islice((record for _, record in table.records() if isinstance(record, list)), _LOOKED_AT)
    parts = (part.strip() for record in some for index in indexes for part in split(record[index], SEPARATOR))
    return any(part and not _ADDRESS.match(part) for part in parts)
