"""Paired comparison of two models on the same cases: paired bootstrap intervals are narrower than separate ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.evaluation.cases import LIMITS, Cases, Hits
from lab.evaluation.recall import RESAMPLES

CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of the second model minus that of the first, −1 to 1, with its 95 % bootstrap confidence interval."""

    name: str
    first: float
    second: float
    low: float
    high: float
    count: int

    @property
    def value(self) -> float:
        return self.second - self.first

    @property
    def is_real(self) -> bool:
        """Whether the difference is significant: the interval excludes 0."""
        return self.low > 0 or self.high < 0

    @property
    def is_none(self) -> bool:
        """Whether both models are as right in each case."""
        return self.low == self.high == 0


def difference_of(name: str, first: Hits, second: Hits, *, seed: int = 1) -> Difference:
    """Return the paired difference of two models' hits on the same n cases.

    Resamples draw the same cases for both models. Cases are alike that differ by the same, so the bootstrap reduces to
    multinomial draws: of wins, losses and ties, where a case is a hit or none.
    """
    count = len(first)
    steps, cases = np.unique(second.astype(np.float64) - first.astype(np.float64), return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(count, cases / count, RESAMPLES)
    low, high = np.percentile(drawn @ steps / count, (2.5, 97.5))
    return Difference(name, float(first.mean()), float(second.mean()), float(low), float(high), count)


def hits_of(cases: Cases) -> dict[str, Hits]:
    """Return the hits of all cases by the name of the figure: "category", "Luma recall@1", …"""
    hits: dict[str, Hits] = {} if cases.categories is None else {CATEGORY: cases.categories.right}
    for name, ranks in cases.ranks.items():
        hits |= {f"{name} recall@{limit}": ranks < limit for limit in LIMITS}
    return hits | dict(cases.hits)


def differences(first: Cases, second: Cases) -> list[Difference]:
    """Return the paired differences of all common figures. Raises ValueError if the evaluated photos differ."""
    for name in first.judged.keys() & second.judged.keys():
        if first.judged[name] != second.judged[name]:
            raise ValueError(f"The two were judged by other photos ({name}): judge both by the same folders again.")
    others = hits_of(second)
    return [difference_of(name, hits, others[name]) for name, hits in hits_of(first).items() if name in others]
