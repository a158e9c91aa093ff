"""`benchmark bulk`: throughput of bulk embedding with `embed_waiting`, compared with a lower bound.

The lower bound reads, decodes and embeds the same files in as many processes, and writes nothing; it is timed after
warm-up. The shop's time is that of the whole command, start-up included. What several vectors of a photo cost is
measured in one process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import BROWSER_SIDE, browser_photos
from lab.benchmarks.serving.vectors_a_photo import vectors_table
from lab.harness.trial_shop import ROOT, TrialShop

HELP = "Photos per second that embed_waiting embeds, compared with decoding and inference alone."
GOAL = 0.8
# Rounds of a few files each, for each of the others.
VECTOR_ROUNDS = 5


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--photos", type=Path, help="folder of photos (default: drawn articles)")
    parser.add_argument("--count", type=int, default=4_000, help="photos of the catalogue (4000)")
    parser.add_argument("--files", type=int, default=12, help="different files among them (12)")
    parser.add_argument("--side", type=int, default=BROWSER_SIDE, help="pixels of their longer side at most (1024)")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--processes", type=int, default=cores, help=f"processes at once ({cores}, the cores)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both, in turn (3)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    shop = TrialShop()
    with ExitStack() as stack:
        stack.push(shop)
        shop.prepare()
        pictures = shop.data / "pictures"
        pictures.mkdir()
        for number, photo in enumerate(browser_photos(options["photos"], options["files"], side=options["side"])):
            (pictures / f"{number:04d}.jpg").write_bytes(photo)
        shop.shell(
            "from lab.benchmarks.serving.stock import stock_waiting;"
            f"stock_waiting({str(pictures)!r}, {options['count']})"
        )
        kind = options["photos"].name if options["photos"] else "drawn"
        out.write(
            f"{options['count']:,} photos ({kind}) up to {options['side']} px, {options['processes']} processes, "
            f"{options['rounds']} rounds in turn"
        )
        rates: dict[str, list[float]] = {"lower_bound": [], "shop": []}
        for _ in range(options["rounds"]):
            rates["lower_bound"].append(
                options["count"] / lower_bound_s(shop, pictures, options["count"], options["processes"])
            )
            rates["shop"].append(options["count"] / shop_s(shop, options["count"], options["processes"]))
        out.write(bulk_table(rates))
        out.write(vectors_table(pictures, VECTOR_ROUNDS * options["rounds"]))


def lower_bound_s(shop: TrialShop, pictures: Path, count: int, processes: int) -> float:
    """Return the seconds that warmed-up processes take to decode and embed `count` photos."""
    command = [sys.executable, "-m", "lab.benchmarks.serving.bulk_lower_bound", str(pictures), "--count", str(count)]
    begun = [
        subprocess.Popen(  # noqa: S603  (the project's own)
            [*command, "--process", str(number), "--of", str(processes)],
            cwd=ROOT,
            env=shop.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(processes)
    ]
    said(begun, "ready")
    started = time.perf_counter()
    for process in begun:
        print(file=process.stdin, flush=True)
    said(begun, "done")
    seconds = time.perf_counter() - started
    for process in begun:
        process.communicate()
    return seconds


def said(processes: list[subprocess.Popen[str]], word: str) -> None:
    """Wait until each process has printed the word. Raises RuntimeError if one prints another or exits."""
    for process in processes:
        if process.stdout is None or process.stdout.readline().strip() != word:
            raise RuntimeError(f"A process of the lower bound ended before it was {word}.")


def shop_s(shop: TrialShop, count: int, processes: int) -> float:
    """Return the seconds that embed_waiting takes with all photos pending. Raises RuntimeError if any is left."""
    shop.shell("from visualsearch.models import PhotoEmbedding; PhotoEmbedding.objects.all().delete()")
    started = time.perf_counter()
    shop.manage("embed_waiting", "--processes", str(processes))
    seconds = time.perf_counter() - started
    found = shop.shell("from visualsearch.models import PhotoEmbedding; print(PhotoEmbedding.objects.count())")
    if int(found.splitlines()[-1]) != count:
        raise RuntimeError(f"Of {count} photos {found} have a vector.")
    return seconds


def bulk_table(rates: dict[str, list[float]]) -> str:
    """Return the table of photos per second in each round, and the ratio of the shop to the lower bound."""
    lines = [f"{'photos a second':18s}{'bound':>8s}{'shop':>8s}{'of the bound':>14s}"]
    ratios = [shop / lower_bound for lower_bound, shop in zip(rates["lower_bound"], rates["shop"], strict=True)]
    for number, ratio in enumerate(ratios):
        name = f"round {number + 1}"
        lines.append(f"{name:18s}{rates['lower_bound'][number]:8.1f}{rates['shop'][number]:8.1f}{ratio:14.2f}")
    middle = statistics.median(ratios)
    lines.append(f"goal: at least {GOAL:g} of the lower bound: {'met' if middle >= GOAL else 'missed'} ({middle:.2f})")
    return "\n".join(lines)
