"""Fetches a picture from a URL that an untrusted client gave."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from catalogue.exceptions import ImageTooLargeError, NotFetchedError, UnreachableUrlError
from catalogue.imaging.addresses import FetchPolicy
from catalogue.imaging.formats import sniff_format
from catalogue.imaging.guarded_client import AGENT, Answer, HttpValidators, Request, get
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits

logger = logging.getLogger(__name__)

# Refusals are delayed to a multiple of this after the request, against timing attacks.
REFUSED_EVERY_S = 1.0


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

    def read(answer: Answer) -> Fetched:
        return Fetched(None if answer.not_modified else _read_picture(answer, limits), answer.validators)

    try:
        return get(Request(url, policy or FetchPolicy(), agent, known), read, accept=b"image/*")
    except ImageTooLargeError as error:
        raise NotFetchedError(error.message) from error


def _read_picture(answer: Answer, limits: Limits) -> bytes:
    content = bytearray()
    for part in answer.parts:
        content += part
        limits.check_bytes(len(content))
    if sniff_format(bytes(content[:64])) is None:
        raise NotFetchedError("image.unknown_format")
    return bytes(content)
