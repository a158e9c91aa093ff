"""Principal component analysis with half whitening, and ridge regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Axes whose deviation is below this share of the first one's are noise, which whitening would amplify.
LEAST_DEVIATION = 1e-3
# Regularisation as a share of the mean feature variance: there are many features and few photos.
RIDGE = 1e-2


def principal_axes(rows: NDArray[np.float32], dimensions: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the PCA of rows (n, d) with half whitening: mean (d,) and projection matrix (d, dimensions), float32.

    Half whitening divides by the square root of an axis's standard deviation, so that the first axes, which separate
    categories, do not dominate those that separate articles. Columns beyond the number of significant axes are 0.
    """
    mean = rows.mean(axis=0)
    _, deviations, axes = np.linalg.svd(rows - mean, full_matrices=False)
    deviations, axes = deviations[:dimensions] / np.sqrt(len(rows)), axes[:dimensions]
    significant = deviations > LEAST_DEVIATION * deviations[0]
    matrix = np.zeros((rows.shape[1], dimensions), np.float32)
    matrix[:, : significant.sum()] = axes[significant].T / np.sqrt(deviations[significant])
    return mean.astype(np.float32), matrix


def ridge(rows: NDArray[np.float32], targets: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return [matrix (d, d'), bias (d',)] of the ridge regression from rows (n, d) to targets (n, d'), float32."""
    mean, middle = rows.mean(axis=0), targets.mean(axis=0)
    centred = rows - mean
    held = RIDGE * len(rows) * float(centred.var(axis=0).mean()) * np.eye(rows.shape[1])
    matrix = np.linalg.solve(centred.T @ centred + held, centred.T @ (targets - middle))
    return [matrix.astype(np.float32), (middle - mean @ matrix).astype(np.float32)]
