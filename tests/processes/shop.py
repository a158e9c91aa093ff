"""A whole shop as its processes: the Procfile's own commands on a data folder and a port of the test's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from shop.supervisor import read_procfile

ROOT = Path(__file__).resolve().parents[2]
SHOP_STARTS_WITHIN_S = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(check: Callable[[], bool], *, within_s: float, what: str) -> float:
    """Ask again until it is true, and return how long that took. Fails after `within_s` seconds."""
    started = time.monotonic()
    while not check():
        assert time.monotonic() - started < within_s, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - started


def csrf_token(client: httpx.Client) -> str:
    (token,) = (value for name, value in client.cookies.items() if name.startswith("csrftoken"))
    return token


class Shop:
    """Processes by name, to be started, killed and started again."""

    def __init__(self, **environment: str) -> None:
        # Short, for the broker's socket.
        self._folder = tempfile.TemporaryDirectory(prefix="vt-")
        self.data = Path(self._folder.name)
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "SHOP_DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "SHOP_SWEEP_EVERY_S": "2",
            "SHOP_PREDICT_RATE": "100000/min",
            **environment,
        }
        self._commands = read_procfile(ROOT / "Procfile")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        for name in self._commands:
            self.start(name)
        eventually(self.is_ready, within_s=SHOP_STARTS_WITHIN_S, what="the shop is ready")
        return self

    def __exit__(self, *args: object) -> None:
        for name in reversed(self._commands):
            self.stop(name)
        self._folder.cleanup()

    def start(self, name: str) -> None:
        with (self.data / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                f"exec {self._commands[name]}",
                shell=True,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End a process outright, and whatever it started."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def signal(self, name: str, number: int) -> None:
        self._processes[name].send_signal(number)

    def stop(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run manage.py as another terminal would, with nothing but the environment's settings."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def shell(self, code: str) -> str:
        """Run Python in the shop, and return what it printed."""
        return self.manage("shell", "--verbosity", "0", "--command", code).stdout.strip()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/health/ready", timeout=20).status_code == 200
        except httpx.TransportError:
            return False

    def health(self) -> Any:
        return httpx.get(f"{self.address}/api/health", timeout=20).json()

    def predict(self, photo: bytes, **options: Any) -> Any:
        answer = httpx.post(f"{self.address}/api/predict", files={"image": photo}, data=options, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def finds_first(self, photo: bytes, sku: str, *, times: int = 1) -> bool:
        """Whether the article comes first, in each of so many searches on connections of their own."""
        for _ in range(times):
            articles = self.predict(photo, limit=1)["articles"]
            if not articles or articles[0]["sku"] != sku:
                return False
        return True

    @contextmanager
    def admin(self) -> Iterator[httpx.Client]:
        """Yield a client that is logged in to the admin."""
        self.shell(
            "from django.contrib.auth import get_user_model as g;"
            "g().objects.filter(username='t').exists() or g().objects.create_superuser('t', password='t')"
        )
        with httpx.Client(base_url=self.address, follow_redirects=True, timeout=60) as client:
            client.get("/admin/login/")
            logged_in = client.post(
                "/admin/login/?next=/admin/",
                data={"username": "t", "password": "t", "csrfmiddlewaretoken": csrf_token(client)},
            )
            assert "logout" in logged_in.text
            yield client

    def add_in_admin(self, client: httpx.Client, sku: str, photo: bytes) -> float:
        """Add an article with one photo as staff do. Returns how many seconds the save took."""
        client.get("/admin/catalogue/article/add/")
        started = time.monotonic()
        saved = client.post(
            "/admin/catalogue/article/add/",
            data={
                "csrfmiddlewaretoken": csrf_token(client),
                "sku": sku,
                "name": sku,
                "currency": "EUR",
                "sizes": "[]",
                "published": "on",
                "photos-TOTAL_FORMS": "1",
                "photos-INITIAL_FORMS": "0",
                "photos-MIN_NUM_FORMS": "0",
                "photos-MAX_NUM_FORMS": "1000",
                "photos-0-position": "0",
            },
            files={"photos-0-file": ("photo.jpg", photo, "image/jpeg")},
        )
        took = time.monotonic() - started
        assert saved.status_code == 200, saved.text
        assert "errornote" not in saved.text, saved.text
        assert saved.url.path == "/admin/catalogue/article/", saved.text
        return took
