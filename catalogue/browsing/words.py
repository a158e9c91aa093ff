"""The words with which a shopper refines a search by photo: which of them filter, and which only rank.

Words that name a colour or a category of the shop, in either language, become filters; little words count for nothing;
the others rank. "blue linen dresses" is the colour Blue, the category Dresses, and the word "linen".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.listing import text_error
from catalogue.exceptions import InvalidRequestError
from catalogue.models import Named
from catalogue.naming import clean_name
from catalogue.text_search.analysis import fold, units
from catalogue.text_search.names import LITTLE, names
from catalogue.text_search.spans import spans


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it was written, or several that are one name, with their place in the text.

    `filter_name` is the filter whose values `rows` are; empty for a word that ranks.
    """

    text: str
    start: int
    end: int
    filter_name: str = ""
    rows: tuple[Named, ...] = ()

    @property
    def title(self) -> str:
        """What it filters by, in the active language."""
        return ", ".join(dict.fromkeys(row.title for row in self.rows))

    def is_same(self, other: Term) -> bool:
        if self.rows or other.rows:
            return self.rows == other.rows
        return fold(self.text) == fold(other.text)


@dataclass(frozen=True, slots=True)
class SearchWords:
    """A shopper's words, each read once. `text` is what was typed, its white space collapsed."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def ranking(self) -> tuple[str, ...]:
        """The words that rank, each once, as they were written."""
        return tuple(term.text for term in self.ranking_terms)

    @property
    def ranking_terms(self) -> list[Term]:
        return self._distinct(term for term in self.terms if not term.rows)

    def narrow(self, filters: ArticleFilters) -> ArticleFilters:
        """Return the filters with those that words name. A filter that was given explicitly stays as it is."""
        named: dict[str, Any] = {}
        for name, field in (("colour", "colours"), ("category", "categories")):
            rows = [row for term in self.terms if term.filter_name == name for row in term.rows]
            if rows and not getattr(filters, field):
                named[field] = tuple(dict.fromkeys(rows))
        return replace(filters, **named)

    def narrowing(self, filters: ArticleFilters) -> list[Term]:
        """Return the terms that filter beside filters given explicitly, each filter once."""
        given = filters.values()
        return self._distinct(term for term in self.terms if term.rows and term.filter_name not in given)

    def overridden(self, filters: ArticleFilters) -> list[Term]:
        """Return the terms that would filter, had another value of the same filter not been given explicitly."""
        given = filters.values()
        return self._distinct(
            term
            for term in self.terms
            if term.filter_name in given and not {row.slug for row in term.rows} <= {*given[term.filter_name]}
        )

    def without(self, lifted: Term) -> str:
        """Return the text without a term, wherever it stands."""
        rest, end = "", 0
        for term in self.terms:
            if term.is_same(lifted):
                rest, end = f"{rest}{self.text[end : term.start]} ", term.end
        return " ".join((rest + self.text[end:]).split()).strip(" ,;")

    @staticmethod
    def _distinct(terms: Iterable[Term]) -> list[Term]:
        first: list[Term] = []
        for term in terms:
            if not any(term.is_same(other) for other in first):
                first.append(term)
        return first


NO_WORDS = SearchWords()


def read_words(data: Mapping[str, Any]) -> SearchWords:
    """Return the words in a request's `q`. Raises InvalidRequestError for a text that is too long or not storable."""
    text = data.get("q") or ""
    if not text:
        return NO_WORDS
    if error := text_error(text):
        raise InvalidRequestError({"q": [error]})
    return parse_words(text)


def parse_words(text: str) -> SearchWords:
    """Return the words of a text."""
    text = clean_name(text)
    known = names()
    terms: list[Term] = []
    for span in spans(list(units(text)), known.filtering):
        start, end = span.units[0].start, span.units[-1].end
        filter_name, rows, _ = span.found
        if rows or fold(span.units[0].text) not in LITTLE:
            terms.append(Term(text[start:end], start, end, filter_name, rows))
    return SearchWords(text, tuple(terms))
