from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from lab.training.finetuning import Lessons, Recipe, train
from lab.training.graph import CLASS_MAP
from lab.training.pruning import GradualPruning, Masks
from tests.lab.training.networks import CATEGORIES, SIZE, as_input, pictures, small_served

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.usefixtures("untraced"),
    # Keras reads its batches by a traced function all the same, and TensorFlow says so.
    pytest.mark.filterwarnings("ignore:Even though .* does not apply to tf.data functions:UserWarning"),
]
PICTURES = [Image.fromarray(photo) for photo in pictures(4)]
POINTWISE = {"expand", "project", "head"}


def _zeroes(served: keras.Model) -> dict[str, float]:
    """Return the share of zeroes of each kernel that has some."""
    shares = {layer.name: float(np.mean(layer.get_weights()[0] == 0)) for layer in served.layers if layer.weights}
    return {name: share for name, share in shares.items() if share}


def test_the_weights_that_matter_least_to_an_output_become_zero() -> None:
    served = small_served()
    before = {layer.name: layer.get_weights() for layer in served.layers}

    masks = Masks.cut(served, 0.75, PICTURES)

    assert masks.share() == 0.75
    assert _zeroes(served) == dict.fromkeys(POINTWISE, 0.75)
    for name in POINTWISE:
        kernel, first = served.get_layer(name).get_weights()[0][0, 0], before[name][0][0, 0]
        assert set(np.mean(kernel == 0, axis=0)) == {0.75}
        np.testing.assert_array_equal(kernel[kernel != 0], first[kernel != 0])


def test_a_weight_whose_input_never_changes_goes_first_and_the_bias_stands_in_for_it() -> None:
    served = small_served()
    kernel, bias = served.get_layer("depthwise").get_weights()
    kernel[:, :, ::2] = 0
    bias[::2] = 3
    served.get_layer("depthwise").set_weights([kernel, bias])
    # Large weights, which say the same of every picture.
    kernel, bias = served.get_layer("project").get_weights()
    kernel[:, :, ::2] = 5
    served.get_layer("project").set_weights([kernel, bias])
    project = keras.Model(served.input, served.get_layer("project").output)
    pixels = as_input(pictures(4))
    expected = project.predict_on_batch(pixels)
    served.get_layer("expand").trainable = False

    Masks.cut(served, 0.5, PICTURES)

    assert not served.get_layer("project").get_weights()[0][:, :, ::2].any()
    np.testing.assert_allclose(project.predict_on_batch(pixels), expected, atol=1e-3)


def test_what_was_pruned_stays_pruned_when_more_is() -> None:
    served = small_served()
    half = Masks.cut(served, 0.5, PICTURES)

    more = Masks.cut(served, 0.9, PICTURES)

    for first, second in zip(half.masks, more.masks, strict=True):
        assert not second[first == 0].any()


def test_a_layer_that_cannot_learn_is_left_alone() -> None:
    served = small_served()
    served.get_layer("expand").trainable = False

    Masks.cut(served, 0.5, PICTURES)

    assert _zeroes(served).keys() == POINTWISE - {"expand"}


def test_what_is_cut_grows_with_the_steps_and_a_continued_training_catches_up() -> None:
    served = small_served()

    gradual = GradualPruning(served, 0.75, PICTURES, 20)
    shares = [gradual.masks.share()]
    for done in (1, 4, 12, 20):
        gradual(done)
        shares.append(gradual.masks.share())

    first, second, third, last, end = shares
    assert 0.25 < first == second < third < last == end == 0.75


def test_zeroes_survive_training_and_the_moving_average_while_other_weights_learn(tmp_path: Path) -> None:
    served = small_served()
    pruning = GradualPruning(served, 0.75, PICTURES, 2)
    pruning(1)
    before = {layer.name: layer.get_weights()[0] for layer in served.layers if layer.weights}
    lessons = Lessons(["a", "b", "c"], PICTURES, np.eye(4, CATEGORIES, dtype=np.float32))
    recipe = Recipe(steps=2, photos_per_step=4, size=SIZE)

    train(served, lessons, np.zeros((4, 0), np.float32), tmp_path, recipe, started=True, after_step=pruning)

    assert _zeroes(served) == dict.fromkeys(POINTWISE, 0.75)
    for name in (*POINTWISE, "stem", CLASS_MAP):
        kernel = served.get_layer(name).get_weights()[0]
        assert np.any(kernel != before[name])
        if name in POINTWISE:
            np.testing.assert_array_equal(kernel == 0, before[name] == 0)
