"""Faults one after another on a shop that `manage.py run_shop` runs: what pages, searches and saves answer meanwhile,
how soon health says so, and how soon all is well again without anybody's help.

Faults of the disk need a file system of their own, which only root may mount; without one they are left out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx

from lab.chaos.pictures import picture
from lab.harness.trial_shop import TrialError, TrialShop, wait_until

DISK_BYTES = 200_000_000
# How long each fault lasts at the least, and how long the shop has to be well again.
ANSWERS_WITHIN_S = 10.0
LASTS_S, HEALS_WITHIN_S = 20.0, 90.0
# Adds an article, and prints a token of staff.
PREPARE = """
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token
from catalogue.models import Article
article = Article.objects.create(sku="FAULT-0", name="First", price="1.00")
print(Token.objects.create(user=User.objects.create_superuser("staff")).key, article.pk)
"""


@dataclass
class Row:
    """What was seen of a fault. Answers are counted by status; times in seconds, None for never."""

    name: str
    pages: Counter[int] = field(default_factory=Counter)
    searches: Counter[int] = field(default_factory=Counter)
    saves: Counter[int] = field(default_factory=Counter)
    said_after_s: float | None = None
    well_after_s: float | None = None


class SupervisedShop(TrialShop):
    """A trial shop of which the supervisor itself is the one process, with its watchdog."""

    def __init__(self, **environment: str) -> None:
        super().__init__(**environment)
        self.commands = {"shop": f"{sys.executable} manage.py run_shop"}
        self.numbers = count()
        # What a frozen process has taken is not answered.
        self.client.timeout = httpx.Timeout(ANSWERS_WITHIN_S)

    def prepare(self) -> None:
        super().prepare()
        self.token, self.article = self.shell(PREPARE).splitlines()[-1].split()

    def members(self, words: str) -> list[int]:
        """Return the shop's processes whose command has these words, by number."""
        process = self.process("shop")
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout  # noqa: S607
        rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
        ours = {process.pid} if process else set()
        # Parents come before their children, unless numbers began anew in between.
        for pid, parent, _command in sorted(rows, key=lambda row: int(row[0])):
            if int(parent) in ours:
                ours.add(int(pid))
        return sorted(int(pid) for pid, _parent, command in rows if int(pid) in ours and words in command)

    def page(self) -> int:
        return self.client.get("/").status_code

    def search(self) -> int:
        return self.client.post("/api/predict", files={"image": picture(0)}).status_code

    def save(self) -> int:
        """Add a photo like no other."""
        answer = self.client.post(
            f"/api/articles/{self.article}/photos",
            files={"image": ("photo.jpg", picture(1_000 + next(self.numbers)))},
            headers={"Authorization": f"Token {self.token}"},
        )
        return answer.status_code

    def says(self) -> str:
        try:
            return str(self.health()["status"])
        except (httpx.TransportError, ValueError):
            return "none"


# Begins as its context is entered, and ends with it, if it does not heal by itself.
# It may give what tells that it has healed by itself, besides health.
Fault = Callable[[SupervisedShop], contextlib.AbstractContextManager[Callable[[], bool] | None]]


@contextmanager
def full_disk(shop: SupervisedShop) -> Iterator[None]:
    filler = shop.data / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def no_file_names(shop: SupervisedShop) -> Iterator[None]:
    usage = os.statvfs(shop.data)
    remount(shop.data, f"nr_inodes={usage.f_files - usage.f_ffree}")
    try:
        yield
    finally:
        remount(shop.data, "nr_inodes=100000")


@contextmanager
def damaged_model(shop: SupervisedShop) -> Iterator[None]:
    (file,) = (shop.data / "models").glob("*/model.tflite")
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    try:
        yield
    finally:
        file.write_bytes(content)


def frozen(words: str, *, youngest: bool = False) -> Fault:
    """Return a fault that freezes all processes of a kind by SIGSTOP, or the youngest alone, and does not thaw them."""

    @contextmanager
    def fault(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
        pids = shop.members(words)[-1 if youngest else 0 :]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield lambda: not set(pids) & set(shop.members(words))

    return fault


# By name; whether it needs a disk of its own, and how long it lasts at the most.
# What a web process that is frozen has not accepted, the others answer.
UNTOLD = {"one web process frozen"}
FAULTS: dict[str, tuple[Fault, bool, float]] = {
    "disk full": (full_disk, True, LASTS_S),
    "no file names left": (no_file_names, True, LASTS_S),
    "model file damaged": (damaged_model, False, LASTS_S),
    "workers frozen": (frozen("--queues"), False, 180.0),
    "one web process frozen": (frozen("shop.wsgi", youngest=True), False, 180.0),
    "broker frozen": (frozen("valkey"), False, 180.0),
}


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)  # noqa: S603, S607  (root's)


def own_disk(folder: Path) -> bool:
    """Mount a small file system on a folder, and return whether that was allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def run(say: Callable[[str], None]) -> list[Row]:
    """Start a shop, run each fault on it, and return what was seen."""
    shop = SupervisedShop(SHOP_RECONCILE_INTERVAL_S="2")
    mounted = own_disk(shop.data)
    try:
        # Its folder cannot be removed before it is unmounted.
        shop.keep = mounted
        with shop:
            wait_until(lambda: shop.says() == "ok", within_s=120, what=f"all is well; see {shop.data}")
            rows = []
            for name, (fault, needs_disk, lasts_s) in FAULTS.items():
                if needs_disk and not mounted:
                    say(f"{name}: left out, since only root may mount a disk")
                    continue
                rows.append(observe(shop, Row(name), fault, lasts_s))
                say(described(rows[-1]))
            return rows
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(shop.data)], check=False)  # noqa: S603, S607
            shutil.rmtree(shop.data, ignore_errors=True)


def observe(shop: SupervisedShop, row: Row, fault: Fault, lasts_s: float) -> Row:
    """Return the row, filled with what was answered while the fault lasted, and with the two times."""
    started = time.monotonic()
    with fault(shop) as ended_by_itself:
        while time.monotonic() - started < lasts_s:
            if row.said_after_s is None and shop.says() != "ok":
                row.said_after_s = time.monotonic() - started
            for ask, counted in ((shop.page, row.pages), (shop.search, row.searches), (shop.save, row.saves)):
                counted[answered(ask)] += 1
            if ended_by_itself is not None and ended_by_itself() and shop.says() == "ok":
                row.well_after_s = time.monotonic() - started
                return row
    ended = time.monotonic()
    with contextlib.suppress(TrialError):
        wait_until(
            lambda: shop.says() == "ok" and answered(shop.save) == httpx.codes.CREATED,
            within_s=HEALS_WITHIN_S,
            what="all is well again",
            asked_every_s=0.5,
        )
        row.well_after_s = time.monotonic() - ended
    return row


def answered(ask: Callable[[], int]) -> int:
    """Return the status, 0 where there was no answer."""
    try:
        return ask()
    except httpx.TransportError:
        return 0


def described(row: Row) -> str:
    """Return a line of the table: name, statuses and how often, and the two times."""

    def statuses(counted: Counter[int]) -> str:
        return ", ".join(f"{number} × {status or 'none'}" for status, number in sorted(counted.items()))

    def seconds(taken: float | None) -> str:
        return "–" if taken is None else f"{taken:.1f} s"

    return " | ".join(
        [
            row.name,
            *map(statuses, (row.pages, row.searches, row.saves)),
            seconds(row.said_after_s),
            seconds(row.well_after_s),
        ]
    )
