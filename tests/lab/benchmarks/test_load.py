"""`benchmark load` in short: soak test, overload, and a hanging broker."""

from __future__ import annotations

import io

from django.core.management import call_command

from lab.benchmarks.load import slope_of


def test_a_shop_bears_its_load_and_refuses_what_is_too_much() -> None:
    out = io.StringIO()

    call_command(
        "benchmark", "load", "--articles=20", "--count=2", "--side=256", "--clients=8", "--seconds=4",
        "--finding=3", "--crowd=150", stdout=out,
    )  # fmt: skip

    said = out.getvalue()
    assert "8 clients at once get" in said
    assert "goal: no error: met (0)" in said
    assert "goal: nothing else than an answer or that refusal: met (0)" in said
    assert "goal: a frozen broker costs at most 2 s" in said


def test_the_slope_is_that_of_the_line() -> None:
    assert slope_of([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == 2
    assert slope_of([(0.0, 1.0)]) == 0
