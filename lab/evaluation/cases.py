"""Per-case results of an evaluation, from which all figures and paired comparisons of models are computed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.failures import Failure
from lab.evaluation.recall import Share, recall_at, share_of

LIMITS = (1, 5, 10)
# Decimal places of probabilities in a model card.
DIGITS = 4
# How far each case meets a figure, 0 to 1, (n,).
Hits = NDArray[np.bool_] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Report:
    """Category accuracy, recall@k by k for each query set, and figures on calibration and match strength."""

    category: Share | None
    recall: dict[str, dict[int, Share]]
    certainty: Mapping[str, Share] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the figures as a model card stores them."""
        figures: dict[str, object] = {} if self.category is None else {"category": self.category.as_dict()}
        for name, by_limit in self.recall.items():
            figures[name] = {f"recall@{limit}": share.as_dict() for limit, share in by_limit.items()}
        if self.certainty:
            figures["certainty"] = {name: share.as_dict() for name, share in self.certainty.items()}
        return figures


@dataclass(frozen=True, slots=True)
class Categories:
    """True label, predicted label and its probability, (n,) each, of n photos in order of evaluation."""

    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    probability: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each prediction is right, (n,)."""
        return np.array([said == true for said, true in zip(self.predicted, self.truth, strict=True)], np.bool_)


@dataclass(frozen=True, slots=True)
class Cases:
    """The per-case results of one model.

    `ranks` maps each query set's name to the rank of the relevant photo of each query, 0 is first. `judged` maps the
    same names and "category" to a digest of the cases: only results with equal digests can be paired. `certainty` has
    aggregate figures, which are not stored with the cases. `hits` maps a figure's name to how far each of its cases
    meets it. `failures` has what went wrong in each set, to be shown; it is not stored either.
    """

    categories: Categories | None
    ranks: Mapping[str, NDArray[np.int64]]
    judged: Mapping[str, str]
    certainty: Mapping[str, Share] = field(default_factory=dict)
    hits: Mapping[str, Hits] = field(default_factory=dict)
    failures: Mapping[str, Sequence[Failure]] = field(default_factory=dict)

    def __or__(self, other: Cases) -> Cases:
        return Cases(
            self.categories or other.categories,
            {**self.ranks, **other.ranks},
            {**self.judged, **other.judged},
            {**self.certainty, **other.certainty},
            {**self.hits, **other.hits},
            {**self.failures, **other.failures},
        )

    def report(self) -> Report:
        """Return the figures of the cases, with confidence intervals."""
        return Report(
            None if self.categories is None else share_of(self.categories.right),
            {name: recall_at(ranks, LIMITS) for name, ranks in self.ranks.items()},
            self.certainty,
        )

    def as_dict(self) -> dict[str, object]:
        """Return the cases as a model card stores them: each array as one space-separated string."""
        values: dict[str, object] = {
            "judged": dict(self.judged),
            "ranks": {name: _line(ranks) for name, ranks in self.ranks.items()},
            "hits": {name: _line(hits) for name, hits in self.hits.items()},
        }
        if self.categories is not None:
            labels = sorted({*self.categories.truth, *self.categories.predicted})
            values["categories"] = {
                "labels": labels,
                "truth": _line([labels.index(label) for label in self.categories.truth]),
                "predicted": _line([labels.index(label) for label in self.categories.predicted]),
                "probability": _line(np.round(self.categories.probability, DIGITS)),
            }
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Cases:
        """Return the cases from the output of as_dict()."""
        categories = None
        if "categories" in values:
            kept = values["categories"]
            truth, predicted = (
                tuple(kept["labels"][int(place)] for place in kept[name].split()) for name in ("truth", "predicted")
            )
            categories = Categories(truth, predicted, np.array(kept["probability"].split(), np.float64))
        ranks = {name: np.array(line.split(), np.int64) for name, line in values["ranks"].items()}
        # Cards of the laboratory's rows that were made before have no hits.
        hits = {name: np.array(line.split(), np.float64) for name, line in values.get("hits", {}).items()}
        return cls(categories, ranks, values["judged"], hits=hits)


def digest_of(names: Sequence[str]) -> str:
    """Return a short digest of the case names, which depends on their order."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def _line(numbers: Sequence[int] | NDArray[Any]) -> str:
    return " ".join(f"{number:g}" for number in numbers)
