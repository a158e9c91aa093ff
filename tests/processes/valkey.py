"""The embedded Valkey as tests need it: started, stopped and frozen at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from lab.harness.trial_shop import wait_until

STARTS_WITHIN_S = 20.0


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False


class Valkey:
    """A broker of the data folder that the environment names, run by the project's own command."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stop()

    def start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        environment = {**os.environ, "SHOP_DATA_DIR": str(self.socket.parent.parent)}
        environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "run_broker"], cwd=root, env=environment, stdout=subprocess.DEVNULL
        )
        with Redis(unix_socket_path=str(self.socket)) as client:
            wait_until(lambda: answers(client), within_s=STARTS_WITHIN_S, what="Valkey starts", asked_every_s=0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def empty(self) -> None:
        with Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
