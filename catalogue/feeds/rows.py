"""What every reader yields, whatever it reads from."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalogue.exceptions import CatalogueError
from catalogue.messages import Message


class FeedError(CatalogueError):
    """A source that cannot be read at all; nothing of it was imported."""

    code = "invalid_feed"


class CellError(CatalogueError):
    """A cell, or a photo that it names, that will not do; so its row is refused."""

    code = "invalid_cell"

    def in_column(self, column: str) -> Message:
        """Return what is wrong, and in which column, unless it says so already."""
        if self.message.code == "cell.in_column":
            return self.message
        return Message.of("cell.in_column", column=column, reason=self.message)


@dataclass(frozen=True)
class TaxonomyRow:
    """A category, brand or colour of which a source knows more than the name. What is empty is made from the name."""

    name: str
    slug: str = ""
    name_fr: str = ""
    # Of a colour: "#1f3a5f".
    hex: str = ""


@dataclass(frozen=True)
class ArticleRow:
    """One article as its source describes it. What the source does not speak of is None, and is left as it is."""

    # Where it stands: "12" for a line, "1 #3" for the third item of a document, or the path of a file.
    line: str
    sku: str
    # Attributes of Article by name, checked: name, name_fr, slug, description, description_fr, price, currency, sizes,
    # stock, published.
    values: dict[str, Any] = field(default_factory=dict)
    # Terms are names, or rows. Names from the root of the tree downwards; () takes the article out of its category.
    category: tuple[str | TaxonomyRow, ...] | None = None
    brand: str | TaxonomyRow | None = None
    colours: tuple[str | TaxonomyRow, ...] | None = None
    # Files that are known to lie where the source may point; whether they are pictures is not known yet.
    photos: tuple[Path, ...] | None = None
    # Addresses of pictures, plain ones, that the worker fetches; they are all that the article shall have. A row has
    # these or `photos`.
    photo_urls: tuple[str, ...] | None = None
    # What the photos show, one text for each of `photos` or `photo_urls`; an empty one says nothing.
    alts: tuple[str, ...] | None = None
    # Whether `photos` are all that the article shall have; else they take the place of the first, the others stay.
    all_photos: bool = True


@dataclass(frozen=True)
class RowError:
    """One row that was not imported, and why: the cause, then the remedy."""

    line: str
    sku: str
    message: Message


_LINE = re.compile(r"(\d+)(?: #(\d+))?", re.ASCII)


def where(line: str) -> Message:
    """Return where a row stands, for a sentence: a line, an item of a document, or a file."""
    if parts := _LINE.fullmatch(line):
        if parts[2]:
            return Message.of("row.item", line=int(parts[1]), item=int(parts[2]))
        return Message.of("row.line", line=int(parts[1]))
    return Message.of("text", text=line)


def sentence(row: RowError) -> Message:
    """Return where a refused row stands, which it is and why, in one message."""
    if row.sku:
        return Message.of("row.error", where=where(row.line), sku=row.sku, reason=row.message)
    return Message.of("row.error_without_sku", where=where(row.line), reason=row.message)


class Reader(ABC):
    """A source of articles. May be read several times."""

    # Called now and then where a source is read for long before its first row: for whoever shows that they are alive,
    # or gives it up by raising.
    heartbeat: Callable[[], None] | None = None

    @abstractmethod
    def count(self) -> int:
        """Return the number of rows, good and bad. Raises FeedError where the source cannot be read at all."""

    @abstractmethod
    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        """Yield each row in the order of the source."""
