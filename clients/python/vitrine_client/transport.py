"""How requests are sent: time limits, errors of this client's own, and repetition of what may be repeated."""

from __future__ import annotations

import time
import warnings
from typing import Any

import httpx

from vitrine_client.errors import ConnectionFailed, Problem, TimedOut, retry_after

# Sending them again does nothing twice (RFC 9110).
IDEMPOTENT = {"GET", "HEAD", "PUT", "DELETE"}
# The shop asks for patience.
BUSY = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}
UNUSED = "X-Unused-Parameters"


class Transport:
    """Sends requests on one connection that is kept."""

    def __init__(
        self, address: str, headers: dict[str, str], *, timeout_s: float, retries: int, longest_wait_s: float
    ) -> None:
        self._http = httpx.Client(base_url=address, headers=headers, timeout=timeout_s)
        self._retries, self._longest_wait_s = retries, longest_wait_s

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, path: str, *, repeatable: bool = False, **more: Any) -> httpx.Response:
        """Return the response. Raises Problem where the shop refuses, ConnectionFailed or TimedOut without an answer.

        A request that is idempotent, by its method or since it is `repeatable`, is sent again after 429 and 503, as
        often as `retries` says, where Retry-After asks for no longer than `longest_wait_s`.
        """
        response = self.ask(method, path, **more)
        for _retry in range(self._retries if repeatable or method in IDEMPOTENT else 0):
            wait_s = retry_after(response) if response.status_code in BUSY else None
            if wait_s is None or wait_s > self._longest_wait_s:
                break
            time.sleep(wait_s)
            response = self.ask(method, path, **more)
        if response.is_error:
            raise Problem(response)
        if unused := response.headers.get(UNUSED):
            warnings.warn(f"The shop did not use these parameters: {unused}", stacklevel=4)
        return response

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the response, whatever its status."""
        try:
            return self._http.request(method, path, **more)
        except httpx.TimeoutException as error:
            raise TimedOut(f"{method} {path} was not answered in time.") from error
        except httpx.TransportError as error:
            raise ConnectionFailed(f"{method} {path}: {error}") from error
