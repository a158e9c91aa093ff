from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.experiments import trial


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """Let a module's networks learn step by step: tracing takes longer than their few steps. test_parts.py traces."""
    with trial.untraced():
        yield
