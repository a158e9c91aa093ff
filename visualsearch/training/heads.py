"""The heads that training hangs on the pooled features, started from closed forms so that no epoch is lost on them."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from visualsearch.training.architecture import LAST_FEATURES
from visualsearch.training.axes import principal_axes
from visualsearch.training.labels import UNKNOWN
from visualsearch.vectors import normalise

EMBEDDING_DIMENSIONS = 256
PROBE_EPOCHS = 30


def add_heads(served: keras.Model, kinds: int, targets: int) -> keras.Model:
    """Return the network in training.

    Its outputs: "categories", the logits; "instances", the embedding of each view, unit rows; "kinds", the embedding's
    cosine with one learned proxy for each kind; "teacher", its idea of what ImageNet's network saw, `targets` numbers.
    """
    class_map, pooled = served.output
    embedding = keras.layers.UnitNormalization(name="instances")(
        keras.layers.Dense(EMBEDDING_DIMENSIONS, name="embed")(pooled)
    )
    proxies = keras.layers.Dense(kinds, use_bias=False, kernel_constraint=keras.constraints.UnitNorm(), name="kinds")
    outputs = {
        "categories": keras.layers.GlobalAveragePooling2D(name="categories")(class_map),
        "kinds": proxies(embedding),
        "instances": embedding,
        "teacher": keras.layers.UnitNormalization(name="teacher")(keras.layers.Dense(targets, name="recall")(pooled)),
    }
    return keras.Model(served.input, outputs, name="training")


def start_heads(
    model: keras.Model,
    pooled: NDArray[np.float32],
    labels: tuple[NDArray[np.int64], NDArray[np.int64]],
    targets: NDArray[np.float32],
) -> None:
    """Set the heads from the untrained network's pooled features of the training photos, (n, d).

    `labels` are categories and kinds; `targets` (n, d') the teacher's unit rows.
    """
    categories, kinds = labels
    known = categories != UNKNOWN
    probe = keras.Sequential([keras.Input((LAST_FEATURES,)), keras.layers.Dense(model.get_layer("class_map").filters)])
    probe.compile(keras.optimizers.AdamW(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    probe.fit(pooled[known, :LAST_FEATURES], categories[known], batch_size=128, epochs=PROBE_EPOCHS, verbose=0)
    kernel, bias = probe.get_weights()
    model.get_layer("class_map").set_weights([kernel[None, None], bias])

    mean, matrix = principal_axes(pooled, EMBEDDING_DIMENSIONS)
    model.get_layer("embed").set_weights([matrix, -mean @ matrix])
    embedded = normalise((pooled - mean) @ matrix)
    means = [embedded[kinds == kind].mean(axis=0) for kind in range(model.get_layer("kinds").units)]
    model.get_layer("kinds").set_weights([normalise(np.stack(means)).T])

    centred, middle = pooled - mean, targets.mean(axis=0)
    ridge = 1e-2 * len(pooled) * float(centred.var(axis=0).mean()) * np.eye(pooled.shape[1])
    recalled = np.linalg.solve(centred.T @ centred + ridge, centred.T @ (targets - middle))
    model.get_layer("recall").set_weights([recalled, middle - mean @ recalled])
