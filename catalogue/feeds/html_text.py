"""Converts HTML to plain text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from unicodedata import normalize

_HIDDEN = {"script", "style", "template", "head", "title", "svg", "iframe", "object"}
_LINES = {"br", "hr", "tr", "dt", "dd", "li"}
_PARAGRAPHS = {
    "p", "div", "ul", "ol", "dl", "table", "section", "article", "blockquote", "pre",
    "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        self._break(tag)
        if tag == "li" and not self._hidden:
            self.parts.append("\N{BULLET} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            # Hidden elements opened inside it and never closed end with it.
            del self._hidden[self._hidden.index(tag) :]
        if tag in _PARAGRAPHS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if not self._hidden and tag in _LINES | _PARAGRAPHS:
            self.parts.append("\n\n" if tag in _PARAGRAPHS else "\n")


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# A "<" that begins no tag, or one that does not end before the next.
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")


def plain_text(source: str) -> str:
    """Return the text of an HTML fragment: paragraphs separated by an empty line, list items with a bullet."""
    reader = _Text()
    # The parser would look for the end of each tag that has none, up to minutes in a long text of these.
    reader.feed(_NO_TAG.sub("&lt;", _COMMENT.sub("", source)))
    reader.close()
    text = re.sub(r" *\n *", "\n", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", text)).strip()


_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def as_text(text: str) -> str:
    """Return what `text` says, in NFC: without HTML where it has tags, with characters in place of entities.

    Exports write entities into plain text too, some of them twice: `H&amp;amp;M`. "R&D" and "a < b" stay as they are.
    """
    if _TAG.search(text):
        text = plain_text(text)
    for _ in range(2):
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return normalize("NFC", text)


def as_source(text: str) -> str:
    """Return a text that `as_text` reads as this one: what looks like HTML is written as entities."""
    if as_text(text) == normalize("NFC", text):
        return text
    return text.replace("&", "&amp;amp;").replace("<", "&amp;lt;")
