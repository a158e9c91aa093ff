"""The training loop: AdamW with warm-up and cosine decay, moving average of the weights, and resumable checkpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from catalogue.progress import progress_bar

CHECKPOINT_STEPS = 60
WARM_UP = 0.08
SETTLING_BATCHES = 16

Batch = tuple[NDArray[np.float32], dict[str, NDArray[Any]]]


def optimiser(steps: int, learning_rate: float, *, weight_decay: float, momentum: float) -> keras.optimizers.Optimizer:
    """Return AdamW with warm-up, cosine decay over `steps`, gradient clipping, and a weight EMA with `momentum`."""
    rates = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20,
        decay_steps=max(1, round(steps * (1 - WARM_UP))),
        warmup_target=learning_rate,
        warmup_steps=round(steps * WARM_UP),
    )
    return keras.optimizers.AdamW(
        rates, weight_decay=weight_decay, global_clipnorm=5.0, use_ema=True, ema_momentum=momentum
    )


class Checkpoint:
    """The training state on disk: weights, optimiser state, moving averages, and the number of steps done."""

    def __init__(self, folder: Path, name: str, recipe: Mapping[str, object]) -> None:
        self._weights = folder / f"{name}.weights.h5"
        self._progress = folder / f"{name}.json"
        self._recipe = dict(recipe)

    def save(self, model: keras.Model, steps: int) -> None:
        """Save the model's state after `steps`. Files are replaced atomically: after an interruption in between, some
        steps are repeated at worst.
        """
        part = self._weights.with_name("part.weights.h5")
        model.save_weights(part)
        part.replace(self._weights)
        part = self._progress.with_suffix(".part")
        part.write_text(json.dumps({"steps": steps, "recipe": self._recipe}))
        part.replace(self._progress)

    def restore(self, model: keras.Model) -> int:
        """Load the saved state, if any, into the compiled model and return the number of steps done, or 0.

        Raises ValueError if the state belongs to another recipe.
        """
        if not self._progress.exists():
            return 0
        progress = json.loads(self._progress.read_text())
        if progress["recipe"] != self._recipe:
            raise ValueError(f"{self._weights} was made by another recipe. Remove its folder or name another one.")
        model.load_weights(self._weights)
        return int(progress["steps"])


def run_round(
    model: keras.Model,
    draw: Callable[[int], Batch],
    steps: int,
    done: int,
    checkpoint: Checkpoint,
    title: str,
    after_step: Callable[[int], None] = lambda _done: None,
) -> None:
    """Train the compiled model from step `done` to `steps` on the batches that `draw` returns for a step's number.

    `after_step` is called after each update with the number of steps done. At the end the model has the moving average
    of the weights, with batch-norm statistics recomputed for it.
    """
    with ThreadPoolExecutor(1) as ahead, progress_bar(range(done, steps), desc=title, unit="step") as bar:
        following = ahead.submit(draw, done)
        for step in bar:
            pixels, truth = following.result()
            following = ahead.submit(draw, step + 1)
            figures = model.train_on_batch(pixels, truth, return_dict=True)
            after_step(step + 1)
            bar.set_postfix({name: f"{value:.3f}" for name, value in figures.items()}, refresh=False)
            if (step + 1) % CHECKPOINT_STEPS == 0 or step + 1 == steps:
                checkpoint.save(model, step + 1)
                model.reset_metrics()
    if steps:
        model.optimizer.finalize_variable_values(model.trainable_variables)
        settle_norms(model, draw, steps)


def settle_norms(model: keras.Model, draw: Callable[[int], Batch], steps: int) -> None:
    """Recompute the statistics of trainable batch norms for the averaged weights, on SETTLING_BATCHES new batches
    (Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, 2018).
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]
    if not norms:
        return
    momenta = [layer.momentum for layer in norms]
    for batch in range(SETTLING_BATCHES):
        for layer in norms:
            # Makes the moving average the arithmetic mean of all batches.
            layer.momentum = batch / (batch + 1)
        model(draw(steps + batch)[0], training=True)
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
