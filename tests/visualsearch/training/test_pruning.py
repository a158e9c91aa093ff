from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.visualsearch.training.networks import CATEGORIES, SIZE, pictures, small_served
from visualsearch.training.finetuning import Lessons, Recipe, train
from visualsearch.training.graph import CLASS_MAP
from visualsearch.training.pruning import Masks

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.usefixtures("untraced"),
    # Keras reads its batches by a traced function all the same, and TensorFlow says so.
    pytest.mark.filterwarnings("ignore:Even though .* does not apply to tf.data functions:UserWarning"),
]
POINTWISE = {"expand", "project", "head"}


def _zeroes(served: keras.Model) -> dict[str, float]:
    """Return the share of zeroes of each kernel that has some."""
    shares = {layer.name: float(np.mean(layer.get_weights()[0] == 0)) for layer in served.layers if layer.weights}
    return {name: share for name, share in shares.items() if share}


def test_the_smallest_weights_of_pointwise_kernels_become_zero_layer_by_layer() -> None:
    served = small_served()
    before = {layer.name: layer.get_weights() for layer in served.layers}

    masks = Masks.of(served, 0.75)
    untouched = masks.share()
    masks.apply()

    assert untouched == 0
    assert masks.share() == 0.75
    assert _zeroes(served) == dict.fromkeys(POINTWISE, 0.75)
    for name in POINTWISE:
        kernel, first = served.get_layer(name).get_weights()[0], before[name][0]
        assert np.abs(first[kernel == 0]).max() <= np.abs(kernel[kernel != 0]).min()
        np.testing.assert_array_equal(kernel[kernel != 0], first[kernel != 0])


def test_what_was_pruned_stays_pruned_when_more_is() -> None:
    served = small_served()
    half = Masks.of(served, 0.5)
    half.apply()

    more = Masks.of(served, 0.9)

    for first, second in zip(half.masks, more.masks, strict=True):
        assert not second[first == 0].any()


def test_a_layer_that_cannot_learn_is_left_alone() -> None:
    served = small_served()
    served.get_layer("expand").trainable = False

    Masks.of(served, 0.5).apply()

    assert _zeroes(served).keys() == POINTWISE - {"expand"}


def test_zeroes_survive_training_and_the_moving_average_while_other_weights_learn(tmp_path: Path) -> None:
    served = small_served()
    masks = Masks.of(served, 0.75)
    masks.apply()
    before = {layer.name: layer.get_weights()[0] for layer in served.layers if layer.weights}
    photos = [Image.fromarray(photo) for photo in pictures(4)]
    lessons = Lessons(["a", "b", "c"], photos, np.eye(4, CATEGORIES, dtype=np.float32))
    recipe = Recipe(steps=2, photos_per_step=4, size=SIZE)

    train(served, lessons, np.zeros((4, 0), np.float32), tmp_path, recipe, started=True, after_step=masks.apply)

    assert _zeroes(served) == dict.fromkeys(POINTWISE, 0.75)
    for name in (*POINTWISE, "stem", CLASS_MAP):
        kernel = served.get_layer(name).get_weights()[0]
        assert np.any(kernel != before[name])
        if name in POINTWISE:
            np.testing.assert_array_equal(kernel == 0, before[name] == 0)
