"""Faults of a shop that runs: its supervisor is killed while the web is frozen, then an older backup is restored."""

from __future__ import annotations

from lab.chaos import faults


def test_nothing_is_lost_and_all_is_well_again() -> None:
    rows = faults.run(print, only=["supervisor killed, web frozen", "older backup restored"])

    assert [row.name for row in rows if row.well_after_s is None or row.lost or not row.clean] == []
    assert sum(row.saves[201] for row in rows) > 2
