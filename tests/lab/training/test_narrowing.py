from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from lab.training import architectures, graph
from lab.training.architectures.base import RANDOM, Architecture
from lab.training.narrowing import build_narrow, start_narrow, without_channels
from lab.training.teacher import network_input
from tests.lab.training.networks import CATEGORIES, SIZE, small_backbone, small_served
from tests.visualsearch.garments import BLUE, GREEN, OUTLINES, RED, draw_garment

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
PICTURES = [draw_garment(kind, colour) for kind in OUTLINES for colour in (RED, GREEN, BLUE)]


def _channels(network: keras.Model) -> dict[str, int]:
    """Return how many channels each convolution puts out."""
    return {layer.name: layer.output.shape[-1] for layer in network.layers if isinstance(layer, graph.CONVOLUTIONS)}


def _halved(network: keras.Model) -> keras.Model:
    """Return the same layers with half the channels, but for the head's; random weights."""

    def clone(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        if layer.name != "head" and "filters" in config:
            config["filters"] //= 2
        return type(layer).from_config(config)

    return keras.models.clone_model(network, clone_function=clone)


def _silence_odd_channels(network: keras.Model) -> None:
    """Let every other channel of an unfolded network be 0, but for the head's."""
    for layer in network.layers:
        if not layer.name.startswith("head") and layer.weights:
            weights = layer.get_weights()
            if isinstance(layer, layers.BatchNormalization):
                _, beta, mean, _ = weights
                beta[1::2] = mean[1::2] = 0
            elif isinstance(layer, layers.Conv2D):
                weights[0][..., 1::2] = 0
            layer.set_weights(weights)


def _trained_norms(network: keras.Model) -> keras.Model:
    rng = np.random.default_rng(3)
    for weight in network.weights:
        if any(name in weight.path for name in ("gamma", "beta", "moving")):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return network


def _outputs(served: keras.Model, pictures: list[Image.Image] = PICTURES) -> list[np.ndarray]:
    return [np.asarray(output) for output in served(network_input(pictures, SIZE))]


def test_each_block_loses_its_share_and_the_outputs_keep_their_shapes() -> None:
    backbone = graph.fold(graph.build_backbone(architectures.named("mobilenetv2-0.35"), RANDOM, SIZE))
    backbone.get_layer("block_1_expand").trainable = False
    served = graph.build_served(backbone, CATEGORIES)

    narrow = without_channels(served, 0.5, PICTURES)

    before, after = _channels(served), _channels(narrow)
    hidden = {name for name in before if name.startswith("block") and not name.endswith("project")}
    # The features of block 13 are served: its channels are whole.
    cut = {name for name in hidden if not name.startswith("block_13_")}
    assert {name for name in before if after[name] != before[name]} == cut
    assert all(after[name] == before[name] // 2 for name in cut)
    assert before["block_13_expand"] == 192
    assert [output.shape for output in narrow.output] == [output.shape for output in served.output]
    assert [layer.trainable for layer in narrow.layers] == [layer.trainable for layer in served.layers]


def test_channels_that_bring_nothing_go_first_and_nobody_misses_them(tmp_path: Path) -> None:
    served = small_served()
    whole = _outputs(served)
    idle = np.random.default_rng(1).permutation(64)[:32]
    # Made as loud as any, but always the same, or not read.
    for name, channels in (("depthwise", idle[:16]), ("project", idle[16:])):
        kernel, bias = served.get_layer(name).get_weights()
        kernel[:, :, channels] = 0
        served.get_layer(name).set_weights([kernel, bias])
    expected = _outputs(served)

    without_channels(served, 0.5, PICTURES).save(tmp_path / "narrow.keras")
    narrow = keras.models.load_model(tmp_path / "narrow.keras")

    assert _channels(narrow)["depthwise"] == 32
    for found, output, before in zip(_outputs(narrow), expected, whole, strict=True):
        np.testing.assert_allclose(found, output, atol=1e-4)
        assert not np.allclose(output, before, atol=1e-2)


def test_what_reads_fewer_channels_makes_up_for_them() -> None:
    served = small_served()
    expand, project = (served.get_layer(name).get_weights() for name in ("expand", "project"))
    expected = _outputs(served)[1]

    narrow = without_channels(served, 0.5, PICTURES)

    mended = np.abs(_outputs(narrow)[1] - expected).mean()
    kept = np.isin(expand[0][0, 0, 0], narrow.get_layer("expand").get_weights()[0][0, 0, 0])
    narrow.get_layer("project").set_weights([project[0][:, :, kept], project[1]])
    assert mended < np.abs(_outputs(narrow)[1] - expected).mean() / 2


@pytest.mark.parametrize(("share", "left"), [(0.0, 64), (0.4, 40), (0.5, 32), (0.99, 8)])
def test_channels_are_kept_in_eights(share: float, left: int) -> None:
    assert _channels(without_channels(small_served(), share, PICTURES))["expand"] == left


def test_what_cannot_be_narrowed_is_refused() -> None:
    squeezenet = graph.build_served(graph.build_backbone(architectures.named("squeezenet"), RANDOM, 64), CATEGORIES)

    with pytest.raises(ValueError, match="inverted residual blocks"):
        without_channels(squeezenet, 0.5, PICTURES)
    with pytest.raises(ValueError, match="from 0 up to 1"):
        without_channels(squeezenet, 1.0, PICTURES)


def test_a_narrow_network_of_the_channels_that_count_does_what_the_wide_one_does() -> None:
    wide = _trained_norms(small_backbone())
    _silence_odd_channels(wide)
    wide = graph.fold(wide)
    narrow = _halved(wide)

    start_narrow(narrow, wide, PICTURES)

    expected = np.asarray(wide(network_input(PICTURES, SIZE)))
    assert expected.std() > 0
    np.testing.assert_allclose(narrow(network_input(PICTURES, SIZE)), expected, rtol=1e-3, atol=1e-3)


def test_networks_of_other_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="the same layers"):
        start_narrow(graph.fold(small_backbone()), small_backbone(), PICTURES)


class _Small(Architecture):
    """The small network of tests, or the same with half the channels."""

    def __init__(self, *, half: bool) -> None:
        self._half = half

    def build(self, size: int) -> keras.Model:
        network = _trained_norms(small_backbone())
        return _halved(network) if self._half else network

    def load_imagenet(self, network: keras.Model) -> None:
        raise ValueError("It knows nothing.")


def test_a_network_that_starts_narrow_is_folded_and_sees_much_of_what_the_wide_one_does(tmp_path: Path) -> None:
    wide, file = _Small(half=False).build(SIZE), tmp_path / "wide.weights.h5"
    wide.save_weights(file)

    started = build_narrow(_Small(half=True), _Small(half=False), str(file), SIZE, PICTURES)

    assert not [layer for layer in started.layers if isinstance(layer, layers.BatchNormalization)]
    assert all(layer.trainable for layer in started.layers)
    random = _Small(half=True).build(SIZE)
    expected, found, other = (
        np.asarray(network(network_input(PICTURES, SIZE))).mean(axis=(1, 2)) for network in (wide, started, random)
    )
    assert np.mean((found - expected) ** 2) < np.mean((other - expected) ** 2) / 10
