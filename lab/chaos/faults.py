"""Faults one after another on a shop that `manage.py run_shop` runs: what pages, searches and saves answer meanwhile,
how soon health says so, how soon all is well again without anybody's help, and whether anything was lost.

Faults of the disk need a file system of their own, which only root may mount, those of PostgreSQL its own server, and
those of the clock a compiler of C. What there is none of is left out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.chaos import disturbances
from lab.chaos.disturbances import WEB
from lab.chaos.observing import Begin, Fault, Row, described, observe
from lab.chaos.supervised import SupervisedShop
from lab.harness.postgresql import Server
from lab.harness.trial_shop import TrialError, wait_until

DISK_BYTES = 400_000_000
LOCKED_S, AWAY_S, WATCHDOG_S, CROWD_S = 60.0, 5.0, 180.0, 300.0
FORWARD_S, BACK_S = 7_200, -7_200
STARTS_WITHIN_S = 120.0
WORKER = "--queues photos"


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


def frozen(words: str, *, youngest: bool = False) -> Begin:
    """Return a fault that freezes all processes of a kind by SIGSTOP, or the youngest alone, and does not thaw them."""

    @contextmanager
    def begin(shop: SupervisedShop) -> Iterator[Callable[[], bool]]:
        pids = shop.members(words)[-1 if youngest else 0 :]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield lambda: not set(pids) & set(shop.members(words))

    return begin


# What a web process that is frozen has not accepted, the others answer; of others health has nothing to say.
FAULTS = {
    "disk full": Fault(full_disk, needs="disk"),
    "no file names left": Fault(no_file_names, needs="disk"),
    "model file damaged": Fault(damaged_model),
    "workers frozen": Fault(frozen("--queues"), WATCHDOG_S),
    "one web process frozen": Fault(frozen(WEB, youngest=True), WATCHDOG_S, told=False),
    "broker frozen": Fault(frozen("valkey"), WATCHDOG_S),
    "database locked": Fault(disturbances.database_locked, LOCKED_S, told=False),
    "supervisor killed": Fault(disturbances.supervisor_killed, STARTS_WITHIN_S, told=False),
    "supervisor killed, web frozen": Fault(disturbances.web_and_supervisor_gone, STARTS_WITHIN_S, told=False),
    "supervisor frozen": Fault(disturbances.frozen_for_a_while("run_shop"), told=False),
    "web's parent killed": Fault(disturbances.web_master_killed, WATCHDOG_S, told=False),
    "web's parent frozen": Fault(disturbances.frozen_for_a_while(WEB), told=False),
    "older backup restored": Fault(disturbances.older_backup, told=False),
    "10,000 deleted": Fault(disturbances.crowd_deleted, CROWD_S, told=False),
    "worker out of memory": Fault(disturbances.out_of_memory(WORKER), WATCHDOG_S, told=False),
    "web process out of memory": Fault(disturbances.out_of_memory(WEB), WATCHDOG_S, told=False),
}


def faults(server: Server | None, clock: Path) -> dict[str, Fault]:
    """Return all faults by name; those of a database and of a clock that are given here, too."""
    of_server = {"database restarted": Fault(disturbances.database_restarted(server), AWAY_S)} if server else {}
    of_clock = {
        "clock two hours forward": Fault(disturbances.clock_stepped(clock, FORWARD_S), needs="clock", told=False),
        "clock four hours back": Fault(disturbances.clock_stepped(clock, BACK_S), needs="clock", told=False),
    }
    return FAULTS | of_server | of_clock


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)  # noqa: S603, S607  (root's)


def own_disk(folder: Path) -> bool:
    """Mount a small file system on a folder, and return whether that was allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def run(say: Callable[[str], None], *, only: Collection[str] = (), server: Server | None = None) -> list[Row]:
    """Start a shop, run each fault on it, or only some, and return what was seen.

    `server` is the PostgreSQL that the shop is to use. Raises ValueError for a fault that there is none of.
    """
    with TemporaryDirectory() as folder:
        clock = Path(folder) / "clock"
        disturbances.set_clock(clock, 0)
        known = faults(server, clock)
        if unknown := set(only) - set(known):
            raise ValueError(f"There is no fault {', '.join(sorted(unknown))}. There are: {', '.join(known)}")
        chosen = {name: fault for name, fault in known.items() if not only or name in only}
        rows = []
        for stepped in (False, True):
            some = {name: fault for name, fault in chosen.items() if (fault.needs == "clock") is stepped}
            environment = disturbances.clock_environment(clock) if stepped else {}
            if some and environment is None:
                say(f"{', '.join(some)}: left out, since there is no compiler of C")
            elif some:
                rows += run_some(say, some, environment or {}, server)
        return rows


def run_some(
    say: Callable[[str], None], chosen: dict[str, Fault], environment: dict[str, str], server: Server | None
) -> list[Row]:
    """Run faults on one shop, whose processes have this environment."""
    if server is not None:
        path = f"{server.tools}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = environment | {"DATABASE_URL": server.new_database(), "PATH": path}
    shop = SupervisedShop(SHOP_RECONCILE_INTERVAL_S="2", **environment)
    mounted = any(fault.needs == "disk" for fault in chosen.values()) and own_disk(shop.data)
    try:
        # Its folder cannot be removed before it is unmounted.
        shop.keep = mounted
        with shop:
            wait_until(lambda: shop.says() == "ok", within_s=STARTS_WITHIN_S, what=f"all is well; see {shop.data}")
            rows = []
            for name, fault in chosen.items():
                if fault.needs == "disk" and not mounted:
                    say(f"{name}: left out, since only root may mount a disk")
                    continue
                rows.append(observed(shop, name, fault))
                say(described(rows[-1]))
                for lost in rows[-1].lost:
                    say(f"LOST: {lost}")
            return rows
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(shop.data)], check=False)  # noqa: S603, S607
            shutil.rmtree(shop.data, ignore_errors=True)


def observed(shop: SupervisedShop, name: str, fault: Fault) -> Row:
    """Return the row of a fault. Keeps the shop's folder if it did not heal."""
    row = Row(name, told=fault.told)
    try:
        return observe(shop, row, fault)
    except TrialError:
        shop.keep = True
        raise
    finally:
        shop.keep |= bool(row.lost) or not row.clean
