"""HTTP requests to URLs that others gave, protected against SSRF.

The host name is resolved once per connection; all its addresses must be public; the connection goes to a checked
address, while Host and TLS use the name. So neither a redirect nor DNS rebinding reaches the internal network. Nothing
is read from the environment: no proxy, no .netrc.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, TypeVar

import httpcore
import httpx

from catalogue.exceptions import NotFetchedError
from catalogue.imaging.addresses import FetchPolicy, IPAddress

T = TypeVar("T")

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
class Credentials:
    """A user and a password (HTTP Basic). They are sent to the host of the address only, never after a redirect."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True)
class Request:
    """What to ask for, and how. The validators `known` make the request conditional. `agent` is ASCII."""

    url: str
    policy: FetchPolicy = field(default_factory=FetchPolicy)
    agent: str = AGENT
    known: HttpValidators | None = None
    credentials: Credentials | None = None


@dataclass(frozen=True)
class Answer:
    """The answer to a request: its body in parts, and its validators. `not_modified`: it has no body."""

    parts: Iterable[bytes]
    validators: HttpValidators
    not_modified: bool = False


def get(request: Request, read: Callable[[Answer], T], *, accept: bytes) -> T:
    """Return what `read` makes of the answer, which has status 200, or 304 to a conditional request.

    Follows at most `policy.max_redirects` redirects and gives up `policy.timeout_s` seconds after the call, however the
    server behaves. Raises NotFetchedError, whose text names the cause: for staff, not for untrusted clients.
    """
    headers = [(b"Accept", accept), (b"Accept-Encoding", b"identity"), (b"User-Agent", request.agent.encode("ascii"))]
    if request.known and request.known.etag:
        headers.append((b"If-None-Match", request.known.etag.encode("ascii")))
    if request.known and request.known.last_modified:
        headers.append((b"If-Modified-Since", request.known.last_modified.encode("ascii")))
    with _pool(request.policy) as pool:
        return _follow(pool, request, read, headers)


def post(url: str, body: bytes, headers: Mapping[str, str], policy: FetchPolicy) -> int:
    """Send `body` to an https address, and return the status of the answer, of which nothing else is read.

    No redirect is followed. Raises NotFetchedError, as `get` does, also where no answer came in `policy.timeout_s`.
    """
    target = _parse(url, None, policy)
    if target.scheme != "https":
        raise NotFetchedError("fetch.not_plain")
    address = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    sent = [(b"Host", target.netloc), (b"Content-Length", str(len(body)).encode())]
    sent += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    with _pool(policy) as pool, pool.stream("POST", address, headers=sent, content=body) as answer:
        return int(answer.status)


@contextmanager
def _pool(policy: FetchPolicy) -> Iterator[httpcore.ConnectionPool]:
    """Yield connections that reach what the policy allows, for as long as it allows. Raises NotFetchedError."""
    wire = GuardedBackend(policy, deadline=time.monotonic() + policy.timeout_s)
    try:
        with httpcore.ConnectionPool(ssl_context=policy.tls, network_backend=wire) as pool:
            yield pool
    except httpcore.TimeoutException as error:
        raise NotFetchedError("fetch.too_slow", passing=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotFetchedError("fetch.connection", passing=True) from error


def _follow(
    pool: httpcore.ConnectionPool, request: Request, read: Callable[[Answer], T], headers: list[tuple[bytes, bytes]]
) -> T:
    policy = request.policy
    first = target = _parse(request.url, None, policy)
    for _ in range(policy.max_redirects + 1):
        address = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        sent = [(b"Host", target.netloc), *headers]
        if request.credentials and _origin(target) == _origin(first):
            sent.append((b"Authorization", _basic(request.credentials)))
        with pool.stream("GET", address, headers=sent) as answer:
            if answer.status not in _REDIRECTS:
                return read(_checked(answer, asked={name for name, _ in headers}))
            location = _header(answer, b"location")
        target = _parse(location, target, policy)
    raise NotFetchedError("fetch.redirects")


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host.lower(), url.port


def _basic(credentials: Credentials) -> bytes:
    return b"Basic " + b64encode(f"{credentials.user}:{credentials.password}".encode())


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


def check_address(url: str, policy: FetchPolicy) -> None:
    """Raise NotFetchedError where an address is refused by how it is written, before its host is looked up."""
    target = _parse(url, None, policy)
    try:
        allowed = policy.allow(ip_address(target.host))
    except ValueError:
        return
    if not allowed:
        raise NotFetchedError("fetch.not_public")


def _checked(answer: httpcore.Response, *, asked: set[bytes]) -> Answer:
    validators = HttpValidators(_validator(answer, b"etag"), _validator(answer, b"last-modified"))
    if answer.status == httpx.codes.NOT_MODIFIED and asked & {b"If-None-Match", b"If-Modified-Since"}:
        return Answer((), validators, not_modified=True)
    if answer.status != httpx.codes.OK:
        raise NotFetchedError(
            "fetch.status",
            status=answer.status,
            passing=answer.status in _PASSING,
            busy=answer.status in _BUSY,
            wait_s=_seconds(_header(answer, b"retry-after")),
        )
    return Answer(answer.iter_stream(), validators)


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
