"""Training heads on the served graph, initialised by linear probing and ridge regression to save training steps."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from lab.training.axes import ridge
from lab.training.graph import CLASS_MAP, last_features

PROBE_EPOCHS = 30
RECALL = "recall"


def add_heads(served: keras.Model, targets: int, temperature: float | None = None) -> keras.Model:
    """Return the training model, which shares the weights of `served`.

    Its outputs: "categories", the logits (n, categories); "teacher", the predicted teacher features, unit rows
    (n, targets), unless `targets` is 0; "softened", the logits divided by `temperature`, unless that is None.
    """
    class_map, pooled = served.output
    outputs = {"categories": keras.layers.GlobalAveragePooling2D(name="categories")(class_map)}
    if targets:
        recalled = keras.layers.Dense(targets, name=RECALL)(pooled)
        outputs["teacher"] = keras.layers.UnitNormalization(name="teacher")(recalled)
    if temperature is not None:
        outputs["softened"] = keras.layers.Rescaling(1 / temperature, name="softened")(outputs["categories"])
    return keras.Model(served.input, outputs, name="training")


def start_categories(model: keras.Model, pooled: NDArray[np.float32], wanted: NDArray[np.float32]) -> None:
    """Initialise the category head by linear probing: logistic regression from pooled features (n, d) of photos to
    their target distributions `wanted` (n, categories).
    """
    last = last_features(model)
    probe = keras.Sequential([keras.Input((last,)), keras.layers.Dense(wanted.shape[1])])
    probe.compile(keras.optimizers.AdamW(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True))
    probe.fit(pooled[:, :last], wanted, batch_size=128, epochs=PROBE_EPOCHS, verbose=0)
    kernel, bias = probe.get_weights()
    model.get_layer(CLASS_MAP).set_weights([kernel[None, None], bias])


def start_recall(model: keras.Model, pooled: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
    """Initialise the teacher head by ridge regression from pooled features (n, d) to the teacher's rows (n, d')."""
    model.get_layer(RECALL).set_weights(ridge(pooled, targets))
