"""`make mutants` names files and tests that are there."""

from __future__ import annotations

import pytest

from tests.mutants import ROOMS, ROOT, files_of


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_names_files_and_tests_that_are_there(name: str) -> None:
    room = ROOMS[name]
    below = {path.name for test in room.tests for path in (ROOT / test).rglob("test_*.py")}

    assert [file for file in (*files_of(name), *room.tests) if not (ROOT / file).exists()] == []
    assert set(room.without) <= below
