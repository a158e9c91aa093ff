"""Runs the whole shop on this machine: database, broker, web and workers, with a demo catalogue if it is empty."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from catalogue.models import Article
from catalogue.roles import owners
from shop.operations.data_folder import make_private
from shop.operations.leftovers import LeftoversError, without_leftovers
from shop.operations.supervisor import Supervisor, read_procfile
from shop.operations.watchdog import Watchdog

CHECK_INTERVAL_S = 0.5
BROKER_STARTS_WITHIN_S = 20.0
WEB_STARTS_WITHIN_S = 60.0
PROBE_TIMEOUT_S = 4.0


class Command(BaseCommand):
    """Start the whole shop, print its addresses, and restart what exits, until Ctrl-C or SIGTERM."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        # SIGINT is set too, since shells start background processes with it ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        lock = lock_folder(settings.RUN_DIR / "lock")
        try:
            inherited = without_leftovers(settings.RUN_DIR / "processes", self.say)
        except LeftoversError as error:
            raise CommandError(str(error)) from error
        host, port = settings.BIND, settings.PORT
        require_free(host, port)
        self.say("Preparing the database and the static files …")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        login = shown_login(settings.DATA_DIR / "admin-login.json", self.say)
        # The interpreter's folder comes first on PATH, as in an activated virtual environment.
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        environment |= {"PORT": str(port), "SHOP_BIND": host, "PYTHONUNBUFFERED": "1"}
        if make_private(settings.SHARED_DIR) and make_private(settings.SHARED_DIR / "metrics"):
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(settings.SHARED_DIR / "metrics")
        make_private(settings.PULSE_DIR)
        watchdog = Watchdog(settings.PULSE_DIR, {"web": partial(web_answers, host, port)}, broker_answers)
        if not settings.REDIS_URL:
            watchdog.probes = {**watchdog.probes, "broker": broker_answers}
        logs, files = settings.DATA_DIR / "log", [inherited.fileno()]
        supervisor = Supervisor(settings.BASE_DIR, environment, logs, watchdog.look, files)
        try:
            self.start(supervisor, f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}", login)  # noqa: S104
            while True:
                supervisor.restart_exited()
                time.sleep(CHECK_INTERVAL_S)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self.say("\nStopping …")
        finally:
            supervisor.stop()
            shutil.rmtree(settings.SHARED_DIR, ignore_errors=True)
            inherited.close()
            lock.close()
        self.say("Stopped.")

    def start(self, supervisor: Supervisor, address: str, login: str) -> None:
        processes = read_procfile(settings.BASE_DIR / "Procfile")
        broker = processes.pop("broker")
        if not settings.REDIS_URL:
            supervisor.start("broker", broker)
            wait_for_broker(supervisor)
        for name, command in processes.items():
            supervisor.start(name, command)
        # Loading of the demo that was interrupted is resumed, though the shop is no longer empty.
        empty = not Article.objects.exists() or (settings.DATA_DIR / "demo-unfinished").exists()
        if empty:
            self.load_demo(supervisor)
        self.say("Waiting until the shop answers …")
        wait_for(supervisor, f"{address}/api/health/live" if settings.VISUAL_SEARCH else f"{address}/api/categories")
        if empty and settings.VISUAL_SEARCH:
            self.wait_for_photos(supervisor, address)
        self.say(
            f"\n  {settings.SHOP_NAME} is open:  {address}/\n"
            + (f"  Search by photo:  {address}/search/\n" if settings.VISUAL_SEARCH else "")
            + f"  Admin:            {address}/admin/   {login}\n"
            f"  API:              {address}/api/docs\n"
            f"  Data and logs:    {settings.DATA_DIR}\n\n"
            "Ctrl-C stops it."
        )

    def load_demo(self, supervisor: Supervisor) -> None:
        """Load the demo catalogue into an empty shop in a separate process, while the workers embed its photos."""
        loading = subprocess.Popen([sys.executable, "manage.py", "load_demo", "--if-empty"], cwd=settings.BASE_DIR)
        try:
            while loading.poll() is None:
                supervisor.restart_exited()
                time.sleep(CHECK_INTERVAL_S)
        finally:
            loading.terminate()
            loading.wait()
        if loading.returncode:
            self.say("The demo catalogue could not be loaded; the shop runs without it.")

    def wait_for_photos(self, supervisor: Supervisor, address: str) -> None:
        """Wait until no photo is pending, printing how many are left."""
        shown = -1
        while (pending := pending_photos(address)) != 0:
            supervisor.restart_exited()
            if pending is not None and pending != shown:
                shown = pending
                self.stdout.write(f"\rPhotos still to be indexed: {pending}   ", ending="")
                self.stdout.flush()
            time.sleep(CHECK_INTERVAL_S)
        if shown >= 0:
            self.say("\rEvery photo can be found.            ")

    def say(self, text: str) -> None:
        # The terminal may be a file on a full disk.
        with suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def lock_folder(path: Path) -> TextIO:
    """Return the open lock file of a data folder. Raises CommandError if another shop holds the lock."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CommandError(
            f"A shop is already running on {path.parent.parent}. Stop it, or set SHOP_DATA_DIR and PORT for another."
        ) from error
    return lock


def require_free(host: str, port: int) -> None:
    """Raise CommandError if the port is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} is taken. Set PORT to a free one, such as PORT=8001.") from error


def shown_login(path: Path, say: Callable[[str], None]) -> str:
    """Return what the start prints of the login: name and password while they work, else that they no longer do.

    A password that was changed is deleted from the file too: somebody might try it elsewhere.
    """
    if login := make_admin(path, say):
        return f"{login['username']} / {login['password']}   (change it there: “Change password”)"
    if not path.exists():
        return "your own login and password"
    name = json.loads(path.read_text())["username"]
    path.unlink()
    return f"your own login and password; the one that was printed for “{name}” no longer works"


def make_admin(path: Path, say: Callable[[str], None]) -> dict[str, str] | None:
    """Return the admin's login while it works, creating it on the first run; None where owners have their own.

    Its file is readable by its owner only.

    An account of the same name that is no owner's is left as it is: who has its password must not get more rights.
    """
    users = User.objects
    login: dict[str, str] | None = json.loads(path.read_text()) if path.exists() else None
    if owners().exists():
        known = login and owners().filter(username=login["username"]).first()
        if login and known and known.check_password(login["password"]):
            return login
        return None
    if login is None or users.filter(username=login["username"]).exists():
        name = free_name("admin")
        if name != "admin":
            say(
                "Nobody could manage this shop: no active account is an owner, and “admin” has other rights. So "
                f"“{name}” was added. To use another account, log in as it and give that account the role “Owner”."
            )
        login = {"username": name, "password": secrets.token_urlsafe(9)}
        # The file comes before the user: a start that was killed in between is resumed, and nobody is locked out.
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(login, file)
        part.replace(path)
    users.create_superuser(username=login["username"], password=login["password"])
    return login


def free_name(wanted: str) -> str:
    """Return the name, with a number if a user has it."""
    name, number = wanted, 1
    while User.objects.filter(username=name).exists():
        number += 1
        name = f"{wanted}{number}"
    return name


def wait_for_broker(supervisor: Supervisor) -> None:
    client = Redis(unix_socket_path=str(settings.BROKER_SOCKET), socket_timeout=2)
    deadline = time.monotonic() + BROKER_STARTS_WITHIN_S
    while True:
        try:
            client.ping()
        except (RedisError, OSError) as error:
            if time.monotonic() > deadline:
                raise CommandError(f"The broker does not start: see {settings.DATA_DIR}/log/broker.log") from error
            supervisor.restart_exited()
            time.sleep(0.05)
        else:
            client.close()
            return


def wait_for(supervisor: Supervisor, address: str) -> None:
    deadline = time.monotonic() + WEB_STARTS_WITHIN_S
    while fetch(address) is None:
        if time.monotonic() > deadline:
            raise CommandError(f"{address} does not respond: see {settings.DATA_DIR}/log/web.log")
        supervisor.restart_exited()
        time.sleep(CHECK_INTERVAL_S / 2)


def web_answers(host: str, port: int) -> bool:
    """Return whether the web answers at all, with whatever status."""
    asked = HTTPConnection("127.0.0.1" if host in ("", "0.0.0.0") else host, port, timeout=PROBE_TIMEOUT_S)  # noqa: S104
    try:
        asked.request("GET", "/api/health/live", headers={"Host": "localhost"})
        asked.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()
    return True


def broker_answers() -> bool:
    """Return whether the broker answers, if only that it is reading its file."""
    wait = {"socket_timeout": PROBE_TIMEOUT_S, "socket_connect_timeout": PROBE_TIMEOUT_S}
    try:
        with Redis.from_url(settings.CACHES["default"]["LOCATION"], **wait) as client:
            client.ping()
    except ResponseError:
        return True
    except (RedisError, OSError) as error:
        return isinstance(error, BusyLoadingError)
    return True


def pending_photos(address: str) -> int | None:
    """Return how many photos are pending; None while health does not report it."""
    health = fetch(f"{address}/api/health")
    return health["index"]["pending"] if health and health.get("index") else None


def fetch(address: str) -> Any:
    """Return the JSON at an address of this shop, or None on any error."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  (an address of our own)
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None
