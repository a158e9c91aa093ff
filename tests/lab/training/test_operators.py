from __future__ import annotations

from pathlib import Path

import pytest

from lab.training import graph
from lab.training.conversion import convert
from lab.training.operators import layers_of, operators_of
from tests.lab.training.networks import small_backbone

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def test_folding_removes_every_batch_norm_and_no_other_layer() -> None:
    normed = small_backbone()

    folded = graph.fold(normed)

    before, after = layers_of(normed), layers_of(folded)
    assert before == {
        "BatchNormalization": 6,
        "Conv2D": 5,
        "ReLU": 5,
        "InputLayer": 1,
        "DepthwiseConv2D": 1,
        "Add": 1,
    }
    assert next(iter(before)) == "BatchNormalization"
    assert after == {kind: count for kind, count in before.items() if kind != "BatchNormalization"}


def test_a_files_operators_are_counted_by_name(tmp_path: Path) -> None:
    served = graph.build_served(graph.fold(small_backbone()), 3, dropped=0.2)
    convert(served, "float32", None, tmp_path / "float32.tflite")

    found = operators_of((tmp_path / "float32.tflite").read_bytes())

    # Activations are their convolutions' own, and dropout is for training alone.
    assert found == {"CONV_2D": 6, "MEAN": 2, "DEPTHWISE_CONV_2D": 1, "ADD": 1, "CONCATENATION": 1}
