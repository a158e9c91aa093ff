"""Calibration of probabilities: reliability curve, expected calibration error (ECE), and AUROC.

The ECE is that of Guo et al., "On Calibration of Modern Neural Networks", 2017: cases are binned by their top-1
probability, and the absolute differences between mean probability and accuracy are averaged, weighted by bin size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.recall import Share

BINS = 15
# Fewer than for shares, which need no resampling of the individual cases.
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """The k non-empty bins, (k,) each: mean top-1 probability, accuracy, and number of cases."""

    probability: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]


def reliability_curve(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS
) -> ReliabilityCurve:
    """Return the reliability curve of n top-1 probabilities (n,), 0 to 1, and whether each prediction is right (n,)."""
    places = _bins_of(probabilities, bins)
    counts = np.bincount(places, minlength=bins)
    filled = counts > 0
    probability, accuracy = (
        np.bincount(places, values, bins)[filled] / counts[filled] for values in (probabilities, right)
    )
    return ReliabilityCurve(probability, accuracy, counts[filled])


def expected_calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the ECE, 0 to 1, of n top-1 probabilities (n,), 0 to 1, and whether each prediction is right (n,)."""
    gaps = np.bincount(_bins_of(probabilities, bins), probabilities - right, bins)
    return float(np.abs(gaps).sum() / len(right))


def calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_], *, seed: int = 1) -> Share:
    """Return the expected calibration error with its 95 % bootstrap confidence interval over the cases.

    The estimator is biased upwards for few cases, and a little more under resampling.
    """
    gaps = np.zeros((len(right), BINS))
    gaps[np.arange(len(right)), _bins_of(probabilities, BINS)] = probabilities - right
    drawn = _drawn(len(right), np.random.default_rng(seed))
    errors = np.abs(drawn @ gaps).sum(axis=1) / len(right)
    return _figure(expected_calibration_error(probabilities, right), errors, len(right))


def tempered(probabilities: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """Return probabilities (n, labels) rescaled to a softmax temperature divided by `power`.

    A softmax at temperature T, raised to the power T and normalised, is the softmax at temperature 1.
    """
    powers = probabilities**power
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def median_of(values: NDArray[np.float64], *, seed: int = 1) -> Share:
    """Return the median of values (n,), 0 to 1, with its 95 % bootstrap confidence interval."""
    drawn = np.random.default_rng(seed).choice(values, (RESAMPLES, len(values)))
    return _figure(float(np.median(values)), np.median(drawn, axis=1), len(values))


def separation(high: NDArray[np.float64], low: NDArray[np.float64], *, seed: int = 1) -> Share:
    """Return the area under the ROC curve (AUROC) with its 95 % bootstrap confidence interval; its count is m.

    It is the probability that one of `high` (n,) exceeds one of `low` (m,), ties counted half; 0.5 is chance level.
    """
    wins = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    rng = np.random.default_rng(seed)
    drawn = ((_drawn(len(high), rng) @ wins) * _drawn(len(low), rng)).sum(axis=1) / wins.size
    return _figure(float(wins.mean()), drawn, len(low))


def _bins_of(probabilities: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return each case's bin index. Bins include their upper edge, and the first one also 0."""
    return np.asarray(np.clip(np.ceil(probabilities * bins) - 1, 0, bins - 1), np.intp)


def _drawn(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the multiplicity of each of `count` cases in each bootstrap resample, (RESAMPLES, count)."""
    return np.asarray(rng.multinomial(count, np.full(count, 1 / count), RESAMPLES), np.int64)


def _figure(value: float, resampled: NDArray[np.float64], count: int) -> Share:
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Share(value, float(low), float(high), count)
