"""A machine of a cluster: web and workers with a data folder of their own, which they share with nobody."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

from lab.benchmarks.freshness_parts.probing import children_of, connection_to
from lab.harness.trial_shop import ROOT, STARTS_WITHIN_S, TrialShop, commands_of, wait_until


class Machine(TrialShop):
    """A trial shop whose database, Redis and files are elsewhere. One of the machines runs the scheduler, `beat`."""

    def __init__(self, name: str, *, schedules: bool, code: Path = ROOT, **shared: str) -> None:
        super().__init__(code, **shared)
        self.name, self._schedules, self._shared = name, schedules, shared
        self.run_code(code)

    def run_code(self, code: Path) -> None:
        """Have what is started from now on run the code of a checkout."""
        self.code = code
        left_out = {"broker"} if self._schedules else {"broker", "beat"}
        # Celery tells workers apart by their names, and all are on one host here.
        self.commands = {
            process: command.replace("%h", self.name)
            for process, command in commands_of(code).items()
            if process not in left_out
        }

    def open(self) -> float:
        """Start it with an empty data folder. Returns the seconds until it was ready to serve."""
        self.prepare()
        return self.start_all()

    def start_all(self) -> float:
        started = time.monotonic()
        for process in self.commands:
            self.start(process)
        wait_until(self.is_ready, within_s=STARTS_WITHIN_S, what=f"{self.name} is ready; see {self.data}/*.log")
        return time.monotonic() - started

    def is_complete(self) -> bool:
        """Whether each web process has opened the index, and it holds everything."""
        return all(self._holds_all(pid) for pid in children_of(self.process_id("web")))

    def _holds_all(self, pid: int) -> bool:
        with closing(connection_to(self.port, pid)) as connection:
            connection.request("GET", "/api/health")
            index = json.loads(connection.getresponse().read())["index"]
        return bool(index and index["vectors"] and not index["pending"])

    def stop_all(self) -> None:
        """Stop every process, as for an upgrade."""
        self.stop(*self.commands)

    def kill_all(self) -> None:
        """Kill every process at once, as if the machine lost its power."""
        for process in self.commands:
            if self.process(process):
                self.kill(process)

    def successor(self) -> Machine:
        """Return a machine at the same address, with an empty disk."""
        shared = self._shared | {"PORT": str(self.port)}
        return Machine(self.name, schedules=self._schedules, code=self.code, **shared)
