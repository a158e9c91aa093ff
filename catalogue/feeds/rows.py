"""The interface of readers, and the rows and errors that they yield."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal, Protocol

from catalogue.exceptions import CatalogueError
from catalogue.messages import Message


class FeedError(CatalogueError):
    """A source that cannot be read at all; nothing of it was imported."""

    code = "invalid_feed"


class CellError(CatalogueError):
    """An invalid cell, or an unusable photo that it names; its row is refused."""

    code = "invalid_cell"

    def in_column(self, column: str) -> Message:
        """Return the message with its column added, unless it has one already."""
        if self.message.code == "cell.in_column":
            return self.message
        return Message.of("cell.in_column", column=column, reason=self.message)


@dataclass(frozen=True)
class TaxonomyRow:
    """A category, brand or colour of which a source gives more than the name. An empty slug is made from the name."""

    name: str
    slug: str = ""
    name_fr: str = ""
    # Of a colour: "#1f3a5f".
    hex: str = ""


class PhotoOrigin(Protocol):
    """Where a photo's bytes are: a path, or what is opened as one is."""

    @property
    def name(self) -> str: ...

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Return the bytes as a file. Raises OSError."""


@dataclass(frozen=True)
class VariantRow:
    """What a source says of one variant. `values`: sku, barcode and stock, as far as they are stated."""

    size: str = ""
    colour: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ArticleRow:
    """One article as its source describes it. None: the source does not state it, and the import does not change it."""

    # Position: "12" for a line, "1 #3" for the third item of a document, or the path of a file.
    line: str
    sku: str
    # Attributes of Article by name, validated: name, name_fr, slug, description, description_fr, price, regular_price,
    # currency, sizes, stock, published, style_number.
    values: dict[str, Any] = field(default_factory=dict)
    # Terms are names or TaxonomyRows. A category is a path from the root; () removes the article from its category.
    category: tuple[str | TaxonomyRow, ...] | None = None
    # Further categories, each a path: the article's complete list.
    additional_categories: tuple[tuple[str | TaxonomyRow, ...], ...] | None = None
    brand: str | TaxonomyRow | None = None
    colours: tuple[str | TaxonomyRow, ...] | None = None
    # The article's complete list. The sizes among `values` have each of theirs, and may have more.
    variants: tuple[VariantRow, ...] | None = None
    # Files, checked to be in the folder that the source may name; not yet checked to be pictures.
    photos: tuple[PhotoOrigin, ...] | None = None
    # Normalised URLs of pictures that a worker fetches; the article's complete list. A row has these or `photos`.
    photo_urls: tuple[str, ...] | None = None
    # Alternative texts, one for each of `photos` or `photo_urls`; an empty one states nothing.
    alts: tuple[str, ...] | None = None
    # Whether `photos` is the article's complete list; otherwise they replace its first photos, and the others stay.
    all_photos: bool = True
    # What a new article without a name is called, in English and in French; none: as its sku.
    default_names: tuple[str, str] | None = None
    # What the source calls its columns, by field, where that is another name.
    called: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def error_in(self, name: str, error: CellError) -> CellError:
        """Return an error of a field, with the name that the source has for it."""
        return CellError(error.in_column(self.called.get(name, name)))


@dataclass(frozen=True)
class RowError:
    """One row that was not imported, and why: the cause, then the remedy."""

    line: str
    sku: str
    message: Message


def together(messages: Sequence[Message]) -> Message:
    """Return several messages as one that says them all, the first first."""
    *others, last = messages
    for message in reversed(others):
        last = Message.of("cell.several", one=message, other=last)
    return last


_LINE = re.compile(r"(\d+)(?: #(\d+))?", re.ASCII)


def where(line: str) -> Message:
    """Return the position of a row, to be used in a sentence: a line, an item of a document, or a file."""
    if parts := _LINE.fullmatch(line):
        if parts[2]:
            return Message.of("row.item", line=int(parts[1]), item=int(parts[2]))
        return Message.of("row.line", line=int(parts[1]))
    return Message.of("text", text=line)


def sentence(row: RowError) -> Message:
    """Return one message with the position and sku of a refused row, and why it was refused."""
    if row.sku:
        return Message.of("row.error", where=where(row.line), sku=row.sku, reason=row.message)
    return Message.of("row.error_without_sku", where=where(row.line), reason=row.message)


class Reader(ABC):
    """A source of articles. It can be iterated several times."""

    # Called regularly while a source is read for long before its first row: to renew a lease, or to abort by raising.
    heartbeat: Callable[[], None] | None = None
    # Whether it has photos alone, from which more is to be read than their names say.
    photos_only = False

    def notes(self) -> list[Message]:
        """Return what of the source was not used, such as columns; complete once it has been read."""
        return []

    def peek(self) -> object | None:
        """Return something that stands for the first row, without reading the whole source; None if there is none."""
        return next(iter(self), None)

    @abstractmethod
    def count(self) -> int:
        """Return the number of rows, valid and invalid. Raises FeedError if the source cannot be read at all."""

    @abstractmethod
    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        """Yield each row in the order of the source."""
