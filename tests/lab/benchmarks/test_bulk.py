from __future__ import annotations

import re
from io import StringIO

from django.core.management import call_command

from lab.benchmarks.bulk import bulk_table


def test_a_few_photos_are_embedded_beside_the_floor() -> None:
    out = StringIO()

    call_command(
        "benchmark", "bulk", "--count=24", "--files=3", "--side=200", "--rounds=1", "--processes=1", stdout=out
    )

    assert "24 photos (drawn) up to 200 px, 1 processes, 1 rounds in turn" in out.getvalue()
    lower_bound, shop, ratio = map(float, re.findall(r"round 1 +([\d.]+) +([\d.]+) +([\d.]+)", out.getvalue())[0])
    assert lower_bound > shop > 0
    assert ratio < 1


def test_the_middle_of_the_rounds_counts() -> None:
    table = bulk_table({"lower_bound": [100.0, 100.0, 50.0], "shop": [79.0, 81.0, 50.0]})
    assert table.splitlines()[-1] == "goal: at least 0.8 of the lower bound: met (0.81)"
    assert "missed (0.79)" in bulk_table({"lower_bound": [100.0], "shop": [79.0]})
