"""Downloads a file of bounded size from a URL to a local file, decompressed if it is a gzip file."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from catalogue.exceptions import NotFetchedError
from catalogue.imaging.guarded_client import Answer, HttpValidators, Request, get

_GZIP = b"\x1f\x8b"
# A part is decompressed so many bytes at a time: 64 kB of gzip may be 66 MB.
_CHUNK = 1_000_000


@dataclass(frozen=True)
class Downloaded:
    """What was downloaded: its size in bytes and SHA-256 (decompressed), or `not_modified`; and its validators."""

    size: int
    sha256: str
    validators: HttpValidators
    not_modified: bool = False


def download(
    request: Request, target: IO[bytes], *, max_bytes: int, heartbeat: Callable[[], None] = lambda: None
) -> Downloaded:
    """Write the file that is requested to `target`; neither what is sent nor what comes of it may exceed `max_bytes`.

    `heartbeat` is called for each part that arrives, and may raise to end the download. Raises NotFetchedError.
    """

    def read(answer: Answer) -> Downloaded:
        if answer.not_modified:
            return Downloaded(0, "", answer.validators, not_modified=True)
        digest, size = hashlib.sha256(), 0
        for part in _plain(_bounded(answer.parts, max_bytes), max_bytes):
            heartbeat()
            digest.update(part)
            target.write(part)
            size += len(part)
        return Downloaded(size, digest.hexdigest(), answer.validators)

    return get(request, read, accept=b"*/*")


def _bounded(parts: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield the parts. Raises NotFetchedError when there are more bytes than allowed."""
    size = 0
    for part in parts:
        size += len(part)
        if size > max_bytes:
            raise NotFetchedError("fetch.file_too_large", limit=max_bytes / 1e6)
        yield part


def _plain(parts: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield the parts of a file, decompressed if it begins as a gzip file does."""
    start = b""
    for part in parts:
        start += part
        if len(start) >= len(_GZIP):
            break
    if start.startswith(_GZIP):
        yield from _bounded(_gunzip(start, parts), max_bytes)
    else:
        yield start
        yield from parts


def _gunzip(start: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    member, waiting = zlib.decompressobj(wbits=31), start
    try:
        while True:
            plain = member.decompress(waiting, _CHUNK)
            yield plain
            waiting = member.unconsumed_tail
            if member.eof:
                # What follows is another member of the file, or padding with null bytes.
                waiting = member.unused_data.lstrip(b"\0") or _after_padding(parts)
                if not waiting:
                    return
                member = zlib.decompressobj(wbits=31)
            elif not waiting:
                waiting = next(parts, b"")
                # What it holds back comes without more of the file.
                if not waiting and not plain:
                    raise NotFetchedError("fetch.gzip_cut_off", passing=True)
    except zlib.error as error:
        raise NotFetchedError("fetch.gzip_damaged") from error


def _after_padding(parts: Iterator[bytes]) -> bytes:
    return next((part for part in (part.lstrip(b"\0") for part in parts) if part), b"")
