"""`make mutants` names files and tests that are there."""

from __future__ import annotations

import pytest

from tests.mutants import ROOMS, ROOT, files_of, interval


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_names_files_and_tests_that_are_there(name: str) -> None:
    room = ROOMS[name]
    below = {path.name for test in room.tests for path in (ROOT / test).rglob("test_*.py")}

    assert [file for file in (*files_of(name), *room.tests) if not (ROOT / file).exists()] == []
    assert set(room.without) <= below


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert interval(85, 100) == pytest.approx((0.767, 0.907), abs=0.001)
    assert interval(0, 0) == (0.0, 1.0)
