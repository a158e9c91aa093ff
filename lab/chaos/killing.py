"""Kills processes at random by SIGKILL, and restarts them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lab.harness.trial_shop import TrialShop

# Range of the random downtime of a killed process, in seconds.
AWAY_S = (0.2, 2.0)
# Share of the kills of "web" that hit a single worker process instead of all.
ONE_OF_SEVERAL = 0.5


class Killer:
    """Kills each victim with a given probability every `every_s` seconds. Call `restart_exited` regularly."""

    def __init__(
        self,
        shop: TrialShop,
        victims: dict[str, Callable[[], None]],
        *,
        every_s: float,
        probability: float,
        rng: random.Random,
        say: Callable[[str], None],
    ) -> None:
        """`victims` maps names of processes to functions that restart them."""
        self.killed: Counter[str] = Counter()
        self.died: list[str] = []
        self._shop = shop
        self._victims = victims
        self._every_s, self._probability, self._rng, self._say = every_s, probability, rng, say
        self._due: dict[str, float] = {}
        self._next = time.monotonic() + every_s

    def restart_exited(self) -> None:
        """Restart processes whose downtime is over, and kill when the interval has passed."""
        now = time.monotonic()
        for name in [name for name, due in self._due.items() if due <= now]:
            del self._due[name]
            self._victims[name]()
        for name in self._victims:
            self._bury(name)
        if now >= self._next:
            self._next += self._every_s
            for name in self._victims:
                if self._rng.random() < self._probability:
                    self.kill(name)

    def kill(self, name: str) -> None:
        """Kill a process, if it runs, and schedule its restart."""
        process = self._shop.process(name)
        if process is None or process.poll() is not None:
            return
        one = self._one_of(process.pid) if name == "web" and self._rng.random() < ONE_OF_SEVERAL else None
        if one is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        else:
            self._shop.kill(name)
            self._due[name] = time.monotonic() + self._rng.uniform(*AWAY_S)
        self.killed[f"{name}, one process" if one is not None else name] += 1
        self._say(f"killed {name} {one if one is not None else process.pid}")

    def kill_the_spared(self) -> None:
        """Kill every process that was not killed yet."""
        for name in self._victims:
            if not self.killed[name]:
                self.kill(name)

    def revive(self) -> None:
        """Restart all killed processes now."""
        for name in self._due:
            self._victims[name]()
        self._due.clear()

    def _bury(self, name: str) -> None:
        """Record a process that exited by itself with a non-zero status, and schedule its restart."""
        process = self._shop.process(name)
        if process is not None and process.poll():
            self.died.append(f"{name} ended by itself with status {process.returncode}; see {name}.log")
            self._say(self.died[-1])
            self._shop.kill(name)
            self._due[name] = time.monotonic() + AWAY_S[1]

    def _one_of(self, parent: int) -> int | None:
        """Return a random child of a process; None if there is none, or /proc does not list children."""
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except FileNotFoundError:
            return None
        return int(self._rng.choice(children)) if children else None
