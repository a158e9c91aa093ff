"""Parsing of requests by waitress, with limits to lines, headers and chunks, which its event loop has to read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from waitress.parser import HTTPRequestParser

# Longer request lines, and more headers, are no browser's.
LINE_MAX_BYTES, HEADERS_AT_MOST = 8_190, 100
# Around the chunks of a body: a client may cut it into pieces of a few bytes, each of which takes time to read.
CHUNK_LINE_MAX_BYTES, CHUNKS_SPARE_BYTES = 1_024, 2_048
# Limits of chunks are looked at after so many bytes. Each chunk takes 4 microseconds.
CHUNKS_READ_AT_ONCE = 2_048


class Fault:
    """What is wrong with a request, as waitress's own errors say it."""

    def __init__(self, status: HTTPStatus) -> None:
        self.code, self.reason, self.body = int(status), status.phrase, ""


class Parser(HTTPRequestParser):
    """A request as far as it is received, with limits to its lines, headers and chunks."""

    error: Any
    # Its body is long, and the sender may send it.
    allowed = False
    # Its body is long, and was not received.
    unreceived = False
    _header = b""

    def parse_header(self, header_plus: bytes) -> None:
        self._header = header_plus
        super().parse_header(header_plus)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data[:CHUNKS_READ_AT_ONCE] if self.chunked else data)
        if self.error is None and (status := self._fault()):
            self.error = Fault(status)
        if self.error is not None:
            # Otherwise waitress asks for a body that it has refused already.
            self.completed, self.expect_continue = True, False
        return consumed

    @property
    def has_plain_body(self) -> bool:
        return self.body_rcv is not None and not self.chunked

    @property
    def held_bytes(self) -> int:
        """The bytes of the body in memory. A longer one is in a temporary file, and its sender was asked for it."""
        return 0 if self.body_bytes_received > self.adj.inbuf_overflow else self.body_bytes_received

    def _fault(self) -> HTTPStatus | None:
        if self._header:
            line, _, rest = self._header.partition(b"\r\n")
            self._header = b""
            if len(line) > LINE_MAX_BYTES:
                return HTTPStatus.REQUEST_URI_TOO_LONG
            if rest.count(b"\r\n") > HEADERS_AT_MOST:
                return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if self.chunked and self.body_rcv is not None:
            size = len(self.body_rcv)
            if size > self.adj.inbuf_overflow:
                return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            # Chunks of forty bytes and more are worth their lines.
            spent = self.body_bytes_received - size * 9 // 8
            longest = max(len(self.body_rcv.control_line), len(self.body_rcv.trailer))
            if spent > CHUNKS_SPARE_BYTES or longest > CHUNK_LINE_MAX_BYTES:
                return HTTPStatus.BAD_REQUEST
        return None
