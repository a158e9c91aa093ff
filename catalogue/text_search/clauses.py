"""What a document must have, for an engine to find it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
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
        self._sets: dict[str, frozenset[str]] = {}

    def in_a_row(self, field: str) -> str:
        """Return a field's tokens as they follow each other, with spaces between and at both ends."""
        return self._texts[field]

    def of(self, field: str) -> frozenset[str]:
        """Return a field's tokens, each once."""
        if field not in self._sets:
            self._sets[field] = frozenset(self._texts[field].split())
        return self._sets[field]


def fields_in(clause: Clause) -> set[str]:
    """Return the fields of a document that a clause asks of."""
    return {clause.field} if isinstance(clause, Phrase) else set().union(*map(fields_in, clause.clauses))


def predicate(clause: Clause) -> Callable[[Tokens], bool]:
    """Return what says whether a document meets a clause, as an engine would: taken apart once, for many documents."""
    if isinstance(clause, Phrase):
        field, row = clause.field, f" {' '.join(clause.tokens)}{'' if clause.prefix else ' '}"
        return lambda document: row in document.in_a_row(field)
    if isinstance(clause, AllOf):
        tests = [predicate(part) for part in clause.clauses]
        return lambda document: all(test(document) for test in tests)
    # Single tokens are most of all that is asked: they are looked up together.
    single: dict[str, set[str]] = defaultdict(set)
    others: list[Callable[[Tokens], bool]] = []
    for part in clause.clauses:
        if isinstance(part, Phrase) and len(part.tokens) == 1 and not part.prefix:
            single[part.field].update(part.tokens)
        else:
            others.append(predicate(part))
    return lambda document: (
        any(not some.isdisjoint(document.of(field)) for field, some in single.items())
        or any(test(document) for test in others)
    )
