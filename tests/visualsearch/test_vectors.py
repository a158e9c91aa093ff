from __future__ import annotations

import numpy as np
import pytest

from visualsearch.vectors import (
    from_levels,
    normalise,
    pack_levels,
    quantise,
    to_float32,
    to_levels,
    unpack_levels,
)


def test_rows_come_at_length_1_and_zeros_stay_zeros() -> None:
    found = normalise(np.array([[3, 4], [0, 0]], np.float32))

    np.testing.assert_allclose(found, np.array([[0.6, 0.8], [0, 0]]), atol=1e-7)
    assert found.dtype == np.float32


def test_a_vector_survives_float16() -> None:
    vectors = normalise(np.random.default_rng(1).normal(size=(50, 384)))

    assert (quantise(vectors).astype(np.float32) * vectors).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize("count", [1, 2, 127, 256])
def test_a_vector_survives_four_bits_a_number(count: int) -> None:
    """Its direction nearly, and its product with itself exactly: the same photo is 1 alike."""
    rng = np.random.default_rng(count)
    for spread in (np.ones(count), np.geomspace(3, 0.1, count)):
        vector = normalise(rng.normal(size=count) * spread)

        levels, cosine = to_levels(vector)
        again = from_levels(unpack_levels(pack_levels(levels), count), cosine)

        assert cosine > 0.98
        assert normalise(again) @ vector == pytest.approx(cosine, abs=1e-6)
        assert again @ vector == pytest.approx(1, abs=1e-6)


def test_two_numbers_are_packed_into_a_byte() -> None:
    levels = np.array([1, 2, 15], np.uint8)

    assert pack_levels(levels) == bytes([0x12, 0xF0])
    assert unpack_levels(bytes([0x12, 0xF0]), 3).tolist() == [1, 2, 15]


@pytest.mark.parametrize("count", [1, 2, 5, 6])
def test_other_bytes_than_said_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="2 bytes"):
        unpack_levels(bytes(2), count)


def test_every_finite_number_is_widened_bit_for_bit() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]

    found = to_float32(finite)

    assert found.view(np.uint32).tolist() == finite.astype(np.float32).view(np.uint32).tolist()
