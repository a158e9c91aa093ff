"""Fetching a picture from an address that a stranger gave, without being sent into our own network.

The name is resolved once per connection; every address it has must be public; the connection goes to just that
address, while Host and TLS still speak of the name. So neither a redirect nor a name that changes its address between
check and use leads inside. Nothing is read from the environment: no proxy, no .netrc.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from catalogue.exceptions import UnreachableUrlError
from catalogue.imaging.addresses import IPAddress, Reach
from catalogue.imaging.formats import sniff_format
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits

logger = logging.getLogger(__name__)

# One text for every cause: which one it was would tell a stranger what our network looks like.
_REFUSAL = (
    "No picture could be fetched from this address. It must be http or https, on a public host, and answer quickly "
    "with one picture of an allowed size. Or send the picture itself."
)
_HEADERS = [(b"Accept", b"image/*"), (b"Accept-Encoding", b"identity"), (b"User-Agent", b"Vitrine")]
_REDIRECTS = {301, 302, 303, 307, 308}


class _RefusedError(Exception):
    """Why an address was not fetched. For the log only."""


def fetch_image(url: str, *, limits: Limits = DEFAULT_LIMITS, reach: Reach | None = None) -> bytes:
    """Return the bytes of the picture at `url`, at most `limits.max_bytes`, its format known by its first bytes.

    Follows at most `reach.max_redirects` redirects and gives up `reach.timeout_s` seconds after the call, however the
    other side behaves. Raises UnreachableUrlError, with the same text for every cause.
    """
    reach = reach or Reach()
    wire = _Wire(reach, deadline=time.monotonic() + reach.timeout_s)
    try:
        with httpcore.ConnectionPool(ssl_context=reach.tls, network_backend=wire) as pool:
            return _follow(pool, url, limits, reach)
    except (_RefusedError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        logger.info("no picture fetched: %s", error)
        raise UnreachableUrlError(_REFUSAL) from error


def _follow(pool: httpcore.ConnectionPool, url: str, limits: Limits, reach: Reach) -> bytes:
    target = _parse(url, None, reach)
    for _ in range(reach.max_redirects + 1):
        address = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        with pool.stream("GET", address, headers=[(b"Host", target.netloc), *_HEADERS]) as answer:
            if answer.status not in _REDIRECTS:
                return _read_picture(answer, limits)
            location = next((value for name, value in answer.headers if name.lower() == b"location"), b"")
        target = _parse(location.decode("ascii", "replace"), target, reach)
    raise _RefusedError("too many redirects")


def _parse(url: str, base: httpx.URL | None, reach: Reach) -> httpx.URL:
    try:
        target = base.join(url) if base else httpx.URL(url)
        # Decoding a host that is badly encoded (xn--…) fails only when it is asked for.
        host = target.host
    except (httpx.InvalidURL, ValueError, IndexError) as error:
        raise _RefusedError("not an address") from error
    if target.scheme not in {"http", "https"} or not host or target.userinfo:
        raise _RefusedError("not a plain http address")
    if (target.port or {"http": 80, "https": 443}[target.scheme]) not in reach.ports:
        raise _RefusedError("a port that is not asked")
    return target


def _read_picture(answer: httpcore.Response, limits: Limits) -> bytes:
    if answer.status != httpx.codes.OK:
        raise _RefusedError(f"status {answer.status}")
    content = bytearray()
    for part in answer.iter_stream():
        content += part
        if len(content) > limits.max_bytes:
            raise _RefusedError("too many bytes")
    if sniff_format(bytes(content[:64])) is None:
        raise _RefusedError("not a picture")
    return bytes(content)


class _Wire(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and lets nothing last past the deadline."""

    def __init__(self, reach: Reach, *, deadline: float) -> None:
        self._reach = reach
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        refused: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._resolve(host, port):
            try:
                stream = self._system.connect_tcp(str(address), port, timeout=self.remaining())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
            else:
                return _TimedStream(stream, self)
        raise refused or _RefusedError("a name without an address")

    def remaining(self) -> float:
        """Return the seconds until the deadline. Raises _RefusedError once it has passed."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise _RefusedError("too slow")
        return seconds

    def _resolve(self, host: str, port: int) -> list[IPAddress]:
        # The system's resolver knows no timeout, so it runs beside; a late answer is dropped.
        beside = ThreadPoolExecutor(max_workers=1)
        try:
            found = beside.submit(self._reach.resolve, host, port).result(timeout=self.remaining())
            addresses = [ip_address(address) for address in found]
        except (OSError, ValueError) as error:  # TimeoutError is an OSError, UnicodeError a ValueError.
            raise _RefusedError("a name that is not known") from error
        finally:
            beside.shutdown(wait=False)
        if not all(self._reach.allow(address) for address in addresses):
            raise _RefusedError("an address that is not public")
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no single wait lasts past the deadline, so neither does a drip of bytes."""

    def __init__(self, stream: httpcore.NetworkStream, wire: _Wire) -> None:
        self._stream = stream
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._wire.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._wire.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._wire.remaining())
        return _TimedStream(secured, self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
