"""The words with which a shopper refines a search by photo: which of them filter, and which only rank.

Words that name a colour or a category of the shop, in either language, become filters; little words count for nothing;
the others rank. "blue linen dresses" is the colour Blue, the category Dresses, and the word "linen".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, product
from typing import Any

from django.utils.translation import get_language

from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.listing import text_error
from catalogue.exceptions import InvalidRequestError
from catalogue.models import Category, Colour, Named
from catalogue.naming import clean_name

# A longer name is not looked for in what shoppers type.
NAME_MAX_WORDS = 5
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
# "Coats & jackets", "Manteaux et vestes": each part names the category, unless another has just that name.
_BETWEEN_PARTS = re.compile(r"[&/,;+]|\b(?:and|et)\b", re.IGNORECASE)

_LITTLE_ENGLISH = "a an and any for from i in is it me my of on one or some that the this to with without"
_LITTLE_FRENCH = (
    "au aux avec c ce cette d dans de des du en est et j je l la le les ma mes mon ou par pour qu que s sans sur un une"
)
_LITTLE = frozenset(f"{_LITTLE_ENGLISH} {_LITTLE_FRENCH}".split())
# What names something in one language and is an ordinary word of the other: a short dress is none of the shorts.
_ORDINARY = {"en": frozenset({"short"})}

# Forms that no rule finds, each with that of the name; of colours, the masculine.
_IRREGULAR = {"blanche": "blanc", "fraiche": "frais", "rousse": "roux", "gray": "grey"}


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
    if error := text_error(text):
        raise InvalidRequestError({"q": [error]})
    return parse_words(text)


def parse_words(text: str) -> SearchWords:
    """Return the words of a text. Two queries, of all colours and categories; none for a text without words."""
    text = clean_name(text)
    found = list(_WORD.finditer(text))
    if not found:
        return SearchWords(text)
    folded = [fold(match[0]) for match in found]
    names = _Names(get_language() or "en")
    terms: list[Term] = []
    place = 0
    while place < len(found):
        filter_name, rows, length = names.longest(folded[place : place + NAME_MAX_WORDS])
        start, end = found[place].start(), found[place + length - 1].end()
        if not rows and terms and not terms[-1].rows and text[terms[-1].end : start] == "-":
            # Of "v-neck", neither part says anything.
            start = terms.pop().start
            terms.append(Term(text[start:end], start, end))
        elif rows or folded[place] not in _LITTLE:
            terms.append(Term(text[start:end], start, end, filter_name, rows))
        place += length
    return SearchWords(text, tuple(terms))


class _Names:
    """The names of colours and categories, to be found in what a shopper typed.

    A colour comes before a category of the same name, a name in the reader's language before one in the other, and a
    whole name before a part of one; before all that, the longer name.
    """

    def __init__(self, language: str) -> None:
        own, other = ("name_fr", "name") if language.startswith("fr") else ("name", "name_fr")
        self.ordinary = _ORDINARY.get(language[:2], frozenset())
        colours, categories = list(Colour.objects.order_by("pk")), list(Category.objects.order_by("path"))
        self.tables = [
            _Table(rows, field, filter_name, own=field == own, in_parts=in_parts)
            for in_parts in (False, True)
            for field in (own, other)
            for filter_name, rows in (("colour", colours), ("category", categories))
        ]

    def longest(self, words: list[str]) -> tuple[str, tuple[Named, ...], int]:
        """Return the filter, its values, and how many of the words name them: one, and no value, if none do."""
        best: tuple[str, tuple[Named, ...], int] = ("", (), 1)
        for table in self.tables:
            rows, length = table.longest(words)
            # Little words may be names in the reader's own language alone: "or" is gold to the French.
            alone = length == 1 and (words[0] in self.ordinary or (words[0] in _LITTLE and not table.own))
            if rows and not alone and (length > best[2] or not best[1]):
                best = table.filter_name, rows, length
        return best


class _Table:
    """Rows by what their names may be written like: their folded words, without what is between these."""

    def __init__(self, rows: Iterable[Named], field: str, filter_name: str, *, own: bool, in_parts: bool) -> None:
        self.filter_name, self.own = filter_name, own
        self.forms_of = adjective_forms if filter_name == "colour" else noun_forms
        self.rows: dict[str, dict[Named, None]] = defaultdict(dict)
        # The first words of each name, so that no more combinations of forms are tried than there are names.
        self.beginnings: set[str] = set()
        for row in rows:
            name = getattr(row, field)
            for part in _BETWEEN_PARTS.split(name) if in_parts else [name]:
                words = words_of(part)
                if 0 < len(words) <= NAME_MAX_WORDS:
                    for forms in product(*map(noun_forms, words)):
                        self.rows["".join(forms)][row] = None
                        self.beginnings.update(accumulate(forms))

    def longest(self, words: list[str]) -> tuple[tuple[Named, ...], int]:
        """Return the rows that the most of the first words name, and how many these are."""
        found: tuple[tuple[Named, ...], int] = ((), 1)
        written = [""]
        for length, word in enumerate(words, 1):
            written = [so_far + form for so_far in written for form in self.forms_of(word)]
            written = [text for text in written if text in self.beginnings]
            if named := next((self.rows[text] for text in written if text in self.rows), None):
                found = tuple(named), length
        return found


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return [fold(word) for word in _WORD.findall(text)]


def fold(text: str) -> str:
    """Return a text without case and accents."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_LIGATURES)


def noun_forms(word: str) -> list[str]:
    """Return a folded word and what its singular may be, in English or French: "dresses" gives "dress", among others.

    Two words are forms of one noun if both may have the same.
    """
    return list(dict.fromkeys(_singulars(word)))


def adjective_forms(word: str) -> list[str]:
    """Return a folded word and what its singular and its French masculine may be: "bleues" gives "bleu", among others.

    For names of colours, which are masculine in the catalogue.
    """
    return list(dict.fromkeys(form for singular in noun_forms(word) for form in _masculines(singular)))


def _singulars(word: str) -> Iterator[str]:
    yield word
    if len(word) < 4:
        return
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("ves"):
        yield word[:-3] + "f"
    if word.endswith("aux"):
        yield word[:-3] + "al"
    if re.search(r"(?:ss|x|ch|sh|z)es$", word):
        yield word[:-2]
    if word.endswith("x") or (word.endswith("s") and not word.endswith("ss")):
        yield word[:-1]


def _masculines(word: str) -> Iterator[str]:
    yield word
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    if len(word) > 4 and word.endswith("e"):
        yield word[:-1]
        if word[-2] == word[-3]:
            yield word[:-2]
