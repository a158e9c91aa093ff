"""A chaos run: write, search and kill processes, compact continuously for a while, stop, check the final state."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from lab.chaos import verdict
from lab.chaos.journal import Ledger
from lab.chaos.killing import Killer
from lab.chaos.reading import Readers
from lab.harness.trial_shop import TrialShop

WRITERS = 2
READERS = 3
# Range of the run, as shares of its duration, in which a separate process compacts concurrently with the worker.
COMPACTING = (0.4, 0.7)
# After this share of the duration, every process that was never killed is killed once.
ALL_KILLED_BY = 0.8
TENDED_EVERY_S = 0.1
# Besides these, the writers and the compacting process are killed too.
VICTIMS = ("web", "worker", "bulk", "broker")
WRITER_ENDS_WITHIN_S = 120.0
SAID_EVERY_S = 10.0


@dataclass(frozen=True)
class Plan:
    """The parameters of a chaos run."""

    minutes: float
    seed: int
    writes: int
    kill_every_s: float
    kill_probability: float
    compact_changes: int


@dataclass
class Outcome:
    """The result of a chaos run: figures by name, and violations of invariants."""

    figures: dict[str, object] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


class Chaos:
    """One run on a trial shop that has started."""

    def __init__(self, shop: TrialShop, plan: Plan, log: TextIO) -> None:
        self._shop, self._plan, self._log = shop, plan, log
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._writers = {f"writer{place}": self._writer(place) for place in range(WRITERS)}
        self._ledger = Ledger(*(self._journal(place) for place in range(WRITERS)))
        self._compacting = False
        victims: dict[str, Callable[[], None]] = {name: partial(shop.start, name) for name in VICTIMS}
        victims["compacting"] = self._start_compacting
        self._killer = Killer(
            shop,
            victims | self._writers,
            every_s=plan.kill_every_s,
            probability=plan.kill_probability,
            rng=random.Random(plan.seed),  # noqa: S311  (no secret)
            say=self.say,
        )

    def run(self) -> Outcome:
        self.say(f"chaos of {self._shop.data} by {self._plan}")
        for start in self._writers.values():
            start()
        with Readers(self._shop.address, self._ledger, self._lock, count=READERS, seed=self._plan.seed) as readers:
            self._go_on()
            self._stop_writing()
        return self._judge(readers)

    def say(self, text: str) -> None:
        """Write a log line with the seconds since the start."""
        self._log.write(f"{time.monotonic() - self._started:9.3f} {text}\n")
        self._log.flush()

    def _go_on(self) -> None:
        """Kill and restart processes until the time is over, compacting continuously for a part of it."""
        duration = self._plan.minutes * 60
        spared, said = True, 0.0
        while (passed := time.monotonic() - self._started) < duration:
            self._compact_or_not(COMPACTING[0] < passed / duration < COMPACTING[1])
            if spared and passed / duration > ALL_KILLED_BY:
                spared = False
                self._killer.kill_the_spared()
            self._killer.restart_exited()
            self._note_writes()
            if passed - said > SAID_EVERY_S:
                said = passed
                self.say(f"{self._ledger.acknowledged.total()} writes, {self._killer.killed.total()} kills")
            time.sleep(TENDED_EVERY_S)

    def _stop_writing(self) -> None:
        """Kill the writers, then run each once more to settle whether its last write was committed."""
        self._killer.revive()
        for place, name in enumerate(self._writers):
            self._shop.kill(name)
            self._writer(place, upto=0)()
            self._shop.wait_for_end(name, within_s=WRITER_ENDS_WITHIN_S)
        self._note_writes()

    def _note_writes(self) -> None:
        with self._lock:
            for write in self._ledger.read():
                self.say(f"write {write.number} acknowledged: {write.kind} {write.sku}")

    def _journal(self, place: int) -> Path:
        return self._shop.data / f"journal-{place}.jsonl"

    def _writer(self, place: int, *, upto: int | None = None) -> Callable[[], None]:
        plan = self._plan
        rate = plan.writes / (plan.minutes * 60) / WRITERS
        options = {"seed": plan.seed, "writer": place, "writers": WRITERS, "rate": rate}
        options["upto"] = plan.writes if upto is None else upto
        words = [f"--{name}={value}" for name, value in options.items()]
        module = "lab.chaos.writing"
        command = [sys.executable, "-m", module, str(self._journal(place)), *words]
        return partial(self._shop.spawn, f"writer{place}", command)

    def _compact_or_not(self, wanted: bool) -> None:
        if wanted == self._compacting:
            return
        self._compacting = wanted
        if wanted:
            self._start_compacting()
        elif self._shop.process("compacting"):
            self._shop.kill("compacting")

    def _start_compacting(self) -> None:
        if self._compacting:
            self._shop.spawn("compacting", [sys.executable, "-m", "lab.chaos.compacting"])

    def _judge(self, readers: Readers) -> Outcome:
        self.say("judging")
        settled_s, wrong = verdict.settle(self._shop, since=time.monotonic())
        wrong += self._killer.died + readers.violations
        wrong += [f"write {write.number} is open" for write in self._ledger.open.values()]
        wrong += verdict.differences(verdict.read_rows(self._shop), self._ledger)
        searched, not_as_it_should = verdict.search_all(self._shop, self._ledger)
        wrong += not_as_it_should + verdict.foreign_errors(self._shop.data)
        took = sorted(readers.took_s)
        figures: dict[str, object] = {
            "seed": self._plan.seed,
            "minutes": round((time.monotonic() - self._started) / 60, 1),
            "writes acknowledged": self._ledger.acknowledged.total(),
            **{f"  {kind}": count for kind, count in sorted(self._ledger.acknowledged.items())},
            "kills": self._killer.killed.total(),
            **{f"  {name}": count for name, count in sorted(self._killer.killed.items())},
            "compactions": compactions(self._shop.data),
            "searches answered": readers.counts["answered"],
            "  while the web was away": readers.counts["away"],
            "  median, seconds": round(took[len(took) // 2], 3) if took else "",
            "all well after the last write and kill, seconds": round(settled_s, 1),
            **{f"pictures that {what}": count for what, count in searched.items()},
            "violations": len(wrong),
        }
        for name, value in figures.items():
            self.say(f"{name}: {value}")
        for one in wrong:
            self.say(f"VIOLATION {one}")
        return Outcome(figures, wrong)


def compactions(folder: Path) -> int:
    """Return how many snapshots the processes of a shop built, according to their logs."""
    logs = (path.read_text(errors="replace") for path in folder.glob("*.log"))
    return sum(log.count(" built, log kept from ") for log in logs)
