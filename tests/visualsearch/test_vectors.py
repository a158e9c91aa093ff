from __future__ import annotations

import numpy as np

from visualsearch.vectors import from_int8, normalise, quantise, to_float32, to_int8


def test_rows_come_at_length_1_and_zeros_stay_zeros() -> None:
    found = normalise(np.array([[3, 4], [0, 0]], np.float32))

    np.testing.assert_allclose(found, np.array([[0.6, 0.8], [0, 0]]), atol=1e-7)
    assert found.dtype == np.float32


def test_a_vector_survives_int8_and_float16() -> None:
    rng = np.random.default_rng(1)
    vectors = normalise(rng.normal(size=(50, 384)))

    numbers = to_int8(vectors)

    assert numbers.dtype == np.int8
    assert np.abs(numbers).max() == 127
    assert (from_int8(numbers) * vectors).sum(axis=1).min() > 0.9995
    assert (quantise(vectors).astype(np.float32) * vectors).sum(axis=1).min() > 0.9999


def test_a_part_of_zeros_survives_int8() -> None:
    assert not from_int8(to_int8(np.zeros((1, 8), np.float32))).any()


def test_every_finite_number_is_widened_bit_for_bit() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]

    found = to_float32(finite)

    assert found.view(np.uint32).tolist() == finite.astype(np.float32).view(np.uint32).tolist()
