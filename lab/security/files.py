"""`attack files`: hostile files, sent to a running shop as photos to search with, one by one and in crowds."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import CommandParser, OutputWrapper

from catalogue.progress import progress_bar
from lab.benchmarks.load import memory_mb, said
from lab.benchmarks.serving.machine import machine
from lab.harness.trial_shop import TrialShop
from lab.security.costly_files import COSTLY
from lab.security.crowds import report as report_crowds
from lab.security.crowds import run_crowds
from lab.security.generated_files import HostileFile, made_files

HELP = "Hostile files as photos, and crowds of costly ones: each is answered or refused in time; nothing dies of it."

ANSWERED_WITHIN_S, GROWS_AT_MOST_MB = 2.0, 50.0
# Allowed status codes: a result or a refusal, never a server error.
ANSWERS = {200, 400, 413, 415}


@dataclass
class Tally:
    """The results for files of one kind: counts by status, the slowest response, and violations."""

    statuses: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--folder", type=Path, help="files of your own, by a manifest.csv (file, category) or all")
    parser.add_argument("--rounds", type=int, default=2, help="how often all are sent, 0 for crowds alone (2)")
    parser.add_argument("--at-once", type=int, default=30, help="of each costly file at once; 0 leaves them out (30)")
    parser.add_argument("--kinds", nargs="*", default=list(COSTLY), choices=list(COSTLY), help="of costly files (all)")
    parser.add_argument("--seed", type=int, default=1, help="of the damage (1)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    files = [*made_files(seed=options["seed"]), *(given_files(options["folder"]) if options["folder"] else ())]
    shop = TrialShop()
    shop.commands = {name: shop.commands[name] for name in ("broker", "web")}
    with shop:
        web = shop.process("web")
        assert web is not None  # noqa: S101  (it was started)
        tallies: dict[str, Tally] = {}
        memory = []
        for _ in range(options["rounds"]):
            for file in progress_bar(files, unit="file", leave=False):
                send(shop, file, tallies.setdefault(file.kind, Tally()))
            memory.append(memory_mb(web))
        crowds = run_crowds(shop, options["at_once"], options["kinds"]) if options["at_once"] else None
        # Without workers, its health would say that none looks for work.
        alive = shop.is_ready() and web.poll() is None
        restarted = (shop.data / "web.log").read_text().count("Booting worker") - 2
    if tallies:
        out.write(report(tallies, len(files), memory, alive=alive and restarted <= 0))
    if crowds:
        out.write("\n" + report_crowds(crowds[0], options["at_once"], crowds[1]))


def given_files(folder: Path) -> Iterator[HostileFile]:
    """Yield the files listed in a manifest, or all in the folder. Their readability is unknown (None)."""
    manifest = folder / "manifest.csv"
    if manifest.exists():
        with manifest.open(newline="") as rows:
            for row in csv.DictReader(rows):
                yield HostileFile(row["category"], row["file"], (folder / row["file"]).read_bytes())
    else:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            yield HostileFile("given", file.name, file.read_bytes())


def send(shop: TrialShop, file: HostileFile, tally: Tally) -> None:
    started = time.perf_counter()
    try:
        response = shop.client.post("/api/predict", files={"image": (file.name, file.content)})
    except httpx.TransportError as error:
        tally.wrong.append(f"{file.name}: {error!r}")
        return
    tally.slowest_s = max(tally.slowest_s, time.perf_counter() - started)
    code = "" if response.status_code == 200 else response.json()["code"]
    tally.statuses[f"{response.status_code} {code}".strip()] += 1
    expected = ANSWERS if file.readable is None else {200} if file.readable else ANSWERS - {200}
    if response.status_code not in expected:
        tally.wrong.append(f"{file.name}: {response.status_code} {code}")


def report(tallies: dict[str, Tally], count: int, memory: Iterable[float], *, alive: bool) -> str:
    lines = [f"{count} files", f"{'kind':22s}{'slowest s':>10s}  answers"]
    for kind, tally in sorted(tallies.items()):
        answers = ", ".join(f"{number} × {status}" for status, number in sorted(tally.statuses.items()))
        lines.append(f"{kind:22s}{tally.slowest_s:10.2f}  {answers}")
    wrong = [f"{kind}: {one}" for kind, tally in tallies.items() for one in dict.fromkeys(tally.wrong)]
    slowest = max(tally.slowest_s for tally in tallies.values())
    held = list(memory)
    grown = held[-1] - held[0]
    lines += [f"not as it should be: {one}" for one in wrong]
    lines += [
        f"memory of the web's processes after each round: {', '.join(f'{one:.0f}' for one in held)} MB",
        said("each is read if it can be, and refused if not", not wrong, f"{len(wrong)} are not"),
        said(f"each is answered within {ANSWERED_WITHIN_S:g} s", slowest <= ANSWERED_WITHIN_S, f"{slowest:.2f} s"),
        said("no process dies, and the shop is well", alive, "well" if alive else "not well"),
        said(f"memory grows less than {GROWS_AT_MOST_MB:g} MB", grown < GROWS_AT_MOST_MB, f"{grown:.0f} MB"),
    ]
    return "\n".join(lines)
