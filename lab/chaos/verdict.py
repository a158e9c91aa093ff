"""Checks of the final state after a chaos run: rows, files, index, logs, and searches over HTTP."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from lab.chaos.journal import Ledger
from lab.chaos.pictures import picture
from lab.chaos.reading import LIMIT, comes_first
from lab.harness.trial_shop import ROOT, TrialError, TrialShop, wait_until

# The state must be consistent this many seconds after the last kill; it is polled longer to report when it was.
SETTLES_WITHIN_S = 60.0
ASKED_FOR_S = 600.0
SEARCHES_AT_ONCE = 2
SAID_AT_MOST = 10
# Above this similarity a picture matched itself; a removed one may still find its article by another picture, below it.
ITSELF = 0.9999

# Expected log messages: errors of clients of a killed process.
EXPECTED = re.compile(
    "|".join(
        (
            r"kombu\.exceptions\.OperationalError",
            r"Connection ?Error|ConnectionRefusedError|ConnectionResetError|BrokenPipeError",
            r"redis\.exceptions\.(TimeoutError|BusyLoadingError)",
            r"FileNotFoundError: \[Errno 2\] No such file or directory$",
            r"celery\.worker\.consumer|Couldn't apply scheduled task|Cannot connect to redis|Connection to broker lost",
            r"sent SIGKILL|Worker \(pid:\d+\)",
        )
    ),
    re.IGNORECASE,
)
ERROR_LINE = re.compile(r"(^|[\s\[])(ERROR|CRITICAL)([\s\]/:]|$)")


def settle(shop: TrialShop, *, since: float) -> tuple[float, list[str]]:
    """Wait until no photo is pending and the index matches the rows. Returns the seconds `since`, and violations."""
    try:
        wait_until(lambda: is_settled(shop), within_s=ASKED_FOR_S, what="nothing waits and check_index exits 0")
    except TrialError as error:
        return time.monotonic() - since, [f"{error}; {shop.manage('check_index', check=False).stdout}"]
    took = time.monotonic() - since
    late = [f"{took:.0f} s passed from the last write and kill until all was well"] if took > SETTLES_WITHIN_S else []
    return took, late


def is_settled(shop: TrialShop) -> bool:
    try:
        state = shop.health()
    except (httpx.TransportError, ValueError):
        return False
    if state["status"] != "ok" or state["index"]["pending"]:
        return False
    return shop.manage("check_index", check=False).returncode == 0


def read_rows(shop: TrialShop) -> Any:
    """Return the content of a shop's rows and files, as rows.described() returns it."""
    command = [sys.executable, "-m", "lab.chaos.rows"]
    completed = subprocess.run(command, cwd=ROOT, env=shop.environment, capture_output=True, text=True, check=True)  # noqa: S603  (this project's manage.py)
    return json.loads(completed.stdout)


def differences(held: Any, ledger: Ledger) -> list[str]:
    """Return the differences of rows, files and vectors from the acknowledged state."""
    wrong = [f"{held['vectors without a photo']} vectors have no photo"] if held["vectors without a photo"] else []
    for sku in sorted(set(held["articles"]) | set(ledger.stock)):
        there, stock = held["articles"].get(sku), ledger.stock.get(sku)
        if stock is None or there is None:
            if stock is not there:
                wrong.append(f"{sku} is {'lost' if there is None else 'there, and was deleted'}")
            continue
        if (there["published"], there["rows"]) != (stock.published, stock.digests):
            wrong.append(f"{sku} is not as it was acknowledged: {there}")
        for part in ("files", "vectors"):
            wrong += [f"{sku}: its {part} are not of its photos: {there}"] if there[part] != there["rows"] else []
    return wrong


def search_all(shop: TrialShop, ledger: Ledger) -> tuple[dict[str, int], list[str]]:
    """Search over HTTP for every picture ever written. Returns counts, and violations."""
    counts = {"should be found": 0, "should not be found": 0}
    wrong: list[str] = []
    with ThreadPoolExecutor(SEARCHES_AT_ONCE) as pool:
        for number, articles in pool.map(lambda number: (number, search(shop, number)), ledger.article_of):
            sku = ledger.article_of[number]
            if number in ledger.pictures_of(sku):
                counts["should be found"] += 1
                if not comes_first(sku, articles):
                    wrong.append(f"picture {number} of {sku} is not found by itself")
            else:
                counts["should not be found"] += 1
                wrong += still_found(number, sku, articles)
            for article in articles:
                if not ledger.pictures_of(article["sku"]):
                    wrong.append(f"{article['sku']} is found, and was deleted, hidden or has no photo")
    return counts, wrong


def search(shop: TrialShop, number: int) -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = shop.predict(picture(number), limit=LIMIT)["articles"]
    return articles


def still_found(number: int, sku: str, articles: Iterable[dict[str, Any]]) -> Iterator[str]:
    for article in articles:
        if article["sku"] == sku and article["similarity"] > ITSELF:
            yield f"picture {number} finds {sku}, which does not have it any more"


def foreign_errors(folder: Path) -> list[str]:
    """Return the unexpected errors in the logs of a shop, each with file and line."""
    errors = []
    for path in sorted(folder.glob("*.log")):
        for place, what in errors_of(path.read_text(errors="replace").splitlines()):
            errors.append(f"{path.name}:{place}: {what}")
    return errors


def errors_of(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of each unexpected error in a log; a traceback is represented by its last line."""
    traced = False
    for place, line in enumerate(lines, 1):
        if line.startswith("Traceback (most recent call last)"):
            traced = True
        elif traced and line and not line[0].isspace():
            # The end of a traceback; that of a chained exception may follow.
            traced = False
            if not EXPECTED.search(line):
                yield place, line
        elif ERROR_LINE.search(line) and not EXPECTED.search(line):
            yield place, line
