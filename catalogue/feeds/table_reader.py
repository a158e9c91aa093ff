"""What the readers of foreign tables share: headings to fields, lines to articles, and what was not used."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from catalogue.feeds.grouping import BadLine, GroupingReader, Line, Texts
from catalogue.feeds.photo_addresses import check_number, read_address
from catalogue.feeds.rows import CellError, RowError
from catalogue.feeds.tables import DELIMITERS, BadRecord, open_table
from catalogue.messages import Message
from catalogue.messages.message import shorten

# A note names at most this many columns, options or pictures.
NAMED_AT_MOST = 20


class TableReader(GroupingReader):
    """A table in which an article has one line or several."""

    delimiters: ClassVar[str] = DELIMITERS

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding
        # The fields that have a column.
        self.present: set[str] = set()
        self._unused: list[str] = []
        self._left_out = LeftOut()

    @abstractmethod
    def field_of(self, heading: str) -> str | None:
        """Return what a column is called here; None for one that is not used."""

    @abstractmethod
    def check_fields(self) -> None:
        """Raise FeedError if a column is missing in `present`."""

    @abstractmethod
    def line_of(self, line: str, texts: Texts) -> Line | BadLine:
        """Return a line with its key."""

    def lines(self) -> Iterator[Line | BadLine]:
        self._left_out = LeftOut()
        with open_table(self.path, encoding=self.encoding, delimiters=self.delimiters) as table:
            fields = [self.field_of(heading) for heading in table.header]
            self.present = set(filter(None, fields))
            self.check_fields()
            self._unused = [name for name, field in zip(table.header, fields, strict=True) if name and field is None]
            for line, record in table.records():
                cells = record.cells if isinstance(record, BadRecord) else record
                texts: Texts = {}
                for field, text in zip(fields, cells, strict=False):
                    if field and text:
                        texts.setdefault(field, []).append(text)
                if not isinstance(record, BadRecord):
                    yield self.line_of(line, texts)
                    continue
                known = self.line_of(line, texts) if texts else None
                if isinstance(known, Line):
                    yield BadLine(RowError(line, known.sku, record.error.message), known.key)
                else:
                    yield BadLine(record.error)

    def notes(self) -> list[Message]:
        notes = []
        if self._unused:
            notes.append(Message.of("feed.unused_columns", columns=some(self._unused)))
        return notes + self._left_out.notes()

    def left_out(self, code: str, what: str) -> None:
        """Note that something was not used, to be reported once all has been read."""
        self._left_out.add(code, what)

    def addresses(self, line: str, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses of pictures, each once. A bad one is left out and noted: it costs no article."""
        return addresses(urls, line, self._left_out)


def some(names: list[str]) -> list[str]:
    """Return as many names as a note has room for, and an ellipsis for the others."""
    return names[:NAMED_AT_MOST] + ["…"] * (len(names) > NAMED_AT_MOST)


class LeftOut:
    """What a reader did not use, by the code of its message: how often, and the first of its kind by name."""

    def __init__(self) -> None:
        self._found: dict[str, Counter[str]] = {}

    def add(self, code: str, what: str) -> None:
        found = self._found.setdefault(code, Counter())
        if what in found or len(found) < NAMED_AT_MOST:
            found[what] += 1
        else:
            found[""] += 1

    def notes(self) -> list[Message]:
        return [
            Message.of(code, number=found.total(), names=[what for what in found if what])
            for code, found in self._found.items()
        ]


def addresses(urls: Iterable[str], line: str, left_out: LeftOut) -> tuple[str, ...]:
    """Return the addresses of pictures, each once; bad ones are noted. Raises CellError for too many."""
    found: dict[str, None] = {}
    for url in filter(None, (url.strip() for url in urls)):
        try:
            found[read_address(url)] = None
        except CellError:
            left_out.add("feed.pictures_left_out", f"{line}: {shorten(url, 60)}")
    check_number(found)
    return tuple(found)
