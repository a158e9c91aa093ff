"""Fetches a picture from a URL that an untrusted client gave, protected against SSRF.

The host name is resolved once per connection; all its addresses must be public; the connection goes to a checked
address, while Host and TLS use the name. So neither a redirect nor DNS rebinding reaches the internal network. Nothing
is read from the environment: no proxy, no .netrc.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from catalogue.exceptions import ImageTooLargeError, NotFetchedError, UnreachableUrlError
from catalogue.imaging.addresses import FetchPolicy, IPAddress
from catalogue.imaging.formats import sniff_format
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits

logger = logging.getLogger(__name__)

# Refusals are delayed to a multiple of this after the request, against timing attacks.
REFUSED_EVERY_S = 1.0
AGENT = "Vitrine"
_REDIRECTS = {301, 302, 303, 307, 308}
# Statuses worth a retry, and those of them for which the whole host is left alone.
_PASSING = {408, 425, 429, *range(500, 600)}
_BUSY = {429, 503}
# The longest host name (RFC 1035); it fits the database column.
_HOST_AT_MOST = 253
# A longer validator is ignored: database columns hold no longer one.
_VALIDATOR_MAX_CHARACTERS = 300


@dataclass(frozen=True)
class HttpValidators:
    """ETag and Last-Modified as the server sent them; empty where it sent none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """A picture's bytes, or None if it was not modified; and its current validators."""

    content: bytes | None
    validators: HttpValidators


def fetch_image(url: str, *, limits: Limits = DEFAULT_LIMITS, policy: FetchPolicy | None = None) -> bytes:
    """Return the bytes of the picture at `url`, as `fetch_picture` does, for an untrusted client.

    Raises UnreachableUrlError, with the same text for every cause.
    """
    started = time.monotonic()
    try:
        content = fetch_picture(url, limits=limits, policy=policy).content
    except NotFetchedError as error:
        logger.info("no picture fetched: %s", error)
        # The time of a refusal must not tell a name in our resolver's cache from one that it has to look up, or from
        # an IP address: so it is rounded up to whole seconds.
        if REFUSED_EVERY_S:
            time.sleep(REFUSED_EVERY_S - (time.monotonic() - started) % REFUSED_EVERY_S)
        raise UnreachableUrlError("fetch.refused") from error
    assert content is not None  # noqa: S101  (nothing was known)
    return content


def fetch_picture(
    url: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    policy: FetchPolicy | None = None,
    agent: str = AGENT,
    known: HttpValidators | None = None,
) -> Fetched:
    """Return the picture at `url`, at most `limits.max_bytes`, of a format that its first bytes identify.

    Follows at most `policy.max_redirects` redirects and gives up `policy.timeout_s` seconds after the call, however the
    server behaves. The validators `known` make the request conditional. Raises NotFetchedError, whose text names the
    cause: for staff, not for untrusted clients.
    """
    policy = policy or FetchPolicy()
    wire = GuardedBackend(policy, deadline=time.monotonic() + policy.timeout_s)
    headers = [(b"Accept", b"image/*"), (b"Accept-Encoding", b"identity"), (b"User-Agent", agent.encode("ascii"))]
    if known and known.etag:
        headers.append((b"If-None-Match", known.etag.encode("ascii")))
    if known and known.last_modified:
        headers.append((b"If-Modified-Since", known.last_modified.encode("ascii")))
    try:
        with httpcore.ConnectionPool(ssl_context=policy.tls, network_backend=wire) as pool:
            return _follow(pool, url, headers, limits, policy)
    except httpcore.TimeoutException as error:
        raise NotFetchedError("fetch.too_slow", passing=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotFetchedError("fetch.connection", passing=True) from error
    except ImageTooLargeError as error:
        raise NotFetchedError(error.message) from error


def _follow(
    pool: httpcore.ConnectionPool, url: str, headers: list[tuple[bytes, bytes]], limits: Limits, policy: FetchPolicy
) -> Fetched:
    target = _parse(url, None, policy)
    for _ in range(policy.max_redirects + 1):
        address = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        with pool.stream("GET", address, headers=[(b"Host", target.netloc), *headers]) as answer:
            if answer.status not in _REDIRECTS:
                return _read_answer(answer, limits, asked={name for name, _ in headers})
            location = _header(answer, b"location")
        target = _parse(location, target, policy)
    raise NotFetchedError("fetch.redirects")


def plain_address(url: str) -> tuple[str, str]:
    """Return `url` normalised to ASCII, and its host. Raises NotFetchedError unless it is plain http(s)."""
    target = _parse(url.partition("#")[0], None, None)
    return str(target), target.raw_host.decode("ascii").lower()


def _parse(url: str, base: httpx.URL | None, policy: FetchPolicy | None) -> httpx.URL:
    try:
        target = base.join(url) if base else httpx.URL(url)
        # httpx decodes the host on access: only here does a malformed one (xn--…) raise.
        host = target.host
    except (httpx.InvalidURL, ValueError, IndexError) as error:
        raise NotFetchedError("fetch.not_plain") from error
    # No host name has characters that a URL must escape.
    if target.scheme not in {"http", "https"} or not host or "%" in host or target.userinfo:
        raise NotFetchedError("fetch.not_plain")
    if len(target.raw_host) > _HOST_AT_MOST:
        raise NotFetchedError("fetch.not_plain")
    if policy and (target.port or {"http": 80, "https": 443}[target.scheme]) not in policy.ports:
        raise NotFetchedError("fetch.port")
    return target


def _read_answer(answer: httpcore.Response, limits: Limits, *, asked: set[bytes]) -> Fetched:
    validators = HttpValidators(_validator(answer, b"etag"), _validator(answer, b"last-modified"))
    if answer.status == httpx.codes.NOT_MODIFIED and asked & {b"If-None-Match", b"If-Modified-Since"}:
        return Fetched(None, validators)
    if answer.status != httpx.codes.OK:
        raise NotFetchedError(
            "fetch.status",
            status=answer.status,
            passing=answer.status in _PASSING,
            busy=answer.status in _BUSY,
            wait_s=_seconds(_header(answer, b"retry-after")),
        )
    content = bytearray()
    for part in answer.iter_stream():
        content += part
        limits.check_bytes(len(content))
    if sniff_format(bytes(content[:64])) is None:
        raise NotFetchedError("image.unknown_format")
    return Fetched(bytes(content), validators)


def _header(answer: httpcore.Response, wanted: bytes) -> str:
    found = next((value for name, value in answer.headers if name.lower() == wanted), b"")
    return found.decode("ascii", "replace")


def _validator(answer: httpcore.Response, name: bytes) -> str:
    validator = _header(answer, name)
    return validator if validator.isascii() and len(validator) <= _VALIDATOR_MAX_CHARACTERS else ""


def _seconds(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either form; None if it is missing or invalid."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


class GuardedBackend(httpcore.NetworkBackend):
    """Network backend that connects to checked addresses only, and enforces the deadline."""

    def __init__(self, policy: FetchPolicy, *, deadline: float) -> None:
        self._reach = policy
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
        raise refused or NotFetchedError("fetch.unknown_host", passing=True)

    def remaining(self) -> float:
        """Return the seconds until the deadline. Raises NotFetchedError once it has passed."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise NotFetchedError("fetch.too_slow", passing=True)
        return seconds

    def _resolve(self, host: str, port: int) -> list[IPAddress]:
        # The system's resolver has no timeout, so it runs in a thread; a late answer is dropped.
        beside = ThreadPoolExecutor(max_workers=1)
        try:
            found = beside.submit(self._reach.resolve, host, port).result(timeout=self.remaining())
            addresses = [ip_address(address) for address in found]
        except (OSError, ValueError) as error:  # TimeoutError is an OSError, UnicodeError a ValueError.
            raise NotFetchedError("fetch.unknown_host", passing=True) from error
        finally:
            beside.shutdown(wait=False)
        if not all(self._reach.allow(address) for address in addresses):
            raise NotFetchedError("fetch.not_public")
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads and writes time out at the deadline, also if the server sends byte by byte."""

    def __init__(self, stream: httpcore.NetworkStream, wire: GuardedBackend) -> None:
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
