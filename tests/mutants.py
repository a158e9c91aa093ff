"""Change the code on purpose and name the changes that no test notices: `make mutants`, or `make mutants ROOM=index`.

With `SAMPLE=100` only so many changes of a room are made, chosen by chance but the same ones each time, and the share
that is noticed has its interval.

mutmut (https://mutmut.readthedocs.io) makes the changes and runs, for each, the tests that reach it, in a copy of the
work tree. Tests that start processes or a browser are left out: they would take a minute each.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# mutmut's exit codes of pytest: 0 is a run in which nothing failed; 33 and 5 are a change that no test reaches.
SURVIVED, UNREACHED = {0}, {33, 5}


@dataclass(frozen=True)
class Room:
    """Files whose code is changed, the tests that should notice, and those left out since they take long."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    # Which tests of these. Slow ones too where what is changed is tested by starting a broker or a process.
    marked: str = "not slow"


ROOMS = {
    "tokens": Room(
        ("visualsearch/services/retrieval/tokens.py",),
        ("tests/visualsearch/services/retrieval", "tests/visualsearch/services/search"),
        marked="slow or not slow",
    ),
    "search": Room(
        (
            "visualsearch/services/retrieval/nearest.py",
            "visualsearch/services/retrieval/articles.py",
            "visualsearch/services/search/photo_search.py",
        ),
        ("tests/visualsearch/services/retrieval", "tests/visualsearch/services/search"),
        marked="slow or not slow",
    ),
    "index": Room(
        ("exact.py", "faiss.py", "tail.py", "snapshot.py", "searcher.py", "builder.py"),
        ("tests/visualsearch/index",),
        ("test_milvus.py", "test_milvus_sequences.py", "test_milvus_ages.py", "test_sequences.py", "test_swaps.py"),
        marked="slow or not slow",
    ),
    "indexing": Room(
        ("visualsearch/services/indexing/indexing.py", "visualsearch/services/indexing/embedding.py"),
        ("tests/visualsearch/services/indexing",),
        ("test_milvus.py", "test_sequences.py", "test_concurrency.py"),
        marked="slow or not slow",
    ),
    "filters": Room(
        ("catalogue/browsing/filters.py", "catalogue/browsing/facets.py", "catalogue/browsing/listing.py"),
        ("tests/catalogue/browsing", "tests/catalogue/web/test_lists.py", "tests/catalogue/api/test_articles.py"),
    ),
    "feeds": Room(
        (
            "cells.py",
            "csv_reader.py",
            "formulas.py",
            "grouping.py",
            "html_text.py",
            "lists.py",
            "numbers.py",
            "options.py",
            "photo_addresses.py",
            "table_reader.py",
            "tables.py",
            "taxonomy.py",
        ),
        ("tests/catalogue/feeds",),
        ("test_import_catalogue.py", "test_interrupted_imports.py"),
    ),
    "limits": Room(
        ("catalogue/rate_limits.py", "catalogue/photos/uploads.py", "catalogue/photos/validators.py"),
        (
            "tests/catalogue/test_rate_limits.py",
            "tests/catalogue/photos",
            "tests/visualsearch/api/test_rate_limits.py",
            "tests/catalogue/api/test_api_clients.py",
        ),
        ("test_renditions.py", "test_full_disk.py"),
        marked="slow or not slow",
    ),
    "rollout": Room(
        ("lifecycle.py", "shadow.py", "experiment_stats.py", "feedback.py"),
        ("tests/visualsearch/services/rollout", "tests/visualsearch/api/test_feedback.py"),
        marked="slow or not slow",
    ),
}
# Where the files of a room lie that are named without a folder.
FOLDERS = {
    "index": "visualsearch/index",
    "feeds": "catalogue/feeds",
    "rollout": "visualsearch/services/rollout",
}


@dataclass
class Result:
    """What became of a file's changes, by their names."""

    killed: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How many of all changes a test noticed, 0 to 1."""
        total = len(self.killed) + len(self.survived) + len(self.unreached)
        return len(self.killed) / total if total else 1.0


def files_of(name: str) -> list[str]:
    """Return the paths of a room's files."""
    return [file if "/" in file else f"{FOLDERS[name]}/{file}" for file in ROOMS[name].files]


def copy_tree(target: Path) -> None:
    """Copy what git knows of the work tree, changes and new files included."""
    said = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in said.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file() and not name.startswith(("docs/", "clients/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def configure(target: Path, name: str) -> None:
    """Tell mutmut, in the copy, what to change and which tests to run."""
    room = ROOMS[name]
    tests = [*room.tests, *(f"--ignore-glob=**/{left}" for left in room.without), "-m", room.marked, "--no-migrations"]
    folders = [path.name for path in target.iterdir() if path.is_dir() and not path.name.startswith(".")]
    with (target / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n")
        file.write(f"source_paths = {json.dumps(files_of(name))}\n")
        file.write(f"also_copy = {json.dumps([*folders, 'manage.py', 'pyproject.toml'])}\n")
        file.write(f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n")


def run_mutmut(folder: Path, *arguments: str) -> str:
    """Run mutmut in a folder, and return what it printed."""
    leaking = {"SHOP_DATA_DIR", "SHOP_VISUAL_SEARCH", "DATABASE_URL", "REDIS_URL", "PORT"}
    environment = {name: value for name, value in os.environ.items() if name not in leaking}
    ran = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ran.stdout


def results_in(folder: Path) -> Iterator[tuple[str, Result]]:
    """Yield each changed file of a copy with what became of its changes."""
    for meta in sorted((folder / "mutants").rglob("*.py.meta")):
        result = Result()
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            if code is None:
                continue
            fate = result.survived if code in SURVIVED else result.unreached if code in UNREACHED else result.killed
            fate.append(name)
        yield str(meta.relative_to(folder / "mutants")).removesuffix(".meta"), result


def names_in(folder: Path) -> list[str]:
    """Return the names of all changes that mutmut has made in a copy."""
    metas = sorted((folder / "mutants").rglob("*.py.meta"))
    return [name for meta in metas for name in json.loads(meta.read_text())["exit_code_by_key"]]


def interval(part: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, after Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, part / total
    middle = share + z * z / (2 * total)
    around = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - around) / (1 + z * z / total), (middle + around) / (1 + z * z / total)


def show(name: str, sample: int = 0) -> bool:
    """Change a room's code, and print a line a file and each change that survived. Returns whether it could be run.

    `sample` is how many changes are made; 0: all.
    """
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        folder = Path(temporary)
        copy_tree(folder)
        configure(folder, name)
        at_once = ("--max-children", str(os.cpu_count() or 1))
        chosen: list[str] = []
        if sample:
            # Makes the changes, and finds none of this name to run.
            run_mutmut(folder, "run", *at_once, "none")
            names = names_in(folder)
            chosen = random.Random(name).sample(names, min(sample, len(names)))
        printed = run_mutmut(folder, "run", *at_once, *chosen)
        results = [(file, result) for file, result in results_in(folder) if result.killed or result.survived]
        if not results:
            sys.stderr.write(f"{printed[-3_000:]}\n{name}: mutmut could not run.\n")
            return False
        for file, result in results:
            total = len(result.killed) + len(result.survived) + len(result.unreached)
            sys.stdout.write(
                f"{file:48s}{total:6d} changes{len(result.killed):6d} noticed{len(result.survived):5d} survived"
                f"{len(result.unreached):5d} unreached{100 * result.share:7.1f} %\n"
            )
        total = sum(len(one.killed) + len(one.survived) + len(one.unreached) for _, one in results)
        noticed = sum(len(one.killed) for _, one in results)
        if sample:
            low, high = interval(noticed, total)
            sys.stdout.write(
                f"{name}: {noticed} of {total} changes noticed, a sample of {len(names)}: {noticed / total:.0%}"
                f" (95 % interval {low:.0%} to {high:.0%})\n"
            )
        for _file, result in results:
            for change in result.survived:
                sys.stdout.write(f"\n{run_mutmut(folder, 'show', change).strip()}\n")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Change the code on purpose.")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--sample", type=int, default=0, help="how many changes of each room; all without")
    asked = parser.parse_args()
    for unknown in set(asked.rooms) - set(ROOMS):
        sys.exit(f"There is no {unknown} here. Choose one of: {', '.join(ROOMS)}.")
    shown = [show(room, asked.sample) for room in asked.rooms or ROOMS]
    sys.exit(not all(shown))
