"""Loss functions of training: cross-entropy, cosine distance, Kullback-Leibler divergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import ops


@dataclass(frozen=True, slots=True)
class Objective:
    """The loss of one output, per row, and its weight in the total loss."""

    loss: Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]
    weight: float


def category_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the cross-entropy of each row, (n,), between target distributions and logits; both (n, categories)."""
    return keras.losses.categorical_crossentropy(wanted, logits, from_logits=True)


def distance_loss(targets: keras.KerasTensor, predicted: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 − cosine of each row, (n,), between teacher's and predicted features; both unit rows (n, d)."""
    return 1.0 - ops.sum(targets * predicted, axis=-1)


def divergence_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the Kullback-Leibler divergence KL(wanted ‖ softmax(logits)) of each row, (n,); both (n, categories).

    Unlike the cross-entropy it is 0 where the two distributions agree.
    """
    return keras.losses.kl_divergence(wanted, ops.softmax(logits))
