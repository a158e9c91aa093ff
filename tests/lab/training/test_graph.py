from __future__ import annotations

import keras
import numpy as np
import pytest

from lab.training import architectures, graph
from lab.training.architectures.base import RANDOM

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
# The last and the middle features of each architecture.
FEATURES = {
    "mobilenetv2": (1280, 576),
    "mobilenetv2-0.5": (1280, 288),
    "mobilenetv2-0.35": (1280, 192),
    "mobilenetv3-small": (576, 288),
    "mobilenetv3-large": (960, 672),
    "efficientnet-lite0": (1280, 672),
    "efficientnet-lite1": (1280, 672),
    "trial": (1280, 64),
    "trial-half": (1280, 32),
    "squeezenet": (512, 256),
}


def _trained(name: str) -> keras.Model:
    """Return a network as after training: means and variances that are not 0 and 1."""
    network = architectures.named(name).build(64)
    rng = np.random.default_rng(1)
    for weight in network.weights:
        if "moving" in weight.path or "beta" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return network


# One of each family: the others differ in their channels and blocks alone.
@pytest.mark.parametrize("name", ["mobilenetv2", "mobilenetv3-small", "efficientnet-lite0", "squeezenet"])
def test_folding_batch_norm_changes_nothing_that_comes_out(name: str) -> None:
    normed = _trained(name)
    picture = np.random.default_rng(2).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)

    folded = graph.fold(normed)

    assert not [layer for layer in folded.layers if isinstance(layer, keras.layers.BatchNormalization)]
    expected = np.asarray(normed(picture))
    assert expected.std() > 0
    np.testing.assert_allclose(folded(picture), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "features"), FEATURES.items())
def test_every_architecture_has_a_class_map_and_features_of_two_layers(name: str, features: tuple[int, int]) -> None:
    served = graph.build_served(graph.build_backbone(architectures.named(name), RANDOM, 64), 3)

    class_map, pooled = served.output
    assert class_map.shape[-1] == 3
    assert pooled.shape == (None, sum(features))
    assert graph.last_features(served) == features[0]
    assert FEATURES.keys() == architectures.ARCHITECTURES.keys()


def test_another_size_keeps_the_weights() -> None:
    served = graph.build_served(graph.build_backbone(architectures.named("trial"), RANDOM, 64), 3)

    larger = graph.resized(served, 96)

    assert [output.shape for output in larger.output] == [(None, 12, 12, 3), (None, 1344)]
    for mine, other in zip(served.get_weights(), larger.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_known_weights_are_folded_and_their_first_blocks_frozen(tmp_path: object) -> None:
    file = f"{tmp_path}/normed.weights.h5"
    _trained("mobilenetv2").save_weights(file)

    backbone = graph.build_backbone(architectures.named("mobilenetv2"), file, 64)

    trained = [layer.name for layer in backbone.layers if layer.trainable and layer.weights]
    assert trained[0] == "block_4_expand"
    assert "block_3_project" not in trained


@pytest.mark.parametrize("name", ["efficientnet-lite0", "efficientnet-lite1"])
def test_efficientnets_weights_come_from_their_package_and_know_imagenet(name: str) -> None:
    backbone = graph.build_backbone(architectures.named(name), "imagenet", 64)

    picture = np.random.default_rng(2).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    seen = np.asarray(backbone(picture))
    # Random weights leave hardly anything of a picture after fifty layers; trained ones keep it.
    assert 0.05 < seen.std() < 5
    assert 0.01 < (seen > 0).mean() < 0.9


def test_squeezenet_has_no_weights_of_imagenet_and_says_so() -> None:
    with pytest.raises(ValueError, match="No package brings SqueezeNet"):
        graph.build_backbone(architectures.named("squeezenet"), "imagenet", 64)


def test_an_unknown_architecture_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"mobilenetv2, .*squeezenet"):
        architectures.named("resnet")
