"""Decodes a picture that was sent as base64."""

from __future__ import annotations

import base64
import binascii
import re

from catalogue.exceptions import UnreadableImageError
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits

_PREFIX = re.compile(r"\s*data:[^,]{0,200},", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")


def decode_base64(text: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes that `text` encodes, with or without a `data:` prefix.

    White space is skipped; the URL-safe alphabet and missing padding are accepted, since both are unambiguous. Any
    other character is refused. The size is checked before anything is decoded.

    Raises UnreadableImageError, or ImageTooLargeError.
    """
    # White space in lines of 64 characters adds a few percent. A text of twice the permitted length is refused here,
    # before `split`, which costs more.
    limits.check_bytes(len(text) // 8 * 3)
    if prefix := _PREFIX.match(text):
        if not prefix[0].rstrip(",").rstrip().lower().endswith(";base64"):
            raise UnreadableImageError("base64.not_in_data_url")
        text = text[prefix.end() :]
    compact = "".join(text.split()).rstrip("=")
    limits.check_bytes(len(compact) * 3 // 4)
    padded = compact.translate(_URL_SAFE) + "=" * (-len(compact) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableImageError("base64.invalid") from error
