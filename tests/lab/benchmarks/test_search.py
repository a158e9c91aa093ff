"""The comparison of whole searches: a real shop and few photos."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command

from lab.benchmarks.search import measure_engines
from lab.benchmarks.serving.clients import Tally
from lab.benchmarks.serving.tables import one_client_table, throughput_table


def test_a_shop_is_measured_beside_its_floor() -> None:
    out = io.StringIO()

    call_command(
        *("benchmark", "search", "--only", "one", "gathered", "--articles", "30", "--count", "2", "--side", "256"),
        *("--requests", "4", "--clients", "2", "--rounds", "1", "--seconds", "1"),
        stdout=out,
    )

    whole = re.search(r"whole +([\d.]+) +([\d.]+) +([\d.]+) times the lower bound", out.getvalue())
    assert whole is not None
    # A request holds all that the lower bound does.
    assert float(whole[2]) > float(whole[1]) > 0
    rates = dict(re.findall(r"2 +(shop|gathered) +([\d.]+) +\[.*?\] +\d+ +\d+ +0\b", out.getvalue()))
    assert float(rates["shop"]) > 0
    assert float(rates["gathered"]) > 0


def test_all_engines_run_the_shipped_networks() -> None:
    table = measure_engines(1)

    cosines = {line[:22].strip(): float(line.split()[-1]) for line in table.splitlines()[2:]}
    assert cosines["LiteRT float32"] == pytest.approx(1)
    assert cosines["LiteRT int8"] > 0.95
    assert cosines["OpenVINO float32"] > 0.999
    assert cosines["ONNX Runtime float32"] > 0.999


def test_a_request_is_reported_as_a_multiple_of_its_lower_bound() -> None:
    table = one_client_table(
        10,
        {"decode": 1.0, "invoke": 6.0, "describe": 2.0, "search": 1.0},
        {"receive": 1.0, "decode": 2.0, "inference": 9.0, "search": 2.0, "articles": 3.0},
        10.0,
        20.0,
    )

    assert "2.00 times the lower bound" in table
    assert "2.50 times the lower bound without the descriptor" in table
    assert re.search(r"answer, Django and HTTP +3\.0", table)


def test_requests_that_failed_are_counted_and_reported() -> None:
    tallies = {
        ("shop", 8): [Tally([10.0] * 40, failed=2, why="503: busy", seconds=2.0)],
        ("course", 8): [Tally([100.0] * 10, seconds=2.0)],
    }

    table = throughput_table(tallies, [8], {"workers": 2, "threads": 16})

    assert re.search(r"8 +shop +20\.0 +\[20\.0, 20\.0\] +10 +10 +2 +4\.00 × course", table)
    assert "shop failed: 503: busy" in table
