"""What a shopper typed as terms: each with what an article must have for it, and what of it counts for more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalogue.text_search.analysis import (
    Unit,
    code_token,
    english_tokens,
    fold,
    french_tokens,
    singular,
    units,
    word_tokens,
)
from catalogue.text_search.clauses import CODES, TEXT, TITLE, TRAITS, AllOf, AnyOf, Clause, any_of, phrase
from catalogue.text_search.names import LITTLE, Meaning, names
from catalogue.text_search.spans import spans

# Of a word, to be looked for as the beginning of others.
PREFIX_MIN_CHARACTERS = 3
NOTHING = AnyOf(())
_QUOTED = re.compile(r'["“”„«»]\s*([^"“”„«»]+?)\s*["“”„«»]')


@dataclass(frozen=True, slots=True)
class Term:
    """A word, words that name something together, or a phrase in quotation marks.

    By fields: `headed`, the noun that an article's name is about, or a synonym of it; `titled`, the words in its name,
    but for their plural; `synonymous`, a synonym there; `stemmed`, another form of either there; `described`, any of
    these in its description; `coded`, its SKU or barcode. The ids are those of what the words name; `within` is what
    has them within its name, `within_category` a category of these.
    """

    text: str
    unit: Unit | None = None
    headed: AnyOf = NOTHING
    titled: AnyOf = NOTHING
    synonymous: AnyOf = NOTHING
    stemmed: AnyOf = NOTHING
    described: AnyOf = NOTHING
    coded: AnyOf = NOTHING
    categories: frozenset[int] = frozenset()
    colours: frozenset[int] = frozenset()
    brands: frozenset[int] = frozenset()
    within: AnyOf = NOTHING
    within_category: AnyOf = NOTHING

    @property
    def coloured(self) -> AnyOf:
        return _traits("k", self.colours)

    @property
    def of_one_colour(self) -> AnyOf:
        return _traits("o", self.colours)

    @property
    def categorised(self) -> AnyOf:
        return _traits("c", self.categories)

    @property
    def branded(self) -> AnyOf:
        return _traits("b", self.brands)

    @property
    def traits(self) -> AnyOf:
        """What names an article's category, brand or colour."""
        return any_of([self.categorised, self.branded, self.coloured, self.within])

    @property
    def kind(self) -> AnyOf:
        """What makes an article one that the term asks for, rather than one that is like it or mentions it.

        A dress is one by its category: a dress shirt, which has the word in its name, is none. Where no category is
        named, the word in its name makes it one.
        """
        if self.categories:
            return any_of([self.categorised, self.branded, self.coloured])
        return any_of([self.titled, self.branded, self.coloured])

    @property
    def named(self) -> AnyOf:
        """The words in an article's name, in any form, or a synonym."""
        return any_of([self.titled, self.synonymous, self.stemmed])

    @property
    def exact(self) -> AnyOf:
        """What an article must have to have just this word, in a form of the same language."""
        parts = self.unit.parts if self.unit else ()
        return any_of([self.titled, phrase(TEXT, english_tokens(parts))] if parts else [self.titled])

    @property
    def clause(self) -> AnyOf:
        """What an article must have, in any field."""
        return any_of([self.titled, self.synonymous, self.stemmed, self.traits, self.described, self.coded])


def read_terms(text: str, *, together: bool = True) -> list[Term]:
    """Return the terms of a text. Little words are left out, unless there are no others.

    Unless `together`, each word is a term of its own, also where it is part of a name.
    """
    terms: list[Term] = []
    place = 0
    for quoted in _QUOTED.finditer(text):
        terms += _free_terms(text[place : quoted.start()], together=together)
        terms += _quoted_term(quoted[1])
        place = quoted.end()
    terms += _free_terms(text[place:], together=together)
    if not terms:
        terms = list(_free_terms(text, little=True))
    return terms


def prefix_term(term: Term) -> Term | None:
    """Return the term of articles that have a word which begins with this one; None for a short or quoted one."""
    if term.unit is None:
        return None
    beginning = fold(term.unit.joined)
    if len(beginning) < PREFIX_MIN_CHARACTERS:
        return None
    return Term(
        term.text,
        term.unit,
        stemmed=any_of([phrase(TITLE, f"w{beginning}", prefix=True)]),
        described=any_of(phrase(TEXT, f"{kind}{beginning}", prefix=True) for kind in "ef"),
        # The beginning of a barcode is no number of anything.
        coded=any_of([] if beginning.isdecimal() else [phrase(CODES, f"x{beginning}", prefix=True)]),
    )


def whole_code(text: str) -> AnyOf:
    """Return what an article must have whose SKU or barcode is just this text, in whatever way it is spaced."""
    token = code_token(text)
    return any_of([phrase(CODES, token)] if token else [])


def _free_terms(text: str, *, little: bool = False, together: bool = True) -> Iterator[Term]:
    read = list(units(text))
    groups = [read] if together else [[unit] for unit in read]
    for span in (span for group in groups for span in spans(group, names().meaning)):
        meant = any(span.found[:-1])
        if little or meant or not all(fold(unit.text) in LITTLE for unit in span.units):
            written = text[span.units[0].start : span.units[-1].end]
            yield _term(written, span.units, span.found)


def _term(written: str, some: Sequence[Unit], meaning: Meaning) -> Term:
    known = names()
    own = {tuple(part for unit in some for part in unit.parts)}
    own |= {(unit.joined,) for unit in some if len(some) == 1}
    within = frozenset(known.with_those_below(meaning.within_categories)) - set(
        known.with_those_below(meaning.categories)
    )
    return Term(
        text=written,
        unit=some[0] if len(some) == 1 else None,
        headed=any_of(_head(parts) for parts in (*own, *meaning.phrases)),
        titled=any_of(phrase(TITLE, word_tokens(parts)) for parts in own),
        synonymous=any_of(phrase(TITLE, word_tokens(parts)) for parts in meaning.phrases),
        stemmed=_stemmed(TITLE, [*own, *meaning.phrases]),
        described=_stemmed(TEXT, [*own, *meaning.phrases]),
        coded=any_of(phrase(CODES, token) for unit in some if (token := code_token(unit.text))),
        categories=frozenset(known.with_those_below(meaning.categories)),
        colours=meaning.colours,
        brands=meaning.brands,
        within_category=_traits("c", within),
        within=any_of(
            [_traits("c", within), _traits("b", meaning.within_brands), _traits("k", meaning.within_colours)]
        ),
    )


def _head(parts: tuple[str, ...]) -> Clause:
    """Return what a name has that is about a noun, alone or with what describes it: "running shoes", "sac à dos"."""
    nouns = any_of(phrase(TITLE, f"h{singular(part)}") for part in (parts[0], parts[-1]))
    return nouns if len(parts) == 1 else AllOf((phrase(TITLE, word_tokens(parts)), nouns))


def _quoted_term(text: str) -> Iterator[Term]:
    """Yield the term of words that must follow each other as they are written, but for their plural."""
    parts = [part for unit in units(text) for part in unit.parts]
    if parts:
        yield Term(
            text,
            titled=any_of([phrase(TITLE, word_tokens(parts))]),
            described=_stemmed(TEXT, [tuple(parts)]),
            coded=whole_code(text),
        )


def _traits(kind: str, ids: Iterable[int]) -> AnyOf:
    return any_of(phrase(TRAITS, f"{kind}{pk}") for pk in sorted(ids))


def _stemmed(field: str, phrases: Iterable[tuple[str, ...]]) -> AnyOf:
    return any_of(
        phrase(field, tokens)
        for parts in phrases
        for tokens in (english_tokens(parts), french_tokens(parts), french_tokens(parts, accented=True))
    )
