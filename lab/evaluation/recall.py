"""Ranks, recall@k and proportions, with bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.vectors import Vectors

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Share:
    """A figure, mostly a proportion, with its 95 % bootstrap confidence interval, all 0 to 1, and the case count."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def share_of(hits: NDArray[np.bool_], *, seed: int = 1) -> Share:
    """Return the proportion of hits (n,).

    The number of hits in a resample of n cases is binomially distributed, so each resample is one binomial draw.
    """
    mean = float(hits.mean())
    means = np.random.default_rng(seed).binomial(len(hits), mean, RESAMPLES) / len(hits)
    low, high = np.percentile(means, (2.5, 97.5))
    return Share(mean, float(low), float(high), len(hits))


def mean_of(values: NDArray[np.float64], *, seed: int = 1) -> Share:
    """Return the mean of values (n,), 0 to 1, with its 95 % bootstrap confidence interval."""
    drawn = np.random.default_rng(seed).choice(values, (RESAMPLES // 5, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Share(float(values.mean()), float(low), float(high), len(values))


def ranks_of(similarities: Vectors, wanted: Sequence[int]) -> NDArray[np.int64]:
    """Return the rank of the relevant photo of each query, (n,); 0 is first, and ties count against it.

    `similarities` are those of each query to each photo, (n, m); `wanted` has the relevant photo of each query.
    """
    own = similarities[np.arange(len(similarities)), wanted]
    return np.asarray((similarities >= own[:, None]).sum(axis=1) - 1, np.int64)


def recall_at(ranks: NDArray[np.int64], limits: Sequence[int] = (1, 5, 10)) -> dict[int, Share]:
    """Return recall@k of ranks (n,) for each k of `limits`."""
    return {limit: share_of(ranks < limit) for limit in limits}
