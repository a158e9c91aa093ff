"""Autocomplete: suggestions of categories, brands and articles while a shopper types, from the text search's index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalogue.browsing.filters import is_storable
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS
from catalogue.models import Article, Category, Named
from catalogue.models.articles import in_language
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.analysis import fold, units, words_of
from catalogue.text_search.clauses import TITLE, AllOf, Clause, any_of, phrase
from catalogue.text_search.engines import newest_matching_ids
from catalogue.text_search.names import names
from catalogue.text_search.searching import MAX_TERMS
from catalogue.text_search.spelling import spelled
from catalogue.text_search.terms import read_terms

MOST = 8
# A single letter matches nearly everything.
LEAST_CHARACTERS = 2
# Articles that are looked at for their names, the newest of those that match.
LOOKED_AT = 200


def suggest(typed: str) -> list[str]:
    """Return up to MOST suggestions for what was typed so far: categories, brands, then articles.

    The last word may be the beginning of one; where nothing begins so, a slip of the finger is mended. Each suggestion
    finds at least one published article. Names that begin with the text come before the others.
    """
    text = " ".join(typed.split())
    if not LEAST_CHARACTERS <= len(text) <= QUERY_MAX_CHARACTERS or not is_storable(text):
        return []
    found = _suggested(text)
    if found or not words_of(text):
        return found
    *_, last = units(text)
    for meant in spelled(last.joined, names().words):
        if found := _suggested(text[: last.start] + meant):
            return found
    return []


def _suggested(text: str) -> list[str]:
    words = words_of(text)
    if not words:
        return []
    # Articles may share a name, and a category have that of a brand.
    suggestions = dict.fromkeys([*_named(words), *_articles(text, words)])
    return list(suggestions)[:MOST]


def _named(words: list[str]) -> Iterator[str]:
    """Yield the names of categories and brands that have the words in a row, the last perhaps as a beginning."""
    published, found = Article.objects.published(), 0
    for row in (*_having(names().categories, words), *_having(names().brands, words)):
        if found < MOST and _has_articles(row, published):
            found += 1
            yield row.title


def _has_articles(row: Named, published: ArticleQuerySet) -> bool:
    if not isinstance(row, Category):
        return published.filter(brand=row.pk).exists()
    # Nearly always true, and read from an index alone.
    own = published.filter(category__in=names().with_those_below([row.pk]))
    return own.exists() or published.in_category(row).exists()


def _having(rows: Iterable[Named], words: list[str]) -> list[Named]:
    """Return the rows whose names have the words in a row, the last perhaps as a beginning; first those begun so."""
    places: dict[Named, int] = {}
    for row in rows:
        written = words_of(row.title)
        for place in range(len(written) - len(words), -1, -1):
            some = written[place : place + len(words)]
            if some[:-1] == words[:-1] and some[-1].startswith(words[-1]):
                places[row] = place
    return sorted(places, key=lambda row: places[row] > 0)


def _articles(text: str, words: list[str]) -> list[str]:
    """Return the names of articles that have the words, the last one perhaps as a beginning.

    Other forms of the words before it are looked for where the words themselves, but for their plural, are in too few
    names: in large shops they cost more than all the rest.
    """
    before = text[: max((unit.start for unit in units(text)), default=0)]
    terms, last = read_terms(before)[:MAX_TERMS], any_of([phrase(TITLE, f"w{words[-1]}", prefix=True)])
    exact: list[Clause] = [any_of([term.titled, term.synonymous, term.traits]) for term in terms]
    titles = _titles(AllOf((*exact, last)))
    if len(titles) < MOST and any(term.stemmed.clauses for term in terms):
        # A word itself has its stem too.
        forms: list[Clause] = [any_of([term.stemmed, term.traits]) for term in terms]
        titles |= _titles(AllOf((*forms, last)))
    begun = fold(text)
    return sorted(titles, key=lambda title: (not fold(title).startswith(begun), title.casefold()))[: 2 * MOST]


def _titles(clause: Clause) -> set[str]:
    """Return the names of the newest articles that meet a clause, in the reader's language."""
    ids = newest_matching_ids(clause, LOOKED_AT)
    rows = Article.objects.published().filter(pk__in=ids).values_list("name", "name_fr")
    return {in_language(*row) for row in rows}
