"""Loss functions of training: cross-entropy, cosine distance, Kullback-Leibler divergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import ops


@dataclass(frozen=True, slots=True)
class Objective:
    """What an output is asked for: the loss of its rows, and how much that counts among others."""

    loss: Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]
    weight: float


def category_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the cross-entropy of each row, (n,), with wanted shares of the categories; both (n, categories)."""
    return keras.losses.categorical_crossentropy(wanted, logits, from_logits=True)


def distance_loss(targets: keras.KerasTensor, predicted: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 − cosine of each row, (n,), with a teacher's; both unit rows (n, d)."""
    return 1.0 - ops.sum(targets * predicted, axis=-1)


def divergence_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the Kullback-Leibler divergence of each row's probabilities from wanted ones, (n,); both (n, categories).

    It is 0, as the cross-entropy is not, where the two agree.
    """
    return keras.losses.kl_divergence(wanted, ops.softmax(logits))
