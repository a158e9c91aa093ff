"""`benchmark load`: a soak test under sustainable load, an overload test, and saving with a hanging broker."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import httpx
from django.core.management.base import CommandParser, OutputWrapper

from lab.benchmarks.search import SEARCH, WARMING_S, send, vectors_for
from lab.benchmarks.serving.clients import Plan, Tally, body_of
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import BROWSER_SIDE, browser_photos
from lab.benchmarks.serving.tables import at, rate
from lab.benchmarks.serving.trial import stocked_shop
from lab.harness.trial_shop import TrialShop

HELP = "32 clients at 70 % of the machine's capacity for ten minutes, an overload, and a frozen broker."

GOAL_SPREAD, GOAL_MB_A_MINUTE, GOAL_FROZEN_S = 4.0, 1.0, 2.0
SAMPLED_EVERY_S = 2.0
# Warm-up: this share of a run is excluded from the memory slope, since pools fill and arenas grow.
SETTLING = 0.2
SAVES = 5


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--articles", type=int, default=5_000, help="articles of the shop, two photos each (5000)")
    parser.add_argument("--photos", type=Path, help="folder of photos to search with; drawn articles without")
    parser.add_argument("--count", type=int, default=12, help="photos that are sent, in turn (12)")
    parser.add_argument("--side", type=int, default=BROWSER_SIDE, help="pixels of their longer side at most (1024)")
    parser.add_argument("--clients", type=int, default=32, help="clients at once (32)")
    parser.add_argument("--share", type=float, default=0.7, help="of what the machine can (0.7)")
    parser.add_argument("--seconds", type=float, default=600, help="seconds of the long run (600)")
    parser.add_argument("--finding", type=float, default=20, help="seconds of finding what the machine can (20)")
    parser.add_argument("--crowd", type=int, default=250, help="clients of the overload (250)")
    parser.add_argument("--seed", type=int, default=1, help="of the made vectors (1)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    photos = browser_photos(options["photos"], options["count"], side=options["side"])
    with stocked_shop(vectors_for(options), workers=True) as shop:
        bodies = shop.data / "bodies"
        bodies.mkdir()
        for number, photo in enumerate(photos):
            (bodies / f"{number:04d}").write_bytes(body_of(photo))
        clients = options["clients"]
        send(Plan(shop.port, SEARCH, str(bodies), clients, WARMING_S))
        most = rate(send(Plan(shop.port, SEARCH, str(bodies), clients, options["finding"])))
        out.write(f"{options['articles']:,} articles; {clients} clients at once get {most:.1f} searches a second")
        every_s = clients / (most * options["share"])
        with sampled_memory(shop) as samples:
            tally = send(Plan(shop.port, SEARCH, str(bodies), clients, options["seconds"], every_s))
        out.write("\n" + long_run(tally, samples, options))
        crowd = send(Plan(shop.port, SEARCH, str(bodies), options["crowd"], options["finding"]))
        out.write("\n" + overload(crowd, options["crowd"], most))
        out.write("\n" + frozen_broker(shop, photos[0]))


def long_run(tally: Tally, samples: list[tuple[float, float]], options: dict[str, Any]) -> str:
    """Return the table of the soak test, and whether it met its goals."""
    ordered = sorted(tally.latencies_ms)
    middle, slow = at(ordered, 0.5), at(ordered, 0.99)
    slope = slope_of(samples[int(SETTLING * len(samples)) :])
    spread = slow / middle if middle else 0.0
    lines = [
        f"{tally.seconds / 60:.1f} minutes at {options['share']:.0%} of that: {rate(tally):.1f} searches a second, "
        f"{len(ordered):,} answered, {tally.failed} failed{': ' + tally.why if tally.why else ''}",
        f"ms from when each was due: p50 {middle:.0f}, p95 {at(ordered, 0.95):.0f}, p99 {slow:.0f}, "
        f"highest {at(ordered, 1.0):.0f}",
        f"memory of the web's processes: {samples[0][1]:.0f} MB at first, {samples[-1][1]:.0f} MB at last",
        said("no error", tally.failed == 0, f"{tally.failed}"),
        said(f"p99 at most {GOAL_SPREAD:g} times p50", spread <= GOAL_SPREAD, f"{spread:.2f}"),
        said(f"memory grows less than {GOAL_MB_A_MINUTE:g} MB a minute", slope < GOAL_MB_A_MINUTE, f"{slope:.2f}"),
    ]
    return "\n".join(lines)


def overload(tally: Tally, clients: int, most: float) -> str:
    """Return the table of the overload test: throughput, latencies, and refusals with 503 and Retry-After."""
    busy, answered = sorted(tally.busy_ms), sorted(tally.latencies_ms)
    other = tally.failed - len(busy)
    lines = [
        f"Overload: {clients} clients, each asking again at once; {tally.seconds:.0f} s",
        f"answered {rate(tally):.1f} a second ({rate(tally) / most:.2f} times the most before), "
        f"p95 {at(answered, 0.95):.0f} ms, highest {at(answered, 1.0):.0f} ms",
        f"refused with 503 and Retry-After: {len(busy):,}, p95 {at(busy, 0.95):.0f} ms, highest {at(busy, 1.0):.0f} ms",
        said("nothing else than an answer or that refusal", other == 0, f"{other}{', ' + tally.why if other else ''}"),
    ]
    return "\n".join(lines)


def frozen_broker(shop: TrialShop, photo: bytes) -> str:
    """Return the durations of saving an article with a photo, usually and while SIGSTOP suspends the broker."""
    key = shop.shell(
        "from django.contrib.auth.models import User; from catalogue.models import ApiToken;"
        "print(ApiToken.issue(User.objects.create_superuser('load'), 'load')[1])"
    ).splitlines()[-1]
    usual = [save_s(shop, key, photo, f"USUAL-{number}") for number in range(SAVES)]
    shop.signal("broker", SIGSTOP)
    try:
        frozen = [save_s(shop, key, photo, f"FROZEN-{number}") for number in range(SAVES)]
    finally:
        shop.signal("broker", SIGCONT)
    cost = max(frozen) - statistics.median(usual)
    lines = [
        f"{SAVES} articles with a photo saved: {statistics.median(usual):.2f} s as usual (median), "
        f"{', '.join(f'{took:.2f}' for took in frozen)} s with the broker frozen",
        said(f"a frozen broker costs at most {GOAL_FROZEN_S:g} s", cost <= GOAL_FROZEN_S, f"{cost:.2f} s"),
    ]
    return "\n".join(lines)


def save_s(shop: TrialShop, key: str, photo: bytes, sku: str) -> float:
    """Save an article and its photo through the API, and return the seconds taken. Raises httpx.HTTPStatusError."""
    headers = {"Authorization": f"Token {key}"}
    started = time.perf_counter()
    with httpx.Client(base_url=shop.address, headers=headers, timeout=60) as client:
        added = client.post("/api/articles", json={"sku": sku, "name": sku}).raise_for_status().json()
        client.post(f"/api/articles/{added['id']}/photos", files={"image": photo}).raise_for_status()
    return time.perf_counter() - started


def said(goal: str, met: bool, found: str) -> str:
    return f"goal: {goal}: {'met' if met else 'missed'} ({found})"


@contextmanager
def sampled_memory(shop: TrialShop) -> Iterator[list[tuple[float, float]]]:
    """Yield a list that is filled with (minutes, memory of all web processes in MB) while the block runs."""
    web = shop.process("web")
    if web is None:
        raise RuntimeError("The shop has no web process.")
    samples: list[tuple[float, float]] = []
    over, began = threading.Event(), time.monotonic()

    def sample() -> None:
        while True:
            samples.append(((time.monotonic() - began) / 60, memory_mb(web)))
            if over.wait(SAMPLED_EVERY_S):
                return

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Return the proportional set size (PSS) in MB of all processes in the session that a process leads."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == process.pid:
                rolled = (folder / "smaps_rollup").read_text()
                total += int(rolled.split("\nPss:")[1].split()[0])
        except (FileNotFoundError, ProcessLookupError, PermissionError, IndexError):
            continue
    return total / 1_000


def slope_of(samples: list[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through (x, y); 0 for fewer than two points."""
    return statistics.linear_regression(*zip(*samples, strict=True)).slope if len(samples) > 1 else 0.0
