"""The rows of the column table as arrays, and the small numbers that stand for values. No Django, no statement."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
# One of each row of a table: whether it passes.
Mask: TypeAlias = NDArray[np.bool_]

# The price of an article that has none. Others are in hundredths.
NO_PRICE = -1


class Vocabulary(dict[Hashable, int]):
    """Values by a small number for each, given in the order in which they are first met, and never changed.

    Let one thread at a time encode; others may read meanwhile.
    """

    def __missing__(self, value: Hashable) -> int:
        self[value] = code = len(self)
        return code

    def encode(self, values: Collection[Hashable]) -> Codes:
        """Return the code of each value; new ones get one."""
        return np.fromiter(map(self.__getitem__, values), np.int32, len(values))

    def known(self, values: Iterable[Hashable]) -> list[int]:
        """Return the codes of those values that have one."""
        return [code for value in values if (code := self.get(value)) is not None]


@dataclass(frozen=True)
class Vocabularies:
    """The vocabularies of a table, which those that follow it share."""

    categories: Vocabulary = field(default_factory=Vocabulary)
    brands: Vocabulary = field(default_factory=Vocabulary)
    colours: Vocabulary = field(default_factory=Vocabulary)
    sizes: Vocabulary = field(default_factory=Vocabulary)
    currencies: Vocabulary = field(default_factory=Vocabulary)


@dataclass(frozen=True)
class Pairs:
    """What articles have several of: an article's id and a code in each row, no two rows the same."""

    ids: Ids
    codes: Codes


@dataclass(frozen=True)
class Rows:
    """The columns of articles. Each array of `ids`, ascending, to `created` has one entry an article.

    `prices` are in hundredths of the currency, NO_PRICE for none; `created` in microseconds. Categories and brands are
    codes, also of None. `sizes` are those in stock; `listed` the additional categories.
    """

    ids: Ids
    categories: Codes
    brands: Codes
    prices: NDArray[np.int64]
    currencies: Codes
    available: Mask
    created: NDArray[np.int64]
    colours: Pairs
    listed: Pairs
    sizes: Pairs

    def replaced(self, ids: Ids, others: Rows) -> Rows:
        """Return these rows with `others` in the place of those of some ids; without those that others lack."""
        kept = ~np.isin(self.ids, ids)
        columns = {
            name: np.concatenate([getattr(self, name)[kept], getattr(others, name)])
            for name in ("ids", "categories", "brands", "prices", "currencies", "available", "created")
        }
        order = np.argsort(columns["ids"], kind="stable")
        pairs = {name: _joined(getattr(self, name), ids, getattr(others, name)) for name in _PAIRS}
        return Rows(**{name: column[order] for name, column in columns.items()}, **pairs)  # type: ignore[arg-type]  # by name


_PAIRS = ("colours", "listed", "sizes")


def _joined(pairs: Pairs, ids: Ids, others: Pairs) -> Pairs:
    kept = ~np.isin(pairs.ids, ids)
    return Pairs(np.concatenate([pairs.ids[kept], others.ids]), np.concatenate([pairs.codes[kept], others.codes]))
