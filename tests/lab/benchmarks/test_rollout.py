"""Models that are switched while shoppers search, in short."""

from __future__ import annotations

import io

from django.core.management import call_command


def test_models_are_switched_without_a_failed_search() -> None:
    out = io.StringIO()

    call_command(
        "benchmark", "rollout", "--articles=20", "--clients=3", "--switches=3", "--pause=1.2", stdout=out
    )  # fmt: skip

    said = out.getvalue()
    assert "goal: 0 failed searches: met (0)" in said, said
    assert "goal: both models answered: met" in said, said
    assert "goal: back within 1 s: " in said
