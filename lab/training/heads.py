"""Training heads on the served graph, initialised in closed form (linear probe, ridge regression) to save steps."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from lab.training.axes import ridge
from lab.training.graph import CLASS_MAP, last_features

PROBE_EPOCHS = 30
RECALL = "recall"


def add_heads(served: keras.Model, targets: int, temperature: float | None = None) -> keras.Model:
    """Return the network in training.

    Its outputs: "categories", the logits; if `targets` is not 0, "teacher": its idea of what a teacher sees, unit rows
    of so many numbers; and if there is a `temperature`, "softened": the logits divided by it.
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
    """Set the category head to a linear probe of the untrained network's pooled features of photos, (n, d).

    `wanted` (n, categories) are their shares of the categories.
    """
    last = last_features(model)
    probe = keras.Sequential([keras.Input((last,)), keras.layers.Dense(wanted.shape[1])])
    probe.compile(keras.optimizers.AdamW(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True))
    probe.fit(pooled[:, :last], wanted, batch_size=128, epochs=PROBE_EPOCHS, verbose=0)
    kernel, bias = probe.get_weights()
    model.get_layer(CLASS_MAP).set_weights([kernel[None, None], bias])


def start_recall(model: keras.Model, pooled: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
    """Set the teacher's head to what brings pooled features (n, d) nearest to the teacher's unit rows (n, d')."""
    model.get_layer(RECALL).set_weights(ridge(pooled, targets))
