"""Generated hostile files: decompression bombs, polyglots, truncated and corrupted pictures; and unusual valid ones."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
DAMAGED_EACH = 10


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A test file. `readable`: True if it must be accepted as a picture, False if refused, None if either is fine."""

    kind: str
    name: str
    content: bytes
    readable: bool | None = None


def made_files(*, seed: int = 1) -> Iterator[HostileFile]:
    """Yield all generated files, deterministic for a seed."""
    yield from bombs()
    yield from deceivers()
    yield from turned()
    yield from damaged(random.Random(seed))  # noqa: S311  (no secret)
    yield from odd()


def picture(size: tuple[int, int] = (120, 160)) -> Image.Image:
    """Return a picture without rotation or mirror symmetry, so that its orientation can be told."""
    drawn = Image.new("RGB", size, "#f4f1ec")
    drawn.paste("#b00020", (0, 0, size[0] // 2, size[1] // 3))
    drawn.paste("#1f3a5f", (size[0] // 3, size[1] // 2, size[0], size[1]))
    return drawn


def encoded(drawn: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    drawn.save(file, file_format, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def bombs() -> Iterator[HostileFile]:
    pixels, end = chunk(b"IDAT", zlib.compress(b"\0" * 31 * 10)), chunk(b"IEND", b"")
    text = zlib.compress(b"\0" * 100_000_000, 9)
    for side in (9_000, 65_535, 2**31 - 1):
        yield HostileFile("bomb", f"{side}.png", png(header(side, side), pixels, end), False)
    yield HostileFile("bomb", "text.png", png(header(10, 10), chunk(b"zTXt", b"a\0\0" + text), pixels, end), False)
    yield HostileFile("bomb", "profile.png", png(header(10, 10), chunk(b"iCCP", b"a\0\0" + text), pixels, end), False)
    pieces = png(header(10, 10)) + chunk(b"abCd", b"") * 500_000 + pixels + end
    yield HostileFile("bomb", "chunks.png", pieces, False)
    canvas = (16_000 - 1).to_bytes(3, "little") * 2
    webp = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + canvas
    yield HostileFile("bomb", "canvas.webp", b"RIFF" + struct.pack("<I", len(webp)) + webp, False)
    gif = bytearray(encoded(Image.new("P", (8, 8)), "GIF"))
    struct.pack_into("<HH", gif, 6, 65_535, 65_535)
    yield HostileFile("bomb", "canvas.gif", bytes(gif), False)
    jpeg = encoded(picture((64, 96)), "JPEG")
    yield HostileFile("bomb", "header.jpg", jpeg.replace(b"\0\x60\0\x40\x03", b"\xff\xff\xff\xff\x03"), False)
    yield HostileFile("bomb", "comments.jpg", jpeg[:2] + b"\xff\xfe\0\2" * 2_000_000 + jpeg[2:], False)


def deceivers() -> Iterator[HostileFile]:
    """Yield files whose content does not match their type, and polyglots."""
    script = b"<script>alert(1)</script>"
    jpeg = encoded(picture(), "JPEG")
    yield HostileFile("polyglot", "script.jpg", jpeg + script, True)
    yield HostileFile("polyglot", "comment.jpg", encoded(picture(), "JPEG", comment=b"*/alert(1)/*"), True)
    yield HostileFile("polyglot", "script.gif", b"GIF89a/*" + script, False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("../../evil.txt"), "evil")
    yield HostileFile("polyglot", "archive.jpg", jpeg + archive.getvalue(), True)
    yield HostileFile("polyglot", "archive.zip", archive.getvalue(), False)
    for name, content in {
        "page.jpg": b"<!DOCTYPE html>" + script,
        "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "paper.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj",
        "script.png": b"#!/bin/sh\necho hello\n",
        "program.jpg": b"\x7fELF" + b"\0" * 500,
        "empty.jpg": b"",
        "one.jpg": b"\xff",
        "marks.jpg": b"\xff\xd8\xff\xd9",
        "postscript.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "zeros.jpg": b"\0" * 1_000_000,
    }.items():
        yield HostileFile("no picture", name, content, False)


def turned() -> Iterator[HostileFile]:
    """Yield the eight EXIF orientations in the formats that support them."""
    for file_format in ("JPEG", "PNG", "WEBP"):
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[ORIENTATION] = orientation
            name = f"{orientation}.{file_format.lower()}"
            yield HostileFile("orientation", name, encoded(picture(), file_format, exif=exif), True)


def damaged(chance: random.Random) -> Iterator[HostileFile]:
    """Yield valid files with corrupted bytes, and truncated ones."""
    for file_format in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        whole = encoded(picture(), file_format)
        for number in range(DAMAGED_EACH):
            spoilt = bytearray(whole)
            for _ in range(1 + number):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            yield HostileFile("damaged", f"{number}.{file_format.lower()}", bytes(spoilt))
            cut = chance.randrange(len(whole))
            yield HostileFile("cut off", f"{number}.{file_format.lower()}", whole[:cut], None if cut else False)


def odd() -> Iterator[HostileFile]:
    """Yield valid pictures of unusual kinds."""
    yield HostileFile("odd", "cmyk.jpg", encoded(picture().convert("CMYK"), "JPEG"), True)
    yield HostileFile("odd", "grey.png", encoded(picture().convert("L"), "PNG"), True)
    yield HostileFile("odd", "sixteen.png", encoded(Image.new("I;16", (50, 60), 30_000), "PNG"), True)
    yield HostileFile("odd", "palette.png", encoded(picture().convert("P"), "PNG", transparency=0), True)
    yield HostileFile("odd", "clear.webp", encoded(Image.new("RGBA", (50, 60), (0, 0, 0, 0)), "WEBP"), True)
    yield HostileFile("odd", "dot.png", encoded(picture((1, 1)), "PNG"), True)
    yield HostileFile("odd", "strip.png", encoded(picture((8_000, 160)), "PNG"), True)
    yield HostileFile("odd", "thread.png", encoded(picture((8_000, 3)), "PNG"), False)
    frames = [picture((40, 40)).rotate(turn) for turn in range(0, 360, 3)]
    yield HostileFile("odd", "moving.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), True)
    yield HostileFile("odd", "progressive.jpg", encoded(picture(), "JPEG", progressive=True), True)
