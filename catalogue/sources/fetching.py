"""Fetches the pictures of photo sources that are due.

Due sources are read from the rows, so this may be killed at any moment, and run in several processes at once. Threads
do network requests only; database, cache and files are used by the calling thread alone.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from catalogue import jobs
from catalogue.exceptions import NotFetchedError
from catalogue.imaging import Fetched, FetchPolicy, HttpValidators, fetch_picture
from catalogue.models import Photo, PhotoSource
from catalogue.models.querysets import PhotoSourceQuerySet
from catalogue.photos.validators import photo_limits
from catalogue.signals import photos_imported
from catalogue.sources.apply_fetch import FIRST_DELAY_S, settle_failure, settle_fetched, settle_interrupted
from catalogue.sources.host_limiter import NotNow, Slot, acquire_slot, back_off, release_slot, was_answered

logger = logging.getLogger(__name__)

# Concurrent fetches over all hosts; each may take PHOTO_MAX_BYTES of memory.
_AT_ONCE = 6
# Maximum hosts of one call, and pictures of each host.
_HOSTS, _A_HOST = 100, 100
# Photos are announced in groups, as in imports: one task makes the renditions of this many.
_ANNOUNCED = 8


@dataclass
class Counts:
    """Numbers of sources by the result of their fetch."""

    # `fetched` have new bytes.
    fetched: int = 0
    unchanged: int = 0
    failed: int = 0

    @property
    def asked(self) -> int:
        return self.fetched + self.unchanged + self.failed


class Sources(jobs.Kind):
    """Photo sources. One task fetches what is due from all hosts; orphaned files are removed with those of photos."""

    def due_messages(self) -> Sequence[tuple[Any, ...]]:
        return [()] if PhotoSource.objects.due().exists() else []


KIND = Sources()


def try_again(sources: PhotoSourceQuerySet) -> int:
    """Make the failed ones of `sources` due again, and return their number."""
    return sources.failed().update(due=timezone.now(), attempts=0)


def fetch_waiting(*, for_s: float, policy: FetchPolicy | None = None) -> Counts:
    """Fetch pictures that are due, starting none after `for_s` seconds."""
    round_ = _Round(policy, until=time.monotonic() + for_s)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            while round_.begin(pool) or round_.running:
                round_.settle()
        finally:
            round_.leave()
    return round_.counts


@dataclass
class _Host:
    """A host, the ids of its due sources, and the time (`time.monotonic`) of the next request to it."""

    name: str
    source_ids: deque[int]
    free_at: float = 0.0


@dataclass
class _Round:
    """One call of `fetch_waiting`."""

    policy: FetchPolicy | None
    until: float
    counts: Counts = field(default_factory=Counts)
    running: dict[Future[Fetched], tuple[jobs.Lease[PhotoSource], Slot]] = field(default_factory=dict)
    _new: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        due = PhotoSource.objects.due().order_by()
        hosts = due.values("host").annotate(first=Min("due")).order_by("first").values_list("host", flat=True)
        self._hosts = [
            _Host(name, deque(due.filter(host=name).order_by("due", "pk").values_list("pk", flat=True)[:_A_HOST]))
            for name in hosts[:_HOSTS]
        ]

    def begin(self, pool: ThreadPoolExecutor) -> bool:
        """Start the fetches that may start now. Returns whether more are left, and time for them."""
        for host in self._hosts:
            while host.source_ids and len(self.running) < _AT_ONCE and time.monotonic() < self.until:
                if time.monotonic() < host.free_at:
                    break
                slot = acquire_slot(host.name)
                if isinstance(slot, NotNow):
                    host.free_at = time.monotonic() + slot.wait_s
                    break
                self._begin_one(host, slot, pool)
        self._hosts = [host for host in self._hosts if host.source_ids and host.free_at < self.until]
        if not self._hosts or time.monotonic() >= self.until:
            return False
        if not self.running:
            time.sleep(max(0.0, min(host.free_at for host in self._hosts) - time.monotonic()))
        return True

    def settle(self) -> None:
        """Wait up to a second for running fetches, and write the results of those that ended."""
        soon = min((host.free_at - time.monotonic() for host in self._hosts), default=1.0)
        done, _ = wait(self.running, timeout=min(max(soon, 0.01), 1.0), return_when=FIRST_COMPLETED)
        for future in done:
            lease, slot = self.running.pop(future)
            release_slot(slot)
            try:
                self._settle_one(lease.job, future)
            except BaseException:
                jobs.release(lease, counts=True, delay=timedelta(seconds=FIRST_DELAY_S))
                raise
            # No effect if the result was written, which released the lease.
            jobs.release(lease)

    def leave(self) -> None:
        """Release all slots and leases, and announce the new photos."""
        for future, (lease, slot) in self.running.items():
            future.cancel()
            release_slot(slot)
            jobs.release(lease)
        self._announce(at_least=1)

    def _begin_one(self, host: _Host, slot: Slot, pool: ThreadPoolExecutor) -> None:
        while host.source_ids:
            lease = jobs.take(PhotoSource.objects.select_related("photo"), host.source_ids.popleft())
            # Another process may hold the lease.
            if lease is None:
                continue
            source = lease.job
            if source.attempts > source.ATTEMPTS:
                settle_interrupted(source)
                continue
            future = pool.submit(
                fetch_picture,
                source.url,
                limits=photo_limits(),
                policy=self.policy,
                agent=agent(),
                known=_known(source),
            )
            self.running[future] = lease, slot
            return
        release_slot(slot)

    def _settle_one(self, source: PhotoSource, future: Future[Fetched]) -> None:
        try:
            fetched = future.result()
            was_answered(source.host)
            photo_id = settle_fetched(source, fetched)
        except NotFetchedError as error:
            logger.info("no picture fetched for article %d: %s", source.article_id, error)
            rest_s = back_off(source.host, error.wait_s) if error.busy else 0.0
            settle_failure(source, error.message, passing=error.passing, wait_s=rest_s)
            if error.busy:
                self._put_off(source.host, rest_s)
            self.counts.failed += 1
            return
        if photo_id is None:
            self.counts.unchanged += 1
        else:
            self.counts.fetched += 1
            self._new.append(photo_id)
            self._announce(at_least=_ANNOUNCED)

    def _put_off(self, host: str, rest_s: float) -> None:
        # Postponed, so that sources of a busy host do not take the places of other hosts' in the next call.
        waiting = PhotoSource.objects.due().filter(host=host)
        waiting.update(due=timezone.now() + timedelta(seconds=rest_s))

    def _announce(self, *, at_least: int) -> None:
        if len(self._new) >= at_least:
            photos_imported.send_robust(sender=Photo, photo_ids=self._new)
            self._new = []


def agent(what: str = "photos") -> str:
    """Return the User-Agent that the shop sends to the servers from which it fetches photos or feeds, in ASCII."""
    name = normalize("NFKD", settings.SHOP_NAME).encode("ascii", "ignore").decode()
    said = " ".join("".join(sign if sign.isalnum() or sign in "-.&'" else " " for sign in name).split())
    return f"Vitrine/{settings.VERSION} ({what} for the shop {said or 'Vitrine'})"


def _known(source: PhotoSource) -> HttpValidators | None:
    """Return the validators of a picture that the article still shows as it was fetched, else None."""
    if source.photo is None or not source.sha256 or source.photo.sha256 != source.sha256:
        return None
    return HttpValidators(source.etag, source.last_modified)
