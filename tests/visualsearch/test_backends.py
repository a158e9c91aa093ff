"""A model that is stood in for is tried again after a while, and not before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.visualsearch.stored import Clock
from visualsearch import backends


@pytest.mark.parametrize(("fallback", "opened"), [(True, [1_000.0, 1_060.1]), (False, [1_000.0])])
def test_a_stand_in_serves_for_a_minute_before_the_model_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, fallback: bool, opened: list[float]
) -> None:
    clock, when = Clock(), []

    def open_first(folder: Path) -> Any:
        when.append(clock.now)
        return SimpleNamespace(fallback=fallback)

    monkeypatch.setattr(backends, "time", clock)
    monkeypatch.setattr(backends, "_open_first", open_first)

    for clock.now in (1_000.0, 1_030.0, 1_060.0, 1_060.1, 1_120.1):
        backends.get_model(tmp_path)

    assert backends.RETRY_MODEL_S == 60.0
    assert when == opened
