"""Fetches the photographs of the demo from the dataset that has them, by the guarded client that fetches all photos."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.conf import settings

from catalogue.demo.photographed import PHOTOGRAPHS_URL
from catalogue.exceptions import NotFetchedError
from catalogue.imaging import FetchPolicy, fetch_picture
from catalogue.photos.validators import photo_limits

logger = logging.getLogger(__name__)

# At one host, as browsers do for the pictures of a page.
_AT_ONCE = 4
# Attempts at one photo, while the error may heal, and the pause before the second; it doubles.
_ATTEMPTS, _FIRST_PAUSE_S = 3, 0.5
# A server that asks to be left alone for longer is left alone.
_LONGEST_PAUSE_S = 30.0


class StoppedError(Exception):
    """None of several photos could be fetched, and it may heal: there is no network, or the server is busy."""

    def __init__(self, url: str, cause: NotFetchedError) -> None:
        self.url, self.cause = url, cause
        super().__init__(str(cause))


@dataclass
class Photographs:
    """Fetches photos by name. `failed` has those that could not be had, with the cause, by address."""

    digests: Mapping[str, str]
    url: str = PHOTOGRAPHS_URL
    policy: FetchPolicy | None = None
    failed: dict[str, NotFetchedError] = field(default_factory=dict)

    def __call__(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of the photos that could be fetched, each just as the dataset has it.

        Raises StoppedError where not one could be, for causes that may heal.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = dict(zip(names, pool.map(self._fetch, names), strict=True))
        failed = {self.url + name: error for name, error in results.items() if isinstance(error, NotFetchedError)}
        if len(failed) == len(names) and all(error.passing for error in failed.values()):
            raise StoppedError(*next(iter(failed.items())))
        self.failed |= failed
        return {name: content for name, content in results.items() if isinstance(content, bytes)}

    def _fetch(self, name: str) -> bytes | NotFetchedError:
        for attempt in range(_ATTEMPTS):
            try:
                return self._fetch_once(name)
            except NotFetchedError as error:
                pause_s = max(error.wait_s or 0.0, _FIRST_PAUSE_S * 2.0**attempt)
                if not error.passing or attempt == _ATTEMPTS - 1 or pause_s > _LONGEST_PAUSE_S:
                    return error
                logger.debug("%s is fetched again: %s", name, error)
            # In a thread of this command's own pool: nobody else waits.
            time.sleep(pause_s)
        raise AssertionError("The last attempt returns.")

    def _fetch_once(self, name: str) -> bytes:
        agent = f"Vitrine/{settings.VERSION} (demo photos)"
        content = fetch_picture(self.url + name, limits=photo_limits(), policy=self.policy, agent=agent).content
        if content is None or hashlib.sha256(content).hexdigest() != self.digests[name]:
            raise NotFetchedError("fetch.other_bytes")
        return content
