"""Ranks, recall@k and shares, with bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.vectors import Vectors

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Share:
    """A figure, mostly a share of cases, with its 95 % bootstrap interval, all 0 to 1, and the number of cases."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def share_of(hits: NDArray[np.bool_], *, seed: int = 1) -> Share:
    """Return the share of true cases.

    Drawing n cases with replacement and counting the true ones is one binomial draw, so the bootstrap is one too.
    """
    mean = float(hits.mean())
    means = np.random.default_rng(seed).binomial(len(hits), mean, RESAMPLES) / len(hits)
    low, high = np.percentile(means, (2.5, 97.5))
    return Share(mean, float(low), float(high), len(hits))


def ranks_of(queries: Vectors, gallery: Vectors, wanted: Sequence[int]) -> NDArray[np.int64]:
    """Return how many of the gallery come before (or level with) the wanted row of each query: 0 is found first.

    `queries` (n, d) and `gallery` (m, d) have unit rows; `wanted` names a row of the gallery for each query.
    """
    similarities = queries @ gallery.T
    own = similarities[np.arange(len(queries)), wanted]
    return np.asarray((similarities >= own[:, None]).sum(axis=1) - 1, np.int64)


def recall_at(ranks: NDArray[np.int64], limits: Sequence[int] = (1, 5, 10)) -> dict[int, Share]:
    """Return recall@k for each k of `limits`."""
    return {limit: share_of(ranks < limit) for limit in limits}
