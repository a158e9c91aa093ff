"""Pictures that arrive as text."""

from __future__ import annotations

import base64

import pytest

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging import Limits, decode_base64

# Every value of a byte, so both the standard and the URL-safe alphabet show all their characters.
BYTES = bytes(range(256)) * 3 + b"ab"
TEXT = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"data:image/jpeg;base64,{TEXT}",
        f"data:;base64,{TEXT}",
        f" data:image/png;name=a.png;BASE64,{TEXT}\n",
        "\r\n".join(TEXT[i : i + 64] for i in range(0, len(TEXT), 64)),
        TEXT.rstrip("="),
        base64.urlsafe_b64encode(BYTES).decode(),
        base64.urlsafe_b64encode(BYTES).decode().rstrip("="),
    ],
)
def test_base64_is_read_in_every_common_form(text: str) -> None:
    assert decode_base64(text) == BYTES


def test_no_text_is_no_bytes() -> None:
    assert decode_base64("") == b""


@pytest.mark.parametrize("text", ["a", "abcde", "ab*d", "äbcd", "ab=d", "\0abc", "abcd\ud800", TEXT + "!", "abcd,efgh"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(UnreadableImageError, match="not base64"):
        decode_base64(text)


@pytest.mark.parametrize("text", ["data:image/svg+xml,%3Csvg/%3E", "data:image/png;base64;x,abcd", "data:,abcd"])
def test_a_data_address_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(UnreadableImageError, match=r"The data: URL is not base64"):
        decode_base64(text)


@pytest.mark.parametrize("size", [998, 999, 1_000])
def test_the_limit_counts_the_bytes_not_the_text(size: int) -> None:
    text = base64.encodebytes(b"\xff" * size).decode()

    assert len(decode_base64(text, limits=Limits(max_bytes=size))) == size
    with pytest.raises(ImageTooLargeError):
        decode_base64(text, limits=Limits(max_bytes=size - 1))


def test_text_that_is_mostly_white_space_is_too_large() -> None:
    with pytest.raises(ImageTooLargeError):
        decode_base64(" " * 100_000, limits=Limits(max_bytes=1_000))
