"""Photos that a search names by their address: a few at once, in little time, so that they hold few threads.

A host that does not answer costs the thread that waits for it. So there are fewer fetches than threads, one caller has
part of them, and a request that finds none free is refused at once instead of waiting.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from catalogue.imaging import FetchPolicy, fetch_image
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError

# Of a process, which has 16 threads; and of these, one caller's.
FETCHES_AT_ONCE, OF_ONE_CALLER = 4, 2
# From the call to the last byte: host name, redirects and picture. A worker that fetches for a batch is more patient.
TIMEOUT_S = 5.0


class Slots:
    """Places that callers hold for a while. Nobody waits for one."""

    def __init__(self, count: int, *, of_one: int) -> None:
        self._count, self._of_one = count, of_one
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    @contextmanager
    def slot(self, caller: str) -> Iterator[bool]:
        """Hold a place while the block runs; yields whether there was one."""
        with self._lock:
            free = self._held.total() < self._count and self._held[caller] < self._of_one
            if free:
                self._held[caller] += 1
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._held[caller] -= 1
                    # Otherwise it would keep the name of everybody who ever asked.
                    self._held += Counter()


_slots = Slots(FETCHES_AT_ONCE, of_one=OF_ONE_CALLER)


def fetch_policy() -> FetchPolicy:
    """Return what may be fetched, and for how long."""
    return FetchPolicy(timeout_s=TIMEOUT_S)


def fetch_photo(url: str, *, caller: str) -> bytes:
    """Return the bytes of the photo at an address, for a caller that waits.

    Raises UnreachableUrlError, and SearchUnavailableError if too many are being fetched.
    """
    with _slots.slot(caller) as is_free:
        if not is_free:
            raise SearchUnavailableError("search.fetches_busy")
        return fetch_image(url, limits=photo_limits(), policy=fetch_policy())
