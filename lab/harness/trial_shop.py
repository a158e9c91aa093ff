"""A trial shop for tests and benchmarks: the Procfile's processes with a data folder and a port of their own."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0
ASKED_EVERY_S = 0.05
# Variables that are not inherited: the caller's shop settings, and PYTHONDONTWRITEBYTECODE, with which each process
# recompiles every module at start-up (3 of its 4 s).
_LEFT_OUT = re.compile(r"SHOP_.*|PORT|DATABASE_URL|REDIS_URL|DJANGO_SETTINGS_MODULE|PYTHONDONTWRITEBYTECODE")


class TrialError(Exception):
    """A trial shop failed or timed out; the text says how, with the output of its processes."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def patience_s(seconds: float) -> float:
    """Return a timeout for an idle machine scaled by the load per core of this one, in seconds."""
    return seconds * max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def wait_until(check: Callable[[], bool], *, within_s: float, what: str, asked_every_s: float = ASKED_EVERY_S) -> float:
    """Poll until `check` is true, and return the seconds waited. Raises TrialError on timeout.

    `within_s` is the timeout for an idle machine, scaled by patience_s().
    """
    started = time.monotonic()
    while not check():
        if time.monotonic() - started > patience_s(within_s):
            raise TrialError(f"not within {within_s:g} s: {what}")
        time.sleep(asked_every_s)
    return time.monotonic() - started


class TrialShop:
    """Starts, kills and restarts a shop's processes by name. Deletes the data folder on exit unless `keep` is set."""

    def __init__(self, code: Path = ROOT, /, **environment: str) -> None:
        """`code` is the checkout that runs; `environment` adds to the settings. Without PORT, any free one is taken."""
        self.code = code
        # A short prefix, since the path of the broker's Unix socket is limited in length.
        self.data = Path(tempfile.mkdtemp(prefix="vt-"))
        self.keep = False
        self.port = int(environment.get("PORT", 0)) or free_port()
        self.address = f"http://localhost:{self.port}"
        # One client, since creating one takes longer than a request; no keep-alive, since each shopper connects anew.
        self.client = httpx.Client(base_url=self.address, limits=httpx.Limits(max_keepalive_connections=0), timeout=30)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not _LEFT_OUT.fullmatch(name)},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "SHOP_DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "SHOP_PREDICT_RATE": "1000000/min",
            "SHOP_PREDICT_TIME_RATE": "",
            # All clients of a trial are at one address.
            "SHOP_CONNECTIONS_PER_ADDRESS": "0",
            **environment,
        }
        self.commands = commands_of(code)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            self.prepare()
            for name in self.commands:
                self.start(name)
            wait_until(self.is_ready, within_s=STARTS_WITHIN_S, what=f"the shop is ready; see {self.data}/*.log")
        except BaseException:
            self.keep = True
            self.__exit__()
            raise
        return self

    def __exit__(self, *args: object) -> None:
        # The broker last: the others finish their work and report it to the broker.
        self.stop(*self._processes.keys() - {"broker"})
        self.stop("broker")
        self.client.close()
        if not self.keep:
            subprocess.run(["rm", "-rf", str(self.data)], check=False)  # noqa: S603, S607  (files that come and go)

    def prepare(self) -> None:
        """Create the database and the static files, as `make run` does first."""
        shutil.copytree(prepared_folder(self.code), self.data, dirs_exist_ok=True)
        if "DATABASE_URL" in self.environment:
            self.manage("migrate", "--verbosity", "0")

    def start(self, name: str) -> None:
        """Start a process of the Procfile; its output is appended to <name>.log in the shop's folder."""
        self.spawn(name, ["sh", "-c", f"exec {self.commands[name]}"])

    def spawn(self, name: str, command: list[str]) -> None:
        """Start a process in the shop's environment as a session leader; its output is appended to <name>.log."""
        with (self.data / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603  (the project's own commands)
                command,
                cwd=self.code,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def process(self, name: str) -> subprocess.Popen[bytes] | None:
        """Return a process that was started and not yet killed or stopped; None for any other."""
        return self._processes.get(name)

    def process_id(self, name: str) -> int:
        """Return the id of a process that was started and not yet killed or stopped."""
        return self._processes[name].pid

    def kill(self, name: str) -> None:
        """Kill a process and its descendants with SIGKILL."""
        kill_session(self._processes.pop(name))

    def signal(self, name: str, number: int) -> None:
        self._processes[name].send_signal(number)

    def stop(self, *names: str) -> None:
        """Send SIGTERM to processes, wait, and kill those that do not exit in time."""
        processes = [self._processes.pop(name) for name in names if name in self._processes]
        for process in processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in processes:
            try:
                process.wait(patience_s(STOPS_WITHIN_S))
            except subprocess.TimeoutExpired:
                kill_session(process)

    def wait_for_end(self, name: str, *, within_s: float) -> None:
        """Wait for a process to exit by itself. Raises TrialError on timeout or a non-zero status."""
        process = self._processes[name]
        wait_until(lambda: process.poll() is not None, within_s=within_s, what=f"{name} ends")
        if process.returncode:
            raise TrialError(f"{name} ended with status {process.returncode}: {(self.data / name).with_suffix('.log')}")

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run manage.py in the shop's environment. Raises TrialError on a non-zero status, if `check`."""
        done = subprocess.run(  # noqa: S603  (as above)
            [sys.executable, "manage.py", *arguments],
            cwd=self.code,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise TrialError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def shell(self, code: str) -> str:
        """Run Python code in the shop's Django shell, and return its output."""
        return self.manage("shell", "--verbosity", "0", "--command", code).stdout.strip()

    def is_ready(self) -> bool:
        try:
            return self.client.get("/api/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def health(self) -> Any:
        return self.client.get("/api/health").json()

    def predict(self, photo: bytes, **options: Any) -> Any:
        """Return the JSON response to a search by photo. Raises TrialError unless the status is 200."""
        answer = self.client.post("/api/predict", files={"image": photo}, data=options)
        if answer.status_code != 200:
            raise TrialError(f"a search was answered with {answer.status_code}: {answer.text}")
        return answer.json()


def commands_of(code: Path) -> dict[str, str]:
    """Return the commands of a checkout's Procfile, by process."""
    return dict(re.findall(r"^(\w+):\s*(.+)$", (code / "Procfile").read_text(), re.MULTILINE))


@cache
def prepared_folder(code: Path = ROOT) -> Path:
    """Return a template of a shop's initial data folder. Cached per process, since it takes 10 s of CPU time."""
    shop = TrialShop(code)
    atexit.register(shutil.rmtree, shop.data)
    shop.client.close()
    shop.manage("migrate", "--verbosity", "0")
    shop.manage("collectstatic", "--no-input", "--verbosity", "0")
    return shop.data


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kill a session leader and all processes of its process group with SIGKILL."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
