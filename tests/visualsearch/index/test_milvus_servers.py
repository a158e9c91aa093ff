"""What is asked of Milvus servers of several versions."""

from __future__ import annotations

import pytest

from visualsearch.index.milvus_collections import scalar_index


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("v2.3.5-lite", "STL_SORT"), ("2.3.22", "STL_SORT"), ("v1.0", "STL_SORT"),
        ("v2.4.0", "INVERTED"), ("v2.10.1", "INVERTED"), ("3.0.2", "INVERTED"),
        ("milvus_lite-3.2.2", "INVERTED"), ("", "INVERTED"),
    ],
)  # fmt: skip
def test_numbers_are_indexed_as_the_server_can(version: str, known: str) -> None:
    assert scalar_index(version) == known
