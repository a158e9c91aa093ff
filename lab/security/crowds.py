"""Many costly files at once, sent to a running shop while somebody else searches; and clients that leave."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from lab.benchmarks.load import memory_mb, said
from lab.harness.trial_shop import TrialShop
from lab.security.costly_files import COSTLY, LEFT
from lab.security.generated_files import encoded, picture

WITHIN_S, GROWS_AT_MOST_MB = 3.0, 300.0
# Somebody else's searches: one every so often, for as long as the costly ones take and a few seconds more.
EVERY_S, LASTS_AT_LEAST_S, ENDS_AFTER_S = 0.4, 8.0, 100.0
LEAVES_AFTER_S, OBSERVED_S = 0.5, 20.0
SAMPLED_EVERY_S = 0.2
NOBODY = "(no crowd)"


@dataclass
class Crowd:
    """What became of a crowd of one file: answers by status, others' latencies, the shop's memory above before."""

    answers: Counter[str] = field(default_factory=Counter)
    others_s: list[float] = field(default_factory=list)
    others_failed: int = 0
    grown_mb: float = 0.0
    seconds: float = 0.0

    @property
    def p95_s(self) -> float:
        return sorted(self.others_s)[int(len(self.others_s) * 0.95)] if self.others_s else float("inf")


def run_crowds(shop: TrialShop, count: int, kinds: list[str]) -> tuple[dict[str, Crowd], int]:
    """Return what became of `count` of each kind of costly file, and how many were answered for clients that left."""
    # What others wait without a crowd: machines differ and are shared.
    crowds = {NOBODY: send_crowd(shop, b"", 0)}
    for kind in kinds:
        crowds[kind] = send_crowd(shop, COSTLY[kind](), count)
    return crowds, answered_for_nobody(shop, COSTLY[LEFT](), count)


def send_crowd(shop: TrialShop, content: bytes, count: int) -> Crowd:
    crowd, began = Crowd(), time.monotonic()
    with somebody_else(shop, crowd), sampled_growth(shop, crowd):
        with ThreadPoolExecutor(max(count, 1)) as threads:
            crowd.answers.update(threads.map(lambda _: send(shop, content, ENDS_AFTER_S), range(count)))
        crowd.seconds = time.monotonic() - began
        time.sleep(max(0.0, LASTS_AT_LEAST_S - crowd.seconds))
    return crowd


def send(shop: TrialShop, content: bytes, timeout_s: float) -> str:
    """Return the status of a search with a file's bytes; "none" if none came in time."""
    try:
        answer = httpx.post(f"{shop.address}/api/predict", files={"image": ("a", content)}, timeout=timeout_s)
    except httpx.TransportError:
        return "none"
    return f"{answer.status_code}{' and Retry-After' if 'Retry-After' in answer.headers else ''}"


@contextmanager
def somebody_else(shop: TrialShop, crowd: Crowd) -> Iterator[None]:
    """Search with a small photo, again and again, while the block runs."""
    photo, over = encoded(picture((768, 1_024)), "JPEG"), threading.Event()

    def search() -> None:
        began = time.monotonic()
        status = send(shop, photo, ENDS_AFTER_S)
        crowd.others_s.append(time.monotonic() - began)
        crowd.others_failed += status != "200"

    def search_on(threads: ThreadPoolExecutor) -> None:
        while not over.wait(EVERY_S):
            threads.submit(search)

    with ThreadPoolExecutor(20) as threads:
        going = threading.Thread(target=search_on, args=(threads,))
        going.start()
        try:
            yield
        finally:
            over.set()
            going.join()


@contextmanager
def sampled_growth(shop: TrialShop, crowd: Crowd) -> Iterator[None]:
    """Note the most memory that the web's processes and their children take while the block runs, above before."""
    web, over = shop.process("web"), threading.Event()
    assert web is not None  # noqa: S101  (it was started)
    before = memory_mb(web)

    def sample() -> None:
        while not over.wait(SAMPLED_EVERY_S):
            crowd.grown_mb = max(crowd.grown_mb, memory_mb(web) - before)

    sampling = threading.Thread(target=sample)
    sampling.start()
    try:
        yield
    finally:
        over.set()
        sampling.join()


def answered_for_nobody(shop: TrialShop, content: bytes, count: int) -> int:
    """Return how many searches the shop's log calls answered, of a crowd whose clients left at once."""
    log = shop.data / "web.log"
    before = log.read_text().count('"status": 200')
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(lambda _: send(shop, content, LEAVES_AFTER_S), range(count)))
    time.sleep(OBSERVED_S)
    return log.read_text().count('"status": 200') - before


def report(crowds: Mapping[str, Crowd], count: int, for_nobody: int) -> str:
    """Return the table, and whether each goal is met."""
    lines = [f"{count} of each at once", f"{'file':22s}{'all in s':>9s}{'others p95 s':>14s}{'MB more':>9s}  answers"]
    for kind, crowd in crowds.items():
        answers = ", ".join(f"{number} × {status}" for status, number in sorted(crowd.answers.items()))
        lines.append(f"{kind:22s}{crowd.seconds:9.1f}{crowd.p95_s:14.2f}{crowd.grown_mb:9.0f}  {answers}")
    slowest = max(crowd.p95_s for crowd in crowds.values())
    failed = sum(crowd.others_failed for crowd in crowds.values())
    grown = max(crowd.grown_mb for crowd in crowds.values())
    lines += [
        said(f"others' searches: p95 at most {WITHIN_S:g} s", slowest <= WITHIN_S, f"{slowest:.2f} s"),
        said("others' searches are all answered", not failed, f"{failed} are not"),
        said(f"at most {GROWS_AT_MOST_MB:g} MB more", grown <= GROWS_AT_MOST_MB, f"{grown:.0f} MB"),
        # One may have been answered before it was known.
        said("nothing is answered for clients that left", for_nobody <= 1, f"{for_nobody} of {count}"),
    ]
    return "\n".join(lines)
