"""What the network is asked for while it trains. A label of −1 is unknown and asks for nothing."""

from __future__ import annotations

import keras
from keras import ops

from visualsearch.training.labels import UNKNOWN

LABEL_SMOOTHING = 0.1
PROXY_SCALE = 16.0
INSTANCE_TEMPERATURE = 0.1


def category_loss(labels: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the smoothed cross-entropy of each row, (n,), from labels (n,) and logits (n, categories)."""
    labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
    wanted = ops.one_hot(ops.maximum(labels, 0), logits.shape[-1])
    losses = keras.losses.categorical_crossentropy(wanted, logits, from_logits=True, label_smoothing=LABEL_SMOOTHING)
    return losses * ops.cast(labels != UNKNOWN, losses.dtype)


def proxy_loss(labels: keras.KerasTensor, cosines: keras.KerasTensor) -> keras.KerasTensor:
    """Return the normalised softmax loss of each row, from the cosine with each kind's proxy."""
    return category_loss(labels, cosines * PROXY_SCALE)


def instance_loss(photos: keras.KerasTensor, embeddings: keras.KerasTensor) -> keras.KerasTensor:
    """Return the NT-Xent loss of each row: its photo's other view against all views of other photos.

    `photos` (n,) numbers the photo that each of the unit rows of `embeddings` is a view of.
    """
    photos = ops.reshape(photos, (-1, 1))
    own = ops.eye(ops.shape(embeddings)[0])
    similarities = ops.matmul(embeddings, ops.transpose(embeddings)) / INSTANCE_TEMPERATURE - own * 1e9
    same = ops.cast(photos == ops.transpose(photos), embeddings.dtype) - own
    logs = ops.log_softmax(similarities, axis=-1)
    # 0 × −1e9 on the diagonal is −0: a view is neither its own positive nor its own negative.
    return -ops.sum(same * logs, axis=-1) / ops.maximum(ops.sum(same, axis=-1), 1.0)


def teacher_loss(targets: keras.KerasTensor, predicted: keras.KerasTensor) -> keras.KerasTensor:
    """Return 1 − cosine of each row with what ImageNet's network saw in the untouched photo."""
    return 1.0 - ops.sum(targets * predicted, axis=-1)


def mixed_category_loss(wanted: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the cross-entropy of each row with wanted shares of the categories, both (n, categories)."""
    return keras.losses.categorical_crossentropy(wanted, logits, from_logits=True)
