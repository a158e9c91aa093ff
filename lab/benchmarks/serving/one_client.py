"""One client: processor time and latency of each search, of the shop and of others, in turn on the same photos."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from catalogue.progress import progress_bar
from lab.benchmarks.serving.accounting import processor_s
from lab.benchmarks.serving.clients import Client, body_of
from lab.benchmarks.serving.parts import PARTS, REST, PartTimes
from lab.benchmarks.serving.trial import lower_bound_of
from lab.harness.trial_shop import ROOT, TrialError, TrialShop

FLOOR, SHOP, BY_TOKEN, COURSE = "lower bound", "shop", "shop, by token", "course"
# Of the shop: what serves, and what serves that.
SERVERS = ("web", "broker")


@dataclass
class Measured:
    """What searches took: `search` makes the one with a photo's number, `processor` tells the seconds until now."""

    search: Callable[[int], object]
    processor: Callable[[], float]
    seconds: float = 0.0
    laps_ms: list[float] = field(default_factory=list)

    def run(self, photos: int) -> None:
        """Search with each photo once."""
        before = self.processor()
        for number in range(photos):
            started = time.perf_counter()
            self.search(number)
            self.laps_ms.append((time.perf_counter() - started) * 1000)
        self.seconds += self.processor() - before

    @property
    def processor_ms(self) -> float:
        return 1000 * self.seconds / len(self.laps_ms)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.laps_ms)


def measure_one_client(
    shop: TrialShop, photos: Sequence[bytes], bodies: Path, requests: int, course: int | None
) -> str:
    """Return the table of one client. `course` is the port of the course's server, None to leave it out."""
    lower_bound, times = lower_bound_of(shop), PartTimes()
    times.start()
    sent = [body_of(photo) for photo in photos]
    client = Client(shop.port, "/api/predict")
    tokens = [asked(client.send(body))["token"] for body in sent]
    pages = [f"/api/search?{urlencode({'token': token})}" for token in tokens]

    def of_the_shop() -> float:
        return sum(processor_s(shop.process_id(name)) for name in SERVERS)

    measured = {
        FLOOR: Measured(lambda number: lower_bound.search(photos[number]), time.process_time),
        SHOP: Measured(lambda number: asked(client.send(sent[number])), of_the_shop),
        BY_TOKEN: Measured(lambda number: asked(client.get(pages[number])), of_the_shop),
    }
    if course is not None:
        other = Client(course, "/predict")
        measured[COURSE] = Measured(
            lambda number: asked(other.send(sent[number])),
            lambda: processor_s(shop.process_id(COURSE)),
        )
    for one in measured.values():
        one.search(0)
    times.seconds.clear()
    rounds = max(1, requests // len(photos))
    for _ in progress_bar(range(rounds), desc="one client", unit="round", leave=False):
        for one in measured.values():
            one.run(len(photos))
    client.close()
    parts = {FLOOR: times.milliseconds(rounds * len(photos))} | parts_of(shop, bodies, rounds * len(photos))
    return one_client_table(measured, parts)


def asked(answer: tuple[int, bytes]) -> Any:
    """Return the JSON of a response, status and body. Raises TrialError unless it is 200."""
    status, body = answer
    if status != 200:
        raise TrialError(f"A search was answered with {status}: {body[:300]!r}")
    return json.loads(body)


def parts_of(shop: TrialShop, bodies: Path, requests: int) -> dict[str, dict[str, float]]:
    """Return the processor time of each part of the shop's searches in ms, measured in a process of its own."""
    done = subprocess.run(  # noqa: S603  (our own interpreter and code)
        [sys.executable, "-m", "lab.benchmarks.serving.parts", str(bodies), str(requests)],
        cwd=ROOT,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TrialError(f"The parts of a search are not measured: {done.stderr[-500:]}")
    laps = json.loads(done.stdout.splitlines()[-1])
    return {SHOP: laps["photo"], BY_TOKEN: laps["token"]}


def one_client_table(measured: Mapping[str, Measured], parts: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of processor time and latency a search, and of the processor time of its parts."""
    floor, shop = measured[FLOOR], measured[SHOP]
    lines = [
        f"One client, {len(shop.laps_ms)} searches of each in turn, in ms; processor time as the system counts it",
        f"{'':16s}{'processor':>11s}{'wall p50':>10s}",
    ]
    for name, one in measured.items():
        line = f"{name:16s}{one.processor_ms:11.1f}{one.median_ms:10.1f}"
        if name == SHOP:
            line += f"   {one.processor_ms / floor.processor_ms:.2f} × {FLOOR}"
        elif name == COURSE:
            line += f"   {one.processor_ms / shop.processor_ms:.2f} × {SHOP}"
        lines.append(line)
    names = [part for part in (*PARTS, REST) if any(part in laps for laps in parts.values())]
    lines += ["", "Its parts, in one process", f"{'':16s}" + "".join(f"{name:>16s}" for name in parts)]
    lines += [
        f"{part:16s}" + "".join(f"{laps[part]:16.1f}" if part in laps else f"{'':16s}" for laps in parts.values())
        for part in names
    ]
    lines.append(f"{'together':16s}" + "".join(f"{sum(laps.values()):16.1f}" for laps in parts.values()))
    return "\n".join(line.rstrip() for line in lines)
