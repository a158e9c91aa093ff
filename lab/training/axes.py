"""Principal component analysis with half whitening, and ridge regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Axes thinner than this share of the first are noise, and whitening would blow it up.
LEAST_DEVIATION = 1e-3
# The held-back share of the mean variance: features are many, photos few.
RIDGE = 1e-2


def principal_axes(rows: NDArray[np.float32], dimensions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (mean (d,), matrix (d, dimensions)) that centre rows and turn them on their main axes, half whitened.

    Half whitening divides by the square root of an axis's standard deviation: the first axes, which tell kinds apart,
    no longer drown those that tell articles apart. Where there are fewer axes than asked for, the last columns are 0.
    """
    mean = rows.mean(axis=0)
    _, deviations, axes = np.linalg.svd(rows - mean, full_matrices=False)
    deviations, axes = deviations[:dimensions] / np.sqrt(len(rows)), axes[:dimensions]
    kept = deviations > LEAST_DEVIATION * deviations[0]
    matrix = np.zeros((rows.shape[1], dimensions), np.float32)
    matrix[:, : kept.sum()] = axes[kept].T / np.sqrt(deviations[kept])
    return mean.astype(np.float32), matrix


def ridge(rows: NDArray[np.float32], targets: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return [matrix (d, d'), bias (d',)] that bring rows (n, d) nearest to targets (n, d'), by ridge regression."""
    mean, middle = rows.mean(axis=0), targets.mean(axis=0)
    centred = rows - mean
    held = RIDGE * len(rows) * float(centred.var(axis=0).mean()) * np.eye(rows.shape[1])
    matrix = np.linalg.solve(centred.T @ centred + held, centred.T @ (targets - middle))
    return [matrix.astype(np.float32), (middle - mean @ matrix).astype(np.float32)]
