"""A text cut into spans: the words that mean something together, as "navy blue" does, and the others one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from catalogue.text_search.analysis import Unit, fold
from catalogue.text_search.names import NAME_MAX_WORDS

# What was found of the first words; its last item is how many.
F = TypeVar("F", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Span(Generic[F]):
    """Words that follow each other, and what they mean together."""

    units: tuple[Unit, ...]
    found: F

    @property
    def parts(self) -> list[str]:
        return [part for unit in self.units for part in unit.parts]


def spans(units: Sequence[Unit], longest: Callable[[list[str]], F]) -> Iterator[Span[F]]:
    """Yield the units of a text in spans, from left to right, each as long as `longest` finds something.

    `longest` is given the next words, folded, and returns what it found of the first of them, and last how many.
    """
    place = 0
    while place < len(units):
        words, ends = [], {}
        for number, unit in enumerate(units[place : place + NAME_MAX_WORDS], 1):
            words += [fold(part) for part in unit.parts]
            ends[len(words)] = number
        found = longest(words)
        taken = ends.get(found[-1])
        if taken is None:
            # It ends within "long-sleeved": that word is looked for as a whole.
            words = [fold(part) for part in units[place].parts]
            found = longest(words)
            taken = 1
        yield Span(tuple(units[place : place + taken]), found)
        place += taken
