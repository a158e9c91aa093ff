"""Articles from a Google Merchant feed as XML: RSS 2.0 (`item`) or Atom (`entry`), attributes in the namespace g.

Streamed through the standard library's expat, chunk by chunk: its wrappers build whole trees, or resolve declared
entities. Against XML bombs and XXE, a document type declaration is refused when it begins, so there are no entities to
expand or to fetch; endless tags, deep nesting and long texts are refused before they take memory. A text that is too
long costs its own item only. A file that is not well-formed is refused before any of it is imported.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from catalogue.feeds import cells, google_merchant
from catalogue.feeds.grouping import BadLine, GroupingReader, Line
from catalogue.feeds.rows import ArticleRow, FeedError, RowError
from catalogue.feeds.table_reader import LeftOut
from catalogue.messages import Message, Param
from catalogue.messages.message import shorten

GOOGLE = {"http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0"}
ATOM = "http://www.w3.org/2005/Atom"
# By namespace: elements of RSS and Atom themselves, read where the namespace g has none.
_OWN = {
    "": {name: name for name in google_merchant.ATTRIBUTES},
    ATOM: {"title": "title", "summary": "description", "content": "description"},
}

_PIECE = 65_536
_BLANK = re.compile(rb"\A(?:\xef\xbb\xbf)?\s+(?=<)")
# In bytes. expat holds a whole tag or comment in memory; a longer one is refused.
_TAG_AT_MOST = 1_000_000
# Characters in all texts of an item, and the number of texts.
_ITEM_AT_MOST, _TEXTS_AT_MOST = 200_000, 2_000
_DEPTH_AT_MOST = 50


class GoogleMerchantXmlReader(GroupingReader):
    """Reads a feed as XML; `google_merchant` describes the attributes."""

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding
        self._left_out = LeftOut()

    def notes(self) -> list[Message]:
        return self._left_out.notes()

    def lines(self) -> Iterator[Line | BadLine]:
        self._left_out = LeftOut()
        try:
            document = _Document(self.path.name, self.encoding)
            with self.path.open("rb") as file:
                while piece := file.read(_PIECE):
                    document.feed(piece)
                    yield from document.taken()
            document.feed(b"", last=True)
            yield from document.taken()
        except OSError as error:
            raise FeedError("feed.not_read", file=str(self.path), error=str(error.strerror)) from error
        except expat.ExpatError as error:
            raise FeedError(
                "feed.not_xml", file=self.path.name, line=error.lineno, error=expat.ErrorString(error.code)
            ) from error
        except (LookupError, ValueError) as error:  # An encoding that is unknown or multi-byte.
            raise FeedError("feed.encoding_not_supported", file=self.path.name) from error

    def article(self, lines: list[Line]) -> ArticleRow:
        return google_merchant.article_of(lines, self._left_out)


class _Document:
    """The state of parsing a document: the position in it, and the complete items."""

    def __init__(self, name: str, encoding: str | None) -> None:
        self._name = name
        self._parser = parser = expat.ParserCreate(encoding, "\n")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.DefaultHandler = self._anything
        self._fed = self._reached = 0
        self._depth = 0
        # The complete items; then of the item being read: where it begins, its depth (0 outside items), its number.
        self._items: deque[Line | BadLine] = deque()
        self._line, self._item_depth, self._number = "", 0, 0
        # Its texts by whether they are in the namespace g; their total length and number.
        self._said: dict[bool, dict[str, list[str]]] = {}
        self._size = self._texts = 0
        # The attribute being read (whether in the namespace g, and its name), and its text so far.
        self._attribute: tuple[bool, str] | None = None
        self._pieces: list[str] = []

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        if not self._fed:
            # Programs write empty lines before the declaration, which XML does not allow.
            piece = _BLANK.sub(b"", piece)
        self._fed += len(piece)
        self._parser.Parse(piece, last)
        if self._fed - self._reached > _TAG_AT_MOST:
            self._refuse("feed.endless_tag")

    def taken(self) -> Iterator[Line | BadLine]:
        while self._items:
            yield self._items.popleft()

    def _refuse(self, code: str, **params: Param) -> NoReturn:
        raise FeedError(Message.of(code, file=self._name, line=self._parser.CurrentLineNumber, **params))

    def _refuse_doctype(self, *args: object) -> None:
        self._refuse("feed.doctype")

    def _anything(self, text: str) -> None:
        self._reached = self._parser.CurrentByteIndex

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._reached = self._parser.CurrentByteIndex
        space, _, name = tag.rpartition("\n")
        self._depth += 1
        if self._depth == 1 and name.lower() not in {"rss", "feed", "rdf"}:
            self._refuse("feed.not_a_feed", tag=shorten(name, cells.VALUE_AT_MOST))
        if self._depth > _DEPTH_AT_MOST:
            self._refuse("feed.nested_too_deeply")
        if not self._item_depth and (name == "item" or (name == "entry" and space == ATOM)):
            self._number += 1
            # The line alone is not unique: some programs write a whole feed on one line.
            self._line = f"{self._parser.CurrentLineNumber} #{self._number}"
            self._item_depth = self._depth
            self._said, self._size, self._texts = {True: {}, False: {}}, 0, 0
        elif self._item_depth and self._depth == self._item_depth + 1:
            # Deeper elements, such as the price in g:shipping, describe something else.
            known = name in google_merchant.ATTRIBUTES if space in GOOGLE else name in _OWN.get(space, {})
            if known:
                self._attribute = (True, name) if space in GOOGLE else (False, _OWN[space][name])
                self._texts += 1

    def _text(self, text: str) -> None:
        self._reached = self._parser.CurrentByteIndex
        if self._attribute and self._size <= _ITEM_AT_MOST:
            self._size += len(text)
            self._pieces.append(text)

    def _end(self, tag: str) -> None:
        self._reached = self._parser.CurrentByteIndex
        if self._depth == self._item_depth + 1 and self._attribute:
            by_google, name = self._attribute
            if self._texts <= _TEXTS_AT_MOST and self._size <= _ITEM_AT_MOST:
                self._said[by_google].setdefault(name, []).append("".join(self._pieces))
            self._attribute, self._pieces = None, []
        elif self._depth == self._item_depth:
            self._items.append(self._complete())
            self._item_depth = 0
        self._depth -= 1

    def _complete(self) -> Line | BadLine:
        said = self._said[False] | self._said[True]
        sku = "".join(said.get("id", [])).strip()[: cells.MAX_SKU]
        if self._size > _ITEM_AT_MOST or self._texts > _TEXTS_AT_MOST:
            error = RowError(self._line, sku, Message.of("row.too_many_texts", limit=_ITEM_AT_MOST))
            # Its group may be one of the texts that are too many.
            return BadLine(error, google_merchant.item(self._line, said).key if said else None)
        return google_merchant.item(self._line, said)
