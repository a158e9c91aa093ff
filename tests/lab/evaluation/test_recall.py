from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation.recall import ranks_of, recall_at, share_of

GALLERY = np.eye(4, dtype=np.float32)


def test_a_rank_counts_who_comes_before() -> None:
    queries = np.array([[0.8, 0.6, 0, 0], [0.6, 0.8, 0, 0], [0, 0, 0, 1]], np.float32)

    assert ranks_of(queries @ GALLERY.T, [0, 0, 1]).tolist() == [0, 1, 2 + 1]


def test_who_is_level_comes_before() -> None:
    twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)

    assert ranks_of(twins[:1] @ twins.T, [0]).tolist() == [1]


def test_recall_is_the_share_found_within_the_limit() -> None:
    recall = recall_at(np.array([0, 0, 3, 7, 20]), (1, 5, 10))

    assert {limit: share.value for limit, share in recall.items()} == {1: 0.4, 5: 0.6, 10: 0.8}


def test_the_interval_narrows_with_the_number_of_cases() -> None:
    few, many = share_of(np.arange(10) < 9), share_of(np.arange(1000) < 900)

    assert (few.value, few.count, many.value, many.count) == (0.9, 10, 0.9, 1000)
    assert few.low == pytest.approx(0.7)
    assert few.high == 1.0
    # A binomial share's standard deviation is √(0.9 × 0.1 / 1000) = 0.0095.
    assert many.low == pytest.approx(0.9 - 1.96 * 0.0095, abs=0.002)
    assert many.high == pytest.approx(0.9 + 1.96 * 0.0095, abs=0.002)


def test_a_share_prints_with_its_interval() -> None:
    assert str(share_of(np.array([True, True]))) == "1.000 [1.000, 1.000]"
