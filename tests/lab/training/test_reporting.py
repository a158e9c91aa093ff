from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from lab.evaluation.cases import Cases, Categories
from lab.experiments.cards import RowCard, read_cards
from lab.experiments.claims import kept_by, verdict_of
from lab.experiments.mistakes import worst_mistakes
from lab.experiments.plan import PLAN, with_parents
from lab.experiments.plots import Point, frontier
from lab.experiments.report import render
from lab.harness.trial_shop import ROOT

PHOTOS = 400


def _facts(name: str, right: int, *, size: int = 1000, ms: float = 10.0, at: str = "noon") -> dict[str, Any]:
    """Return a card of a row that names `right` of PHOTOS photos correctly, and finds as many."""
    row = next(row for row in PLAN if row.name == name)
    said = ["hat" if number < right else "dress" for number in range(PHOTOS)]
    probability = np.where(np.arange(PHOTOS) < right, 0.9, 0.6 + np.arange(PHOTOS) / (3 * PHOTOS))
    ranks = np.where(np.arange(PHOTOS) < right, 0, 7)
    judged = {"category": "a", "made queries": "a"}
    cases = Cases(Categories(("hat",) * PHOTOS, tuple(said), probability), {"made queries": ranks}, judged)
    timing = {"at": at, "one_photo_ms": ms, "batch_of_8_ms_a_photo": ms, "photos_a_second": 1000 / ms}
    network = {"network_one_ms": ms, "network_batch_ms_a_photo": ms}
    speeds = {"times_as_fast_as_float32": 1.0, "times_as_fast_as_float32_in_batches": 1.0}
    return {
        "name": name,
        "bytes": {"model.tflite": size},
        "initial_weights": {"file": "random", "sha256": None, "origin": ""},
        "data": {"origin": "drawn", "training_photos": 1, "calibration_photos": 1, "held_out_photos": 1},
        "made": {"recipe": {"seed": 1}},
        "cosine_with_float32": {"mean": 0.99, "least": 0.9, "photos": 4},
        "lab": {
            "plan": {"chapter": row.chapter, "title": row.title, "reference": row.reference, "technique": row.technique}
            | {"parent": row.parent, "options": {}, "size": 224, "kind": row.kind, "sparse": row.sparse},
            "command": f"python manage.py lab run {name}",
            "core_seconds": 60.0,
            "compressed_bytes": size // 2,
            "layers": {"Conv2D": 3},
            "layers_before_folding": {"Conv2D": 3, "BatchNormalization": 3},
            "operators": {"CONV_2D": 3},
            "timing": timing | network | speeds,
            "cases": cases.as_dict(),
        },
    }


def _cards(*facts: dict[str, Any]) -> list[RowCard]:
    return [RowCard(json.loads(json.dumps(one)), Path("nowhere")) for one in facts]


def _write(folder: Path, *facts: dict[str, Any]) -> None:
    for one in facts:
        (folder / f"{one['name']}.json").write_text(json.dumps(one))


def test_promises_are_held_against_the_figures() -> None:
    cards = _cards(_facts("float32", 380, size=4000, ms=20), _facts("int8", 379, size=1010, ms=8))

    (kept,) = kept_by(cards)

    assert (kept.row.name, kept.reference.name) == ("int8", "float32")
    assert (kept.size, kept.size_verdict) == (0.2525, "holds")
    assert (kept.speed_one, kept.speed_verdict) == (2.5, "holds")
    assert [verdict_of(difference) for difference in kept.differences] == ["holds", "holds"]


def test_a_promise_that_is_not_kept_is_called_so() -> None:
    cards = _cards(_facts("float32", 380, size=4000, ms=20), _facts("int8", 340, size=2000, ms=15))

    (kept,) = kept_by(cards)

    assert (kept.size_verdict, kept.speed_verdict) == ("fails", "fails")
    assert [verdict_of(difference) for difference in kept.differences] == ["fails", "fails"]


def test_a_loss_whose_interval_has_it_both_ways_is_open() -> None:
    (kept,) = kept_by(_cards(_facts("float32", 380), _facts("int8", 372)))

    assert verdict_of(kept.differences[0]) == "open"


def test_the_gain_of_a_technique_is_shown_against_the_row_without_it() -> None:
    page = render(_cards(_facts("half-alone", 340), _facts("half-taught", 380)), "en")

    line = page[page.index("What a technique brings") :]
    assert "<td>half-alone</td><td>+10.0<small>[+" in line
    assert "<small>real</small>" in line


def test_milliseconds_of_two_runs_are_not_compared() -> None:
    (kept,) = kept_by(_cards(_facts("float32", 380, at="noon"), _facts("int8", 380, at="midnight")))

    assert (kept.speed_one, kept.speed_verdict) == (None, "open")


def _point(name: str, cost: float, value: float) -> Point:
    return Point(name, "pruning", cost, value, value, value)


@pytest.mark.parametrize(
    ("points", "best"),
    [
        ([_point("a", 1, 0.5), _point("b", 2, 0.4), _point("c", 3, 0.9)], ["a", "c"]),
        ([_point("a", 1, 0.5), _point("b", 1, 0.6)], ["b"]),
    ],
)
def test_the_frontier_has_who_is_beaten_by_none(points: Sequence[Point], best: list[str]) -> None:
    assert [point.name for point in frontier(points)] == best


def test_the_worst_mistakes_are_wrong_and_the_surest_first() -> None:
    (card,) = _cards(_facts("int8", 395))

    mistakes = worst_mistakes(card, None)

    assert [(mistake.truth, mistake.said) for mistake in mistakes] == [("hat", "dress")] * 5
    assert mistakes[0].probability == pytest.approx(0.6 + 399 / 1200, abs=1e-4)
    assert mistakes[0].probability > mistakes[-1].probability


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", '<dt>Two to four times the speed</dt><dd><span class="holds">holds:</span> int8. </dd>'),
        ("fr", "0,950"),
    ],
)
def test_the_report_has_the_figures_of_the_cards(language: str, words: str) -> None:
    page = render(_cards(_facts("float32", 380, size=4000, ms=20), _facts("int8", 380, ms=8)), language)

    assert words in page
    assert "python manage.py lab run int8" in page
    assert "BatchNormalization 3" in page


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "| int8 | random | 1.01 | 0.950 [0.927 – 0.970] | 0.950 [0.927 – 0.970] | – | 8.0 |"),
        ("fr", "| int8 | aléatoires | 1,01 | 0,950 [0,927 – 0,970] | 0,950 [0,927 – 0,970] | – | 8,0 |"),
    ],
)
def test_the_report_prints_a_line_for_each_row(tmp_path: Path, language: str, line: str) -> None:
    _write(tmp_path, _facts("float32", 380, size=4_010_000, ms=20), _facts("int8", 380, size=1_010_000, ms=8))
    out = StringIO()
    page = {"from_cards": tmp_path, "output": tmp_path / "report.html"}

    call_command("lab", "report", **page, language=language, stdout=out)

    lines = out.getvalue().splitlines()
    assert [one.split()[1] for one in lines[2:4]] == ["float32", "int8"]
    assert lines[3] == line


def test_cards_come_in_the_plans_order(tmp_path: Path) -> None:
    _write(tmp_path, _facts("int8", 380), _facts("float32", 380), _facts("squeezenet", 300))
    (tmp_path / "other.json").write_text("{}")

    assert [card.name for card in read_cards(tmp_path)] == ["squeezenet", "float32", "int8"]


def test_a_folder_without_rows_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="make rows with `lab run`"):
        call_command("lab", "report", "--from-cards", str(tmp_path), stdout=StringIO())


def test_comparing_says_what_is_real(tmp_path: Path) -> None:
    _write(tmp_path, _facts("float32", 380), _facts("int8", 340))
    out = StringIO()

    call_command("lab", "compare", "float32", "int8", "--from-cards", str(tmp_path), stdout=out)

    category = out.getvalue().splitlines()[1]
    assert category.split()[:4] == ["category", "0.950", "0.850", "-0.100"]
    assert category.endswith("real")


def test_comparing_with_what_is_no_row_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no row 'float32'"):
        call_command("lab", "compare", "float32", "int8", "--from-cards", str(tmp_path), stdout=StringIO())


def test_a_row_brings_its_parents_along_and_they_come_first() -> None:
    names = [row.name for row in with_parents(PLAN, ["pruned-75", "half-combined"])]

    assert names == ["float32", "pruned-50", "pruned-75", "teacher", "half-taught", "half-combined"]


def test_the_plan_is_in_an_order_that_can_be_made() -> None:
    made: set[str] = set()
    for row in PLAN:
        assert row.parent is None or row.parent in made
        made.add(row.name)

    assert {row.reference for row in PLAN} | {row.beside for row in PLAN} <= {None, *made}


def test_an_unknown_row_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"no row 'int4'. It has mobilenetv2, "):
        with_parents(PLAN, ["int4"])


# In a process of its own: whatever else goes on in this one, a signal that ends it would end all tests.
STOPPED = """
import signal, sys, time
from pathlib import Path
from lab.experiments.running import spending

file = Path(sys.argv[1])
with spending(file):
    pass
try:
    with spending(file):
        deadline = time.process_time() + 0.3
        while time.process_time() < deadline:
            pass
        signal.raise_signal(signal.SIGTERM)
except KeyboardInterrupt:
    print("left as by Ctrl-C", signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
"""


def test_what_a_row_costs_is_kept_when_it_is_told_to_stop(tmp_path: Path) -> None:
    file = tmp_path / "spent.json"

    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (stopped.returncode, stopped.stdout) == (0, "left as by Ctrl-C True\n"), stopped.stderr
    assert json.loads(file.read_text())["core_seconds"] >= 0.3
