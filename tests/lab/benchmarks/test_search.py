"""The comparison of whole searches: a real shop and few photos."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time

import pytest
from django.core.management import call_command

from lab.benchmarks.freshness_parts.probing import children_of
from lab.benchmarks.search import measure_engines
from lab.benchmarks.serving.accounting import processor_s
from lab.benchmarks.serving.clients import Tally
from lab.benchmarks.serving.one_client import COURSE, FLOOR, SHOP, Measured, one_client_table
from lab.benchmarks.serving.parts import PartTimes
from lab.benchmarks.serving.tables import throughput_table


def test_a_shop_is_measured_beside_its_floor() -> None:
    out = io.StringIO()

    call_command(
        *("benchmark", "search", "--only", "one", "gathered", "--articles", "30", "--count", "2", "--side", "256"),
        *("--requests", "4", "--clients", "2", "--rounds", "1", "--seconds", "1"),
        stdout=out,
    )

    lines = dict(re.findall(r"^(lower bound|shop, by token|shop) +([\d.]+) +[\d.]+", out.getvalue(), re.MULTILINE))
    assert all(float(lines[name]) > 0 for name in ("lower bound", "shop", "shop, by token"))
    parts = dict(re.findall(r"^(\w+) +(?:[\d.]+)? +([\d.]+) +[\d.]+$", out.getvalue(), re.MULTILINE))
    assert float(parts["database"]) > 0
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


def of(milliseconds: float) -> Measured:
    return Measured(lambda number: None, lambda: 0.0, seconds=10 * milliseconds / 1000, laps_ms=[2 * milliseconds] * 10)


def test_a_search_is_reported_as_a_multiple_of_its_lower_bound() -> None:
    measured = {FLOOR: of(10.0), SHOP: of(14.0), COURSE: of(112.0)}

    table = one_client_table(measured, {FLOOR: {"network": 7.0}, SHOP: {"network": 7.0, "database": 2.5}})

    assert re.search(r"^shop +14\.0 +28\.0 +1\.40 × lower bound$", table, re.MULTILINE)
    assert re.search(r"^course +112\.0 +224\.0 +8\.00 × shop$", table, re.MULTILINE)
    assert re.search(r"^network +7\.0 +7\.0$", table, re.MULTILINE)
    assert re.search(r"^database +2\.5$", table, re.MULTILINE)
    assert re.search(r"^together +7\.0 +9\.5$", table, re.MULTILINE)


def test_the_time_within_a_part_of_another_counts_for_its_own() -> None:
    times = PartTimes()
    inner = times.timed("inner", burn)

    def outer() -> None:
        burn(0.01)
        inner(0.02)
        burn(0.01)

    times.timed("outer", outer)()

    laps = times.milliseconds(1)
    assert laps == pytest.approx({"inner": 20, "outer": 20}, rel=0.3)
    assert times.seconds == {}


def burn(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_processor_time_is_that_of_a_process_and_its_children() -> None:
    code = "import subprocess, sys, time\n{}\nwhile time.process_time() < 0.2: pass\nprint(flush=True); input()"
    child = code.format("")
    parent = code.format(f"child = subprocess.run([sys.executable, '-c', {child!r}], input=b'\\n')")
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()

        assert 0.35 < processor_s(process.pid) < 2.0
        assert processor_s(process.pid, *children_of(process.pid)) == pytest.approx(processor_s(process.pid), abs=0.1)

        process.communicate(b"\n")


def test_requests_that_failed_are_counted_and_reported() -> None:
    tallies = {
        ("shop", 8): [Tally([10.0] * 40, failed=2, why="503: busy", seconds=2.0)],
        ("course", 8): [Tally([100.0] * 10, seconds=2.0)],
    }

    table = throughput_table(tallies, [8], {"workers": 2, "threads": 16})

    assert re.search(r"8 +shop +20\.0 +\[20\.0, 20\.0\] +10 +10 +2 +4\.00 × course", table)
    assert "shop failed: 503: busy" in table
