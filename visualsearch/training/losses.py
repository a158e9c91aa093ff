"""What the network is asked for while it trains."""

from __future__ import annotations

import keras
from keras import ops


def category_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the cross-entropy of each row, (n,), with wanted shares of the categories; both (n, categories)."""
    return keras.losses.categorical_crossentropy(wanted, logits, from_logits=True)


def distance_loss(targets: keras.KerasTensor, predicted: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 − cosine of each row, (n,), with a teacher's; both unit rows (n, d)."""
    return 1.0 - ops.sum(targets * predicted, axis=-1)
