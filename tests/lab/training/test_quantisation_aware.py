from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

from lab.training import architectures, graph
from lab.training.conversion import convert
from lab.training.finetuning import Lessons, Recipe, train
from lab.training.quantisation_aware import quantisation_aware
from tests.lab.training.networks import CATEGORIES, SIZE, as_input, pictures, small_backbone, small_served
from visualsearch.inference.litert import Network

pytestmark = [
    # The converter says so of every int8 input, whose statistics the representative photos give.
    pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected"),
    # TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.usefixtures("untraced"),
    # Keras reads its batches by a traced function all the same, and TensorFlow says so.
    pytest.mark.filterwarnings("ignore:Even though .* does not apply to tf.data functions:UserWarning"),
]
PHOTOS = pictures(4)


@pytest.fixture(scope="module")
def served() -> keras.Model:
    return small_served()


@pytest.fixture(scope="module")
def int8(served: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("int8") / "int8.tflite"
    convert(served, "int8", as_input(PHOTOS), file)
    return file.read_bytes()


def test_it_is_as_far_from_float32_as_the_int8_file_is(served: keras.Model, int8: bytes) -> None:
    filed = Network(int8, file=Path("int8.tflite"), interpreters=1).run(PHOTOS)

    found = quantisation_aware(served).predict_on_batch(as_input(PHOTOS))

    for rounded, exact, true in zip(found, served.predict_on_batch(as_input(PHOTOS)), filed, strict=True):
        ours, theirs = np.abs(rounded - exact).mean(), np.abs(true - exact).mean()
        assert 0.7 < ours / theirs < 1.3


def test_its_kernels_are_those_of_the_int8_file(served: keras.Model, int8: bytes) -> None:
    interpreter = Interpreter(model_content=int8)
    filed = {tuple(tensor["shape"]): tensor for tensor in interpreter.get_tensor_details()}
    aware = quantisation_aware(served)

    for name in ("stem", "expand", "depthwise", "widen", "head"):
        kernel = np.asarray(aware.get_layer(name).rounded_kernel())
        # TFLite has (outputs, h, w, inputs), or (1, h, w, channels).
        kernel = kernel.transpose(3, 0, 1, 2)
        tensor = filed[kernel.shape]
        steps = tensor["quantization_parameters"]["scales"]
        steps = steps if name == "depthwise" else steps[:, None, None, None]
        np.testing.assert_allclose(kernel, interpreter.get_tensor(tensor["index"]) * steps, atol=1e-6)
        assert np.abs(kernel - served.get_layer(name).get_weights()[0].transpose(3, 0, 1, 2)).max() > 1e-4


def test_training_it_trains_the_network_it_was_made_of(tmp_path: Path) -> None:
    served = small_served()
    served.get_layer("stem").trainable = False
    aware = quantisation_aware(served)
    before = {layer.name: layer.get_weights()[0] for layer in served.layers if layer.weights}
    photos = [Image.fromarray(photo) for photo in PHOTOS]
    shares = np.eye(4, CATEGORIES, dtype=np.float32)
    targets = np.eye(4, 8, dtype=np.float32)

    train(
        aware,
        Lessons(["a", "b", "c"], photos, shares),
        targets,
        tmp_path,
        Recipe(steps=2, photos_per_step=4, size=SIZE),
        started=False,
    )

    changed = {name for name, kernel in before.items() if np.any(served.get_layer(name).get_weights()[0] != kernel)}
    assert changed == before.keys() - {"stem"}


def test_gradients_pass_the_rounding_as_if_it_were_not_there(served: keras.Model) -> None:
    rounded, exact = _gradients(quantisation_aware(served)), _gradients(served)

    for mine, true in zip(rounded, exact, strict=True):
        assert np.sum(mine * true) > 0.9 * np.linalg.norm(mine) * np.linalg.norm(true) > 0


def _gradients(network: keras.Model) -> list[NDArray[np.float32]]:
    with tf.GradientTape() as tape:
        class_map, _ = network(as_input(PHOTOS))
        loss = keras.ops.mean(class_map[..., 0])
    variables = [variable.value for variable in network.trainable_variables]
    return [gradient.numpy() for gradient in tape.gradient(loss, variables)]


@pytest.mark.parametrize("name", ["mobilenetv2-0.35", "efficientnet-lite0"])
def test_it_replaces_a_real_network_with_the_same_variables_and_layers(name: str) -> None:
    served = graph.build_served(graph.fold(architectures.named(name).build(64)), CATEGORIES, dropped=0.2)

    aware = quantisation_aware(served)

    assert [id(variable) for variable in aware.weights] == [id(variable) for variable in served.weights]
    assert [output.shape for output in aware.output] == [output.shape for output in served.output]
    assert graph.last_features(aware) == graph.last_features(served)
    assert {layer.name for layer in served.layers if layer.weights} <= {layer.name for layer in aware.layers}


def test_what_flows_between_operators_is_rounded_once_each(served: keras.Model) -> None:
    aware = quantisation_aware(served)

    rounded = {layer.name.removesuffix("_rounded") for layer in aware.layers if layer.name.endswith("_rounded")}
    # Not before an activation, which is part of its convolution.
    assert {"project", "add", "expand_relu", "class_map", "pooled"} <= rounded
    assert not {"expand", "depthwise", "stem"} & rounded


def test_batch_norms_must_be_folded_first() -> None:
    served = graph.build_served(small_backbone(), CATEGORIES)

    with pytest.raises(ValueError, match=r"stem_norm has weights .* graph\.fold"):
        quantisation_aware(served)
