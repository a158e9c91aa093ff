"""Faults of what a shop stands on: its supervisor, its database, its memory and its clock."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lab.chaos.observing import Begin
from lab.chaos.supervised import SupervisedShop
from lab.harness.postgresql import Server
from lab.harness.trial_shop import ROOT, TrialError

PAGE_BYTES = resource.getpagesize()
WRITTEN_TO = "catalogue_article, catalogue_photo, visualsearch_modelversion"
WEB = "shop.wsgi"
SHIFTED_CLOCK = Path(__file__).with_name("clock.c")


@contextmanager
def supervisor_killed(shop: SupervisedShop, *, also_frozen: str = "") -> Iterator[Callable[[], bool]]:
    """Kill the supervisor alone, with some processes frozen, and start the shop again at once, as systemd would."""
    for pid in shop.members(also_frozen) if also_frozen else []:
        os.kill(pid, signal.SIGSTOP)
    shop.signal("shop", signal.SIGKILL)
    if process := shop.process("shop"):
        process.wait()
    shop.start("shop")
    yield lambda: has_started(shop)


def has_started(shop: SupervisedShop) -> bool:
    """Return whether the shop's own web runs. Raises TrialError if it has ended instead."""
    process = shop.process("shop")
    if process is None or process.poll() is not None:
        raise TrialError(f"the shop does not start again; see {shop.data}/shop.log")
    return bool(shop.members(WEB))


@contextmanager
def web_and_supervisor_gone(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
    """Kill the supervisor where its web cannot end with it, since that is frozen."""
    with supervisor_killed(shop, also_frozen=WEB) as healed:
        yield healed


def frozen_for_a_while(words: str) -> Begin:
    """Return a fault that freezes the oldest process of a kind, and thaws it in the end."""

    @contextmanager
    def begin(shop: SupervisedShop) -> Iterator[None]:
        oldest = shop.members(words)[0]
        os.kill(oldest, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(oldest, signal.SIGCONT)

    return begin


@contextmanager
def web_master_killed(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
    before = set(shop.members(WEB))
    os.kill(min(before), signal.SIGKILL)
    yield lambda: len(set(shop.members(WEB)) - before) > 1


@contextmanager
def database_locked(shop: SupervisedShop) -> Iterator[None]:
    """Take what writers need, from outside: all of SQLite, and of PostgreSQL the tables that a save writes to."""
    if url := shop.environment.get("DATABASE_URL"):
        import psycopg  # noqa: PLC0415  (shops on SQLite do without)

        with psycopg.connect(url) as held:
            held.execute(f"LOCK TABLE {WRITTEN_TO} IN EXCLUSIVE MODE")
            yield
            held.rollback()
        return
    with closing(sqlite3.connect(shop.data / "shop.sqlite3", isolation_level=None, timeout=60)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def database_restarted(server: Server) -> Begin:
    """Return a fault that ends PostgreSQL at once, in the middle of writing, and starts it again in the end."""

    @contextmanager
    def begin(shop: SupervisedShop) -> Iterator[None]:
        server.end_at_once()
        try:
            yield
        finally:
            server.start_again()

    return begin


@contextmanager
def older_backup(shop: SupervisedShop) -> Iterator[None]:
    """Save the shop, go on, and restore that. What was acknowledged in between is undone."""
    folder = shop.data / "backup"
    since = time.monotonic()
    shop.manage("back_up", str(folder))
    yield
    shop.manage("restore", str(folder), "--replace")
    shop.undo(since)


@contextmanager
def crowd_deleted(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
    """Delete ten thousand articles with photos, as staff do in the list, then from the bin."""
    command = [sys.executable, "-m", "lab.chaos.crowd"]
    subprocess.run([*command, "add"], cwd=ROOT, env=shop.environment, check=True)  # noqa: S603  (the project's own)
    shop.spawn("crowd", [*command, "delete"])
    yield lambda: ended(shop, "crowd")


def ended(shop: SupervisedShop, name: str) -> bool:
    """Return whether a process has ended. Raises TrialError if it failed."""
    process = shop.process(name)
    if process is not None and process.poll():
        raise TrialError(f"{name} ended with status {process.returncode}: {shop.data / name}.log")
    return process is not None and process.poll() == 0


def out_of_memory(words: str) -> Begin:
    """Return a fault that lets the youngest process of a kind have no more memory than it has (RLIMIT_AS)."""

    @contextmanager
    def begin(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
        pid = shop.members(words)[-1]
        (pages, *_) = Path(f"/proc/{pid}/statm").read_text().split()
        resource.prlimit(pid, resource.RLIMIT_AS, (int(pages) * PAGE_BYTES, resource.RLIM_INFINITY))
        yield lambda: pid not in shop.members(words)

    return begin


def clock_stepped(clock: Path, seconds: int) -> Begin:
    """Return a fault that sets the clock of all processes to so many seconds after the true time."""

    @contextmanager
    def begin(shop: SupervisedShop) -> Iterator[None]:
        set_clock(clock, seconds)
        yield

    return begin


def set_clock(clock: Path, seconds: int) -> None:
    # In place, since processes have the file mapped.
    with clock.open("r+b" if clock.exists() else "wb") as file:
        file.write(seconds.to_bytes(8, sys.byteorder, signed=True))


def clock_environment(clock: Path) -> dict[str, str] | None:
    """Return what moves the time of day of processes by what a file says; None without a compiler of C, or off Linux.

    The library is written beside the file. (libfaketime 0.9.10 breaks sleeping where the monotonic clock is true.)
    """
    compiler, library = shutil.which("cc"), clock.with_suffix(".so")
    if compiler is None or sys.platform != "linux":
        return None
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIFTED_CLOCK)]
    subprocess.run(command, check=True)  # noqa: S603  (a file of the project)
    return {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(clock)}
