"""Converts HTML to plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

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


def plain_text(html: str) -> str:
    """Return the text of an HTML fragment: paragraphs separated by an empty line, list items with a bullet."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    text = re.sub(r" *\n *", "\n", "".join(reader.parts))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", text)).strip()
