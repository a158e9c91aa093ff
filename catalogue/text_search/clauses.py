"""What a document must have, for an engine to find it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

TITLE, TRAITS, CODES, TEXT = "title", "traits", "codes", "text"
FIELDS = (TITLE, TRAITS, CODES, TEXT)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other in a field; `prefix`: the last begins a token."""

    field: str
    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the clauses."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of the clauses."""

    clauses: tuple[Clause, ...]


Clause: TypeAlias = Phrase | AnyOf | AllOf


def any_of(clauses: Iterable[Clause]) -> AnyOf:
    """Return what is met by any of the clauses, each once; without one, by nothing."""
    flat: list[Clause] = []
    for clause in clauses:
        flat += clause.clauses if isinstance(clause, AnyOf) else [clause]
    return AnyOf(tuple(dict.fromkeys(flat)))


def phrase(field: str, tokens: str, *, prefix: bool = False) -> Phrase:
    """Return the phrase of tokens with spaces between."""
    return Phrase(field, tuple(tokens.split()), prefix)


class Tokens:
    """The tokens of a document, of some or all of its fields."""

    def __init__(self, fields: Iterable[str], texts: Iterable[str]) -> None:
        self._texts = {field: f" {text} " for field, text in zip(fields, texts, strict=True)}

    def in_a_row(self, field: str) -> str:
        """Return a field's tokens as they follow each other, with spaces between and at both ends."""
        return self._texts[field]


def phrases_in(clause: Clause) -> set[Phrase]:
    """Return the phrases that a clause is made of."""
    return {clause} if isinstance(clause, Phrase) else set().union(*map(phrases_in, clause.clauses))


def predicate(clause: Clause) -> Callable[[Tokens], bool]:
    """Return what says whether a document meets a clause, as an engine would: taken apart once, for many documents."""
    if isinstance(clause, Phrase):
        field, row = clause.field, in_a_row(clause)
        return lambda document: row in document.in_a_row(field)
    tests = [predicate(part) for part in clause.clauses]
    if isinstance(clause, AllOf):
        return lambda document: all(test(document) for test in tests)
    return lambda document: any(test(document) for test in tests)


def in_a_row(phrase: Phrase) -> str:
    """Return a phrase as it is in what `Tokens.in_a_row` returns."""
    return f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}"


def signature(clauses: Iterable[Clause]) -> Callable[[Tokens], Hashable]:
    """Return what gives the same for two documents only if they meet the same of the clauses."""
    phrases = set().union(*map(phrases_in, clauses))
    # Nearly all are single tokens: those of a field are looked up together.
    tokens: dict[str, set[str]] = defaultdict(set)
    rows: list[tuple[str, str]] = []
    for each in phrases:
        if len(each.tokens) == 1 and not each.prefix:
            tokens[each.field].update(each.tokens)
        else:
            rows.append((each.field, in_a_row(each)))
    sets = [(field, frozenset(some)) for field, some in tokens.items()]
    return lambda document: (
        *[some.intersection(document.in_a_row(field).split()) for field, some in sets],
        *[row in document.in_a_row(field) for field, row in rows],
    )
