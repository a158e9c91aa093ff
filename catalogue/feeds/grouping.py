"""Groups the lines of a source by article, wherever they are in it, in bounded memory."""

from __future__ import annotations

import json
import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TypeAlias, TypeVar

from catalogue.feeds import cells
from catalogue.feeds.rows import ArticleRow, CellError, Reader, RowError, where
from catalogue.messages import Message

Meant = TypeVar("Meant")

# The texts of each field of a line; several where a field is repeated.
Texts: TypeAlias = dict[str, list[str]]

# The lines of one article are held in memory; more than this indicate a malformed source.
LINES_AT_MOST = 5_000
# This many lines are read in about a second.
LINES_A_HEARTBEAT = 10_000


@dataclass(frozen=True)
class Line:
    """One line or entry of a source: its position, the key that groups it, its sku and its texts."""

    line: str
    key: str
    # As written in the source, for messages.
    sku: str
    texts: Texts
    # Whether the line can only be the first one of its article, so that a line before it is of another.
    starts: bool = False
    # Whether other lines may be of the same article.
    shares: bool = True

    def first(self, name: str) -> str:
        """Return the first non-empty text of a field, without the white space around it; "" if there is none."""
        return next((text for text in (text.strip() for text in self.texts.get(name, ())) if text), "")

    def read(self, name: str, meaning: Callable[[str], Meant]) -> Meant:
        """Return the first text of a field, parsed by `meaning`. Raises BadLineError if that raises CellError."""
        return self.read_part(name, self.first(name), meaning)

    def read_part(self, name: str, text: str, meaning: Callable[[str], Meant]) -> Meant:
        """Return what a part of a field means. Raises BadLineError for one that is invalid."""
        try:
            return meaning(text)
        except CellError as error:
            raise BadLineError(self, error.in_column(name)) from error

    def text(self, name: str, *, at_most: int) -> str:
        return self.read(name, lambda text: cells.read_text(text, at_most=at_most))


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be read, so that the article that it is of is not imported.

    Its key is None where it is not known: the line may be of the article before it or of the one after.
    """

    error: RowError
    key: str | None = None


class BadLineError(CellError):
    """An invalid line, for which its whole article is refused."""

    def __init__(self, line: Line, message: Message) -> None:
        self.line = line
        super().__init__(message)


class GroupingReader(Reader):
    """A source that has several lines per article."""

    @abstractmethod
    def lines(self) -> Iterator[Line | BadLine]:
        """Yield the lines in the order of the source. Raises FeedError if it cannot be read at all."""

    @abstractmethod
    def article(self, lines: list[Line]) -> ArticleRow:
        """Return the article that the lines of one key describe. Raises BadLineError."""

    def peek(self) -> object | None:
        # The first article is known after the whole source was read.
        return next(self.lines(), None)

    def count(self) -> int:
        return sum(1 for _ in gather(self._watched_lines()))

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        for found in gather(self._watched_lines()):
            yield found if isinstance(found, RowError) else self._row(found)

    def _watched_lines(self) -> Iterator[Line | BadLine]:
        for number, line in enumerate(self.lines()):
            if self.heartbeat and number % LINES_A_HEARTBEAT == 0:
                self.heartbeat()
            yield line

    def _row(self, lines: list[Line]) -> ArticleRow | RowError:
        try:
            return self.article(lines)
        except BadLineError as error:
            return RowError(error.line.line, lines[0].sku[: cells.MAX_SKU], error.message)


def gather(lines: Iterable[Line | BadLine]) -> Iterator[list[Line] | RowError]:
    """Yield the lines of each key as one list, the keys in the order of their first lines; row errors come first.

    An article that has a bad line, or may have one, is a row error too: half of it must not pass for all of it. The
    lines are buffered in a temporary database, which SQLite spills to disk once it is large.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as waiting:
        waiting.execute("PRAGMA journal_mode = OFF")
        waiting.execute("CREATE TABLE keys (first INTEGER PRIMARY KEY, key TEXT UNIQUE, bad TEXT)")
        waiting.execute("CREATE TABLE lines (first INTEGER, line TEXT, texts TEXT)")

        def spoil(key: str, line: str) -> None:
            waiting.execute("INSERT OR IGNORE INTO keys (key) VALUES (?)", (_kept(key),))
            waiting.execute("UPDATE keys SET bad = ? WHERE key = ? AND bad IS NULL", (line, _kept(key)))

        # The line before, if more of its article may follow; a bad line after it whose key is not known.
        before: Line | None = None
        unknown = ""
        for each in lines:
            if isinstance(each, BadLine):
                yield each.error
                if each.key is not None:
                    spoil(each.key, each.error.line)
                else:
                    unknown = each.error.line
                    if before is not None:
                        spoil(before.key, unknown)
                continue
            if unknown and each.shares and not each.starts:
                spoil(each.key, unknown)
            before, unknown = each if each.shares else None, ""
            waiting.execute("INSERT OR IGNORE INTO keys (key) VALUES (?)", (_kept(each.key),))
            waiting.execute(
                "INSERT INTO lines SELECT first, ?, ? FROM keys WHERE key = ?",
                (each.line, json.dumps([each.key, each.sku, each.texts]), _kept(each.key)),
            )
        waiting.execute("CREATE INDEX lines_of ON lines (first)")
        found = waiting.execute(
            "SELECT first, line, texts, bad FROM lines JOIN keys USING (first) ORDER BY first, lines.rowid"
        )
        for _, group in groupby(found, key=lambda row: row[0]):
            some = list(islice(group, LINES_AT_MOST + 1))
            held = [Line(line, *json.loads(values)) for _, line, values, _ in some]
            first, bad = held[0], some[0][3]
            if bad:
                yield RowError(
                    first.line, first.sku[: cells.MAX_SKU], Message.of("row.article_spoiled", where=where(bad))
                )
            elif len(held) > LINES_AT_MOST:
                message = Message.of("row.too_many_lines", limit=LINES_AT_MOST)
                yield RowError(first.line, first.sku[: cells.MAX_SKU], message)
            else:
                yield held


def _kept(key: str) -> str:
    # SQLite does not store surrogates.
    return key.encode("utf-8", "backslashreplace").decode()
