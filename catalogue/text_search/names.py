"""The names of colours, categories and brands, and synonyms, to be found in what a shopper typed.

They are few, so each process keeps them in memory, for NAMES_KEPT_S: a name that another process changes counts that
much later. They are matched in singular and plural, colours and synonyms in both genders, without what is between
words: "t-shirts" is "T shirt".
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain, product
from typing import Any, NamedTuple, TypeAlias

from django.utils.translation import get_language

from catalogue.models import Brand, Category, Colour, Named, SynonymGroup
from catalogue.text_search.analysis import adjective_forms, noun_forms, singular, words_of

NAMES_KEPT_S = 2.0
# A longer name is not looked for in what shoppers type.
NAME_MAX_WORDS = 5
# "Coats & jackets", "Manteaux et vestes": each part names the category, unless another has just that name.
_BETWEEN_PARTS = re.compile(r"[&/,;+]|\b(?:and|et)\b", re.IGNORECASE)

_LITTLE_ENGLISH = "a an and any for from i in is it me my of on one or some that the this to with without"
_LITTLE_FRENCH = (
    "au aux avec c ce cette d dans de des du en est et j je l la le les ma mes mon ou par pour qu que s sans sur un une"
)
LITTLE = frozenset(f"{_LITTLE_ENGLISH} {_LITTLE_FRENCH}".split())
# What names something in one language and is an ordinary word of the other: a short dress is none of the shorts.
_ORDINARY = {"en": frozenset({"short"})}

COLOUR, CATEGORY, BRAND = "colour", "category", "brand"
# The forms of a word that count as the same.
Forms: TypeAlias = Callable[[str], tuple[str, ...]]
_FORMS: dict[str, Forms] = {COLOUR: adjective_forms, CATEGORY: noun_forms, BRAND: noun_forms}


class Meaning(NamedTuple):
    """What words mean: the ids of what they name, in whole or by a part, and of what has them within its name.

    `phrases` are synonyms, each as its words; `length` is how many of the words it took.
    """

    categories: frozenset[int] = frozenset()
    colours: frozenset[int] = frozenset()
    brands: frozenset[int] = frozenset()
    within_categories: frozenset[int] = frozenset()
    within_colours: frozenset[int] = frozenset()
    within_brands: frozenset[int] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    length: int = 1


@dataclass(frozen=True)
class NamedRows:
    """The rows whose names are looked for, as they are at one time."""

    colours: list[Colour]
    categories: list[Category]
    brands: list[Brand]
    synonyms: list[SynonymGroup]

    @classmethod
    def read(cls) -> NamedRows:
        """Return the shop's. Four queries."""
        return cls(
            list(Colour.objects.order_by("pk")),
            list(Category.objects.order_by("path")),
            list(Brand.objects.order_by("name")),
            list(SynonymGroup.objects.filter(active=True)),
        )

    @cached_property
    def values(self) -> list[Any]:
        """What the rows have: two readings are the same if this is. Rows by themselves are the same by their id."""
        rows: Iterable[Any] = chain(self.colours, self.categories, self.brands, self.synonyms)
        return [tuple(getattr(row, field.attname) for field in row._meta.concrete_fields) for row in rows]


class Names:
    """What is named in a shop, as it is at one time."""

    def __init__(self, rows: NamedRows | None = None) -> None:
        self.read_from = rows = rows or NamedRows.read()
        colours, categories, brands = rows.colours, rows.categories, rows.brands
        self.categories, self.brands, self.colours = categories, brands, colours
        self.paths = {category.pk: category.path for category in categories}
        named: tuple[tuple[str, list[Any]], ...] = ((COLOUR, colours), (CATEGORY, categories), (BRAND, brands))
        self._tables = {
            (kind, name, in_parts): _Table(rows, name, forms_of=_FORMS[kind], in_parts=in_parts)
            for kind, rows in named
            for name in ("name", "name_fr")
            for in_parts in ((False, True) if kind == CATEGORY else (False,))
        }
        self._within = {kind: _words_within(rows, _FORMS[kind]) for kind, rows in named}
        self._synonyms = _Synonyms(rows.synonyms)
        # Words that are known without any article that has them, folded.
        self.words = (
            frozenset(
                word
                for row in (*categories, *colours, *brands)
                for word in (*words_of(row.name), *words_of(row.name_fr))
            )
            | self._synonyms.words
        )

    def filtering(self, words: Sequence[str]) -> tuple[str, tuple[Named, ...], int]:
        """Return the filter, its values, and how many of the first words name them: one, and no value, if none do.

        A colour comes before a category of the same name, a name in the reader's language before one in the other, and
        a whole name before a part of one; before all that, the longer name. What nothing is called may have a synonym.
        """
        language = get_language() or "en"
        own = "name_fr" if language.startswith("fr") else "name"
        ordinary = _ORDINARY.get(language[:2], frozenset())
        best = self._filtering(words, own, ordinary)
        length, phrases = self._synonyms.longest(words)
        if length > best[2] or not (best[1] or words[0] in ordinary | LITTLE):
            for phrase in phrases:
                kind, rows, taken = self._filtering(phrase, own, ordinary)
                if rows and taken == len(phrase):
                    return kind, rows, length
        return best

    def _filtering(
        self, words: Sequence[str], own: str, ordinary: frozenset[str]
    ) -> tuple[str, tuple[Named, ...], int]:
        best: tuple[str, tuple[Named, ...], int] = ("", (), 1)
        other = "name" if own == "name_fr" else "name_fr"
        for in_parts in (False, True):
            for name in (own, other):
                for kind in (COLOUR, CATEGORY):
                    if (table := self._tables.get((kind, name, in_parts))) is None:
                        continue
                    rows, length = table.longest(words)
                    # Little words may be names in the reader's own language alone: "or" is gold to the French.
                    alone = length == 1 and (words[0] in ordinary or (words[0] in LITTLE and name != own))
                    if rows and not alone and (length > best[2] or not best[1]):
                        best = kind, rows, length
        return best

    def meaning(self, words: Sequence[str]) -> Meaning:
        """Return what the most of the first words mean, by names in both languages and synonyms."""
        taken, phrases = self._synonyms.longest(words)
        if taken == 1 and words[0] in LITTLE and not self._is_name_in_own_language(words[:1]):
            return Meaning()
        named = {kind: self._longest(kind, words) for kind in (CATEGORY, COLOUR, BRAND)}
        length = max([taken if phrases else 1, *(count for rows, count in named.values() if rows)])
        own = tuple(words[:length])
        alike = [phrase for phrase in phrases if phrase != own] if taken == length else []
        ids = {kind: {row.pk for row in rows} if count == length else set() for kind, (rows, count) in named.items()}
        for phrase in alike:
            for kind, known in ids.items():
                rows, count = self._longest(kind, phrase)
                known.update(row.pk for row in rows if count == len(phrase))
        within = {
            kind: {pk for form in _FORMS[kind](own[0]) for pk in table.get(form, ())} if length == 1 else set()
            for kind, table in self._within.items()
        }
        ids[CATEGORY] = self._lowest(ids[CATEGORY])
        within[CATEGORY] = self._lowest(within[CATEGORY] | ids[CATEGORY])
        return Meaning(
            categories=frozenset(ids[CATEGORY]),
            colours=frozenset(ids[COLOUR]),
            brands=frozenset(ids[BRAND]),
            within_categories=frozenset(within[CATEGORY] - ids[CATEGORY]),
            within_colours=frozenset(within[COLOUR] - ids[COLOUR]),
            within_brands=frozenset(within[BRAND] - ids[BRAND]),
            phrases=tuple(alike),
            length=length,
        )

    def _is_name_in_own_language(self, words: Sequence[str]) -> bool:
        """Whether a little word is a name in the reader's language: "or" is gold to the French."""
        own = "name_fr" if (get_language() or "").startswith("fr") else "name"
        return any(table.longest(words)[0] for (_, name, _), table in self._tables.items() if name == own)

    def _lowest(self, categories: set[int]) -> set[int]:
        """Leave out categories above another one: of "Dresses and coats" and "Dresses" below it, the former."""
        paths = [self.paths[pk] for pk in categories]
        return {
            pk for pk in categories
            if not any(path != self.paths[pk] and path.startswith(self.paths[pk]) for path in paths)
        }  # fmt: skip

    def with_those_below(self, categories: Iterable[int]) -> list[int]:
        """Return the ids of categories and of those below them in the tree."""
        above = tuple(self.paths[pk] for pk in categories if pk in self.paths)
        return [pk for pk, path in self.paths.items() if path.startswith(above)] if above else []

    def _longest(self, kind: str, words: Sequence[str]) -> tuple[tuple[Named, ...], int]:
        """Return all rows of a kind that the most of the first words name, and how many these are."""
        found = [table.longest(words) for key, table in self._tables.items() if key[0] == kind]
        length = max((taken for rows, taken in found if rows), default=1)
        return tuple(dict.fromkeys(row for rows, taken in found if taken == length for row in rows)), length


@dataclass
class _Cache:
    names: Names | None = None
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


_cache = _Cache()


def names() -> Names:
    """Return the names of the shop, at most NAMES_KEPT_S old. Four queries when they are read again.

    Tables are rebuilt only if a name has changed: with the synonyms that a shop starts with, they take
    ten times as long as the queries.
    """
    with _cache.lock:
        if _cache.names is None or time.monotonic() > _cache.until:
            rows = NamedRows.read()
            if _cache.names is None or rows.values != _cache.names.read_from.values:
                _cache.names = Names(rows)
            _cache.until = time.monotonic() + NAMES_KEPT_S
        return _cache.names


def forget_names() -> None:
    """Make the next search of this process read the names again."""
    with _cache.lock:
        _cache.names = None


class _Table:
    """Rows by what their names may be written like: forms of their words, without what is between these."""

    def __init__(self, rows: Iterable[Named], name: str, *, forms_of: Forms, in_parts: bool) -> None:
        self.forms_of = forms_of
        self.rows: dict[str, dict[Named, None]] = defaultdict(dict)
        # The first words of each name, so that no more combinations of forms are tried than there are names.
        self.beginnings: set[str] = set()
        for row in rows:
            text = getattr(row, name)
            for part in _BETWEEN_PARTS.split(text) if in_parts else [text]:
                words = words_of(part)
                if 0 < len(words) <= NAME_MAX_WORDS:
                    for forms in product(*map(noun_forms, words)):
                        self.rows["".join(forms)][row] = None
                        self.beginnings.update(accumulate(forms))

    def longest(self, words: Sequence[str]) -> tuple[tuple[Named, ...], int]:
        """Return the rows that the most of the first words name, and how many these are."""
        found: tuple[tuple[Named, ...], int] = ((), 1)
        for length, written in _beginnings(words, self.beginnings, self.forms_of):
            if named := next((self.rows[text] for text in written if text in self.rows), None):
                found = tuple(named), length
        return found


class _Synonyms:
    """Groups of synonyms by each word or phrase in them: as it is but for its plural, and by its other forms."""

    def __init__(self, rows: Iterable[SynonymGroup]) -> None:
        self.groups: dict[str, list[tuple[tuple[str, ...], ...]]] = defaultdict(list)
        self.beginnings: set[str] = set()
        words: set[str] = set()
        for group in rows:
            phrases = tuple(filter(None, (tuple(words_of(text)) for text in group.each)))
            for phrase in phrases:
                words.update(phrase)
                if len(phrase) <= NAME_MAX_WORDS:
                    self._add(phrase, phrases)
        self.words = frozenset(words)

    def _add(self, phrase: tuple[str, ...], phrases: tuple[tuple[str, ...], ...]) -> None:
        for forms in product(*([f"{singular(word)}'", *noun_forms(word)] for word in phrase)):
            self.beginnings.update(accumulate(forms))
            if phrases not in self.groups["".join(forms)]:
                self.groups["".join(forms)].append(phrases)

    def longest(self, words: Sequence[str]) -> tuple[int, list[tuple[str, ...]]]:
        """Return how many of the first words have synonyms, and these; none for one word without any.

        Another form of a word counts where the word itself has none: a sweater is no "sweat".
        """
        for forms_of in (lambda word: (f"{singular(word)}'",), adjective_forms):
            found: tuple[int, list[tuple[str, ...]]] = (1, [])
            for length, written in _beginnings(words, self.beginnings, forms_of):
                if groups := [group for text in written for group in self.groups.get(text, ())]:
                    found = length, list(dict.fromkeys(phrase for group in groups for phrase in group))
            if found[1]:
                return found
        return 1, []


def _beginnings(words: Sequence[str], known: set[str], forms_of: Forms) -> Iterator[tuple[int, list[str]]]:
    """Yield for each number of first words how these may be written, as far as something known begins so."""
    written = [""]
    for length, word in enumerate(words[:NAME_MAX_WORDS], 1):
        written = [text for so_far in written for form in forms_of(word) if (text := so_far + form) in known]
        if not written:
            return
        yield length, written


def _words_within(rows: Iterable[Named], forms_of: Forms) -> dict[str, set[int]]:
    """Return the ids of rows by the forms of the words in their names."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for word in {*words_of(row.name), *words_of(row.name_fr)} - LITTLE:
            for form in forms_of(word):
                found[form].add(row.pk)
    return found
