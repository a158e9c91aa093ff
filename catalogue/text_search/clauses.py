"""What a document must have, for an engine to find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def meets(clause: Clause, fields: Mapping[str, str]) -> bool:
    """Return whether a document meets a clause: its tokens by field, with spaces between and at both ends."""
    if isinstance(clause, Phrase):
        return f" {' '.join(clause.tokens)}{'' if clause.prefix else ' '}" in fields[clause.field]
    return (all if isinstance(clause, AllOf) else any)(meets(part, fields) for part in clause.clauses)
