from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lab.training.conversion import Kind, convert
from lab.training.operators import operators_of
from lab.training.pruning import Masks
from tests.lab.training.networks import as_input, pictures, small_served
from visualsearch.inference.litert import Network

pytestmark = [
    # The converter says so of every int8 input, whose statistics the representative photos give.
    pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected"),
    # TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]
PHOTOS = pictures(4)
# What a file may add to its weights: the graph's description, and scales.
REST = 40_000


@pytest.fixture(scope="module")
def served() -> keras.Model:
    return small_served()


def _content(served: keras.Model, kind: Kind, folder: Path, *, sparse: bool = False) -> bytes:
    file = folder / f"{kind}.tflite"
    convert(served, kind, as_input(PHOTOS), file, sparse=sparse)
    return file.read_bytes()


def _outputs(content: bytes) -> tuple[NDArray[np.float32], ...]:
    return Network(content, file=Path("test.tflite"), interpreters=1).run(PHOTOS)


@pytest.mark.parametrize(
    ("kind", "bytes_a_weight", "tolerance"),
    [("float32", 4, 1e-5), ("float16", 2, 0.002), ("dynamic", 1, 0.05), ("int8", 1, 0.1)],
)
def test_each_kind_takes_its_bytes_a_weight_and_says_nearly_what_keras_does(
    served: keras.Model, tmp_path: Path, kind: Kind, bytes_a_weight: int, tolerance: float
) -> None:
    content = _content(served, kind, tmp_path)

    assert 0 < len(content) - bytes_a_weight * served.count_params() < REST
    for found, expected in zip(_outputs(content), served.predict_on_batch(as_input(PHOTOS)), strict=True):
        error = np.abs(found - expected).mean() / np.abs(expected).mean()
        assert error < tolerance
        assert (kind == "float32") == (error < 1e-6)


def test_sparse_encoding_shrinks_a_pruned_network_and_changes_nothing_that_comes_out(tmp_path: Path) -> None:
    served = small_served()
    Masks.cut(served, 0.9, [Image.fromarray(photo) for photo in PHOTOS])

    dense = _content(served, "int8", tmp_path)
    sparse = _content(served, "int8", tmp_path, sparse=True)

    pruned = sum(served.get_layer(name).count_params() for name in ("expand", "project", "head"))
    assert len(sparse) < len(dense) - pruned / 2
    assert "DENSIFY" in operators_of(sparse)
    for found, expected in zip(_outputs(sparse), _outputs(dense), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_int8_without_pictures_is_refused_with_what_it_needs(served: keras.Model, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give representative ones"):
        convert(served, "int8", None, tmp_path / "int8.tflite")

    assert not list(tmp_path.iterdir())
