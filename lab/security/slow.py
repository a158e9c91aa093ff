"""`attack slow`: clients that are slow on purpose (Slowloris), while others look at pages and search by photo."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import CommandParser, OutputWrapper

from lab.benchmarks.load import memory_mb, said
from lab.benchmarks.serving.clients import CONTENT_TYPE, body_of
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import browser_photos
from lab.benchmarks.serving.tables import at
from lab.harness.trial_shop import TrialShop
from lab.security.slow_clients import SlowAttack, attacked

HELP = "Slow clients, from one address and from many: others' pages and searches stay fast, and memory small."

PAGE_WITHIN_S, SEARCH_WITHIN_S, GROWS_AT_MOST_MB = 1.0, 3.0, 100.0
# The shop's default; a trial shop has no limit otherwise.
PER_ADDRESS = 100
# A shopper gives up at last.
PATIENCE_S = 30.0
PAGE_EVERY_S, SEARCH_EVERY_S, MEMORY_EVERY_S = 0.2, 0.7, 1.0

HALF_HEADER = b"GET /articles/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = (
    f"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: 6000000\r\n\r\n"
).encode()
IN_CHUNKS = (
    f"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CONTENT_TYPE}\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
).encode()
WHOLE = b"GET /articles/ HTTP/1.1\r\nHost: localhost\r\n\r\n"

ATTACKS = [
    SlowAttack("headers, 4 a second", HALF_HEADER, b"x", a_second=4),
    SlowAttack("headers, 10 a second", HALF_HEADER, b"x", many_sources=True),
    SlowAttack("bodies, 10 a second", HALF_BODY, b"x"),
    SlowAttack("bodies, 10 a second", HALF_BODY, b"x", many_sources=True),
    SlowAttack("5 MB, then slow", HALF_BODY + bytes(5_000_000), b"x", at_most=60, many_sources=True),
    SlowAttack("tiny chunks", IN_CHUNKS, b"1\r\nx\r\n" * 1_000, every_s=0.5, at_most=60, many_sources=True),
    SlowAttack("answers not read", WHOLE * 20, WHOLE, a_second=20, at_most=200, many_sources=True, reads=False),
    SlowAttack("900 half-open", HALF_HEADER, at_once=900, a_second=100),
    SlowAttack("900 half-open", HALF_HEADER, at_once=900, a_second=100, many_sources=True),
    SlowAttack("900 opened a second", HALF_HEADER, a_second=900, many_sources=True),
    SlowAttack("900 silent", b"", at_once=900, a_second=100, many_sources=True),
]
# What the gate runs: each takes all threads at once where threads wait for clients.
SHORT = [
    SlowAttack("100 half headers", HALF_HEADER, b"x", at_once=100, many_sources=True),
    SlowAttack("100 half bodies", HALF_BODY, b"x", at_once=100, many_sources=True),
    SlowAttack("900 half-open", HALF_HEADER, at_once=900, a_second=100, many_sources=True),
]


_COLUMNS = (
    ("from", 6),
    ("open", 6),
    ("page", 7),
    ("p95", 7),
    ("search", 8),
    ("p95 s", 7),
    ("failed", 8),
    ("MB", 6),
    ("CPU", 6),
)
TITLES = " " * 22 + "".join(f"{title:>{width}s}" for title, width in _COLUMNS)


@dataclass
class Measured:
    """What others met during an attack: seconds that answers took, and how many requests failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "search": []})
    failed: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    # Seconds of processor time that the web's processes took for each second.
    processor_share: float = 0.0

    def slow(self, kind: str) -> float:
        return at(sorted(self.seconds[kind]), 0.95)


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--seconds", type=float, default=25, help="of each attack (25)")
    parser.add_argument("--short", action="store_true", help="three of the attacks")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    shop = TrialShop(SHOP_CONNECTIONS_PER_ADDRESS=str(PER_ADDRESS))
    shop.commands = {name: shop.commands[name] for name in ("broker", "web")}
    with shop:
        measure_all(shop, SHORT if options["short"] else ATTACKS, options["seconds"], out)


def measure_all(shop: TrialShop, attacks: Sequence[SlowAttack], seconds: float, out: OutputWrapper) -> None:
    """Attack a running shop in each way, and write the table."""
    out.write(TITLES)
    with meanwhile(shop) as measured:
        time.sleep(min(seconds, 5.0))
    # The first requests of a process fill its pools.
    with meanwhile(shop) as measured:
        time.sleep(seconds / 2)
    out.write(row("nobody attacks", "", 0, measured))
    rest = statistics.median(measured.memory_mb)
    page_s = search_s = grown = 0.0
    failed: Counter[str] = Counter()
    for attack in attacks:
        with attacked(attack, shop.port) as crowd, meanwhile(shop) as measured:
            time.sleep(seconds)
        out.write(row(attack.name, "many" if attack.many_sources else "one", crowd.highest, measured))
        page_s = max(page_s, measured.slow("page"))
        search_s = max(search_s, measured.slow("search"))
        grown = max(grown, max(measured.memory_mb) - rest)
        failed += measured.failed
    goals = [
        said(f"a page within {PAGE_WITHIN_S:g} s (p95)", page_s < PAGE_WITHIN_S, f"{page_s:.2f} s"),
        said(f"a search within {SEARCH_WITHIN_S:g} s (p95)", search_s < SEARCH_WITHIN_S, f"{search_s:.2f} s"),
        said("no request of others fails", not failed, ", ".join(f"{n} × {why}" for why, n in failed.items()) or "0"),
        said(f"memory grows less than {GROWS_AT_MOST_MB:g} MB", grown < GROWS_AT_MOST_MB, f"{grown:.0f} MB"),
    ]
    out.write("\n".join(goals))


def row(name: str, source: str, opened: int, measured: Measured) -> str:
    page, search = measured.seconds["page"], measured.seconds["search"]
    middle = [statistics.median(one) if one else 0.0 for one in (page, search)]
    return (
        f"{name:22s}{source:>6s}{opened:6d}{middle[0]:7.2f}{measured.slow('page'):7.2f}"
        f"{middle[1]:8.2f}{measured.slow('search'):7.2f}{measured.failed.total():8d}{max(measured.memory_mb):6.0f}"
        f"{measured.processor_share:6.2f}"
    )


@contextmanager
def meanwhile(shop: TrialShop) -> Iterator[Measured]:
    """Look at pages and search by photo while the block runs, each on a connection of its own."""
    web = shop.process("web")
    assert web is not None  # noqa: S101  (it was started)
    (photo,) = browser_photos(None, 1)
    search = {"content": body_of(photo), "headers": {"Content-Type": CONTENT_TYPE}}
    measured, stop = Measured(), threading.Event()

    def ask(kind: str, method: str, path: str, more: dict[str, Any]) -> None:
        began = time.perf_counter()
        try:
            status = shop.client.request(method, path, timeout=PATIENCE_S, **more).status_code
            why = "" if status == httpx.codes.OK else f"{kind}: {status}"
        except httpx.TransportError as error:
            why = f"{kind}: {type(error).__name__}"
        measured.seconds[kind].append(time.perf_counter() - began)
        if why:
            measured.failed[why] += 1

    threads = [
        repeated(stop, PAGE_EVERY_S, lambda: ask("page", "GET", "/articles/", {})),
        repeated(stop, SEARCH_EVERY_S, lambda: ask("search", "POST", "/api/predict", search)),
        repeated(stop, MEMORY_EVERY_S, lambda: measured.memory_mb.append(memory_mb(web))),
    ]
    began, before = time.monotonic(), processor_s(web.pid)
    try:
        yield measured
    finally:
        measured.processor_share = (processor_s(web.pid) - before) / (time.monotonic() - began)
        stop.set()
        for thread in threads:
            thread.join()


def processor_s(leader: int) -> float:
    """Return the processor time in seconds that the living processes of a session have taken."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def repeated(stop: threading.Event, every_s: float, act: Callable[[], None]) -> threading.Thread:
    """Return a running thread that acts again and again until `stop` is set."""

    def keep_on() -> None:
        while True:
            act()
            if stop.wait(every_s):
                return

    thread = threading.Thread(target=keep_on)
    thread.start()
    return thread
