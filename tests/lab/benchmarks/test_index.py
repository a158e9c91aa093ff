"""The comparison of indexes, on a few hundred vectors."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from lab.benchmarks.baselines import rows
from lab.benchmarks.baselines.collection import NO_FILTER, SELECTIVITIES, Collection
from lab.benchmarks.baselines.entrants import ENTRANTS
from lab.benchmarks.baselines.process import Point, best_point
from lab.benchmarks.index import begin, keep
from lab.harness.trial_shop import patience_s
from tests.visualsearch.index.vectors import made

DIMENSIONS = 384
COUNT = 500
# A server of Milvus takes 20 s to start in each step (test_milvus.py has its entrants). hnswlib comes as source and is
# not installed everywhere.
QUICK = [name for name, entrant in ENTRANTS.items() if entrant.package != "milvus"]
HERE = [name for name in QUICK if name != "hnswlib" or find_spec("hnswlib")]


def benchmark(output: Path, *baselines: str, count: int = COUNT, **options: Any) -> dict[str, Any]:
    """Run the comparison with few queries. Returns what it kept, and what it printed as "text"."""
    output.mkdir(exist_ok=True)
    # In place of the embeddings of photos.
    np.save(output / "real-drawn.npy", made(60, dimensions=DIMENSIONS))
    out = io.StringIO()
    call_command(
        "benchmark", "index", sizes=[count], baselines=baselines, queries=12, output=output, stdout=out, **options
    )
    measured: dict[str, Any] = json.loads((output / "index.json").read_text())
    return measured | {"text": out.getvalue()}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def measured(output: Path) -> dict[str, Any]:
    return benchmark(output, *HERE)


def row_of(measured: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in measured["rows"] if row["baseline"] == name)
    return found


def small_collection(folder: Path) -> Collection:
    return Collection.write(folder / "collection", [made(300, dimensions=8)], made(5, seed=1, dimensions=8), seed=1)


@pytest.mark.parametrize("name", HERE)
def test_every_baseline_is_measured_with_and_without_filters(measured: dict[str, Any], name: str) -> None:
    row = row_of(measured, name)

    assert row["state"] == "done", row
    assert min(row["build_s"], row["open_s"], row["disk_bytes"], row["best"]["p50_ms"]) > 0
    assert [point["below"] for point in row["filtered"]] == [100, 1_000]
    assert all(0 < point["p50_ms"] <= point["p99_ms"] for point in [*row["points"], *row["filtered"]])
    assert all(point["recall"] > 0.5 for point in row["points"][-1:])


@pytest.mark.parametrize("name", ["flat", "vitrine"])
def test_what_searches_exactly_finds_everything_under_each_filter(measured: dict[str, Any], name: str) -> None:
    row = row_of(measured, name)

    assert [point["recall"] for point in [row["best"], *row["filtered"]]] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", ["flat", "vitrine"])
def test_recall_and_processor_time_are_measured_at_every_selectivity(measured: dict[str, Any], name: str) -> None:
    points = row_of(measured, name)["under_filters"]

    assert [point["below"] for point in points] == [10, 100, 500, 1_000, 2_000, 5_000, NO_FILTER]
    assert {point["recall"] for point in points} == {1.0}
    assert min(point["processor_ms"] for point in points) > 0


def test_the_table_under_filters_has_a_column_for_each_index(measured: dict[str, Any]) -> None:
    lines = measured["text"][measured["text"].index("Under filters") :].splitlines()

    titles = [ENTRANTS[name].title for name in HERE]
    assert " ".join(lines[1].split()) == " ".join(["vectors", "pass", *titles])
    assert [line.split()[1] for line in lines[2:9]] == ["0.1", "1", "5", "10", "20", "50", "all"]
    assert {len(line.split()) for line in lines[2:8]} == {3 + 2 * len(titles)}


def test_the_table_names_each_baseline_and_compares_it_with_flat(measured: dict[str, Any]) -> None:
    lines = {line.split("  ")[0]: line.split() for line in measured["text"].splitlines() if " none " in line}

    assert set(lines) == {ENTRANTS[name].title for name in HERE}
    assert lines["FAISS Flat"][-2:] == ["1.00", "1.000"]


def test_rows_that_are_there_are_not_measured_again(measured: dict[str, Any], output: Path) -> None:
    again = benchmark(output, *HERE)

    assert again == measured


def test_a_row_that_is_missing_is_measured_and_the_others_stay(measured: dict[str, Any], tmp_path: Path) -> None:
    kept = {name: value for name, value in measured.items() if name != "text"}
    kept["rows"] = [row for row in kept["rows"] if row["baseline"] != "flat"]
    (tmp_path / "index.json").write_text(json.dumps(kept))

    again = benchmark(tmp_path, "flat", "usearch")

    assert [row["baseline"] for row in again["rows"]] == HERE
    assert [row for row in again["rows"] if row["baseline"] != "flat"] == kept["rows"]
    assert row_of(again, "flat")["build_s"] != row_of(measured, "flat")["build_s"]


def test_what_was_kept_is_left_out_where_fresh_figures_are_asked(measured: dict[str, Any], output: Path) -> None:
    path = output / "index.json"

    assert begin(path, measured["asked"], fresh=False)["rows"] == measured["rows"]
    assert begin(path, measured["asked"], fresh=True)["rows"] == []


def test_a_table_is_printed_again_from_what_was_kept(measured: dict[str, Any], output: Path) -> None:
    out = io.StringIO()

    call_command("benchmark", "index", source=output, stdout=out)

    assert out.getvalue().strip() in measured["text"]


def test_curves_are_drawn(measured: dict[str, Any], output: Path) -> None:
    with Image.open(output / "index.png") as drawn:
        red = np.all(np.asarray(drawn.convert("RGB")) == (0xD5, 0x5E, 0x00), axis=-1)

    # The shop's own points and its line in the legend, in each of the two panels.
    halves = np.array_split(red, 2, axis=1)
    assert min(int(half.sum()) for half in halves) > 20


def test_figures_of_other_queries_are_not_mixed_with_these(measured: dict[str, Any], output: Path) -> None:
    with pytest.raises(CommandError, match="--fresh"):
        begin(output / "index.json", measured["asked"] | {"queries": 13}, fresh=False)


def test_a_baseline_that_is_not_installed_says_so_and_the_next_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usearch").mkdir()
    (tmp_path / "usearch" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    measured = benchmark(tmp_path / "output", "usearch", "flat")

    assert row_of(measured, "usearch")["why"] == "not installed: 'usearch.index'"
    assert row_of(measured, "flat")["state"] == "done"
    assert "usearch      failed: not installed: 'usearch.index'" in measured["text"]


def test_a_build_that_takes_too_long_is_stopped_and_its_row_says_so(tmp_path: Path) -> None:
    measured = benchmark(tmp_path, "hnsw", build_limit=0.0001)

    assert row_of(measured, "hnsw")["state"] == "stopped"
    assert "FAISS HNSW   stopped: build stopped after" in measured["text"]


def test_what_does_not_fit_in_memory_or_is_too_many_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "free_memory", lambda: 10**9)

    flat = rows.row_without_running("flat", 10_000_000, DIMENSIONS, tmp_path)
    pgvector = rows.row_without_running("pgvector", 1_000_000, DIMENSIONS, tmp_path)

    assert flat is not None
    assert flat["why"] == "needs 15 GB of memory"
    assert pgvector is not None
    assert pgvector["why"] == "tried up to 100,000 only"
    assert rows.row_without_running("flat", 100_000, DIMENSIONS, tmp_path) is None


def test_a_server_that_a_stopped_process_left_is_ended(tmp_path: Path) -> None:
    # Tests that a shell started in the background begin with SIGQUIT ignored.
    waiting = "import signal; signal.signal(signal.SIGQUIT, signal.SIG_DFL); print(flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", waiting], stdin=pipe, stdout=pipe) as server:
        assert server.stdout is not None
        server.stdout.readline()
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "postmaster.pid").write_text(f"{server.pid}\n{tmp_path}\n")

        rows.stop_postgresql(tmp_path)

        assert server.wait(patience_s(10)) == -signal.SIGQUIT


def test_exact_answers_are_those_of_a_scan(tmp_path: Path) -> None:
    collection = small_collection(tmp_path)
    among = collection.filter(5_000)
    assert among is not None
    similarities = collection.queries @ collection.vectors.astype(np.float32).T
    found = [among.ids[np.argsort(-row[among.ids])[:20]] for row in similarities]

    assert collection.recall(found, limit=20, allowed_ids=among) == 1.0
    assert collection.recall([ids[1:] for ids in found], limit=20, allowed_ids=among) == pytest.approx(0.95)
    assert collection.recall([ids[::-1][:10] for ids in found], limit=10, allowed_ids=among) == 0.0


def test_an_answer_that_the_filter_forbids_is_an_error(tmp_path: Path) -> None:
    collection = small_collection(tmp_path)
    among = collection.filter(1_000)
    assert among is not None
    forbidden = np.setdiff1d(np.arange(collection.count), among.ids)[:1]

    with pytest.raises(ValueError, match="does not pass the filter"):
        collection.recall([forbidden], limit=10, allowed_ids=among)
    with pytest.raises(ValueError, match="twice"):
        collection.recall([np.array([4, 4])], limit=10, allowed_ids=None)


def test_a_filter_passes_as_many_as_it_says(tmp_path: Path) -> None:
    collection = Collection.write(tmp_path / "collection", [made(20_000, dimensions=2)], made(1, dimensions=2), seed=1)

    assert collection.filter(NO_FILTER) is None
    for below in SELECTIVITIES[:-1]:
        among = collection.filter(below)
        assert among is not None
        assert len(among.ids) == pytest.approx(2 * below, rel=0.3)


def test_the_table_shows_the_quickest_setting_that_finds_enough() -> None:
    points = [
        Point(setting, NO_FILTER, ms, ms, ms, recall, 9)
        for setting, ms, recall in [(1, 1, 0.9), (2, 3, 0.98), (3, 2, 0.97)]
    ]

    assert best_point(points).setting == 3
    assert best_point(points[:1]).setting == 1


def test_rows_stand_by_size_and_in_the_order_of_the_table() -> None:
    kept = [{"count": 100, "baseline": "flat", "state": "failed"}, {"count": 10, "baseline": "usearch"}]

    keep(kept, {"count": 10, "baseline": "flat"})
    keep(kept, {"count": 100, "baseline": "flat", "state": "done"})

    assert [(row["count"], row["baseline"]) for row in kept] == [(10, "flat"), (10, "usearch"), (100, "flat")]
    assert kept[-1]["state"] == "done"
