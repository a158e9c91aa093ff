"""ZIP files, made as programs make them, and as only an attacker does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

# What a central directory has at these offsets of each member: flags, CRC, the size unpacked.
FLAGS, SIZE = 8, 24


def zip_of(path: Path, files: dict[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a ZIP of these files, and return its path."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def zip_of_raw_names(path: Path, files: dict[bytes, bytes]) -> Path:
    """Write a ZIP whose names are these bytes, of which no flag says how they are encoded."""
    content = io.BytesIO()
    names = {f"{number:0{len(raw)}d}": raw for number, raw in enumerate(files)}
    with zipfile.ZipFile(content, "w") as archive:
        for name, raw in names.items():
            archive.writestr(name, files[raw])
    written = content.getvalue()
    for name, raw in names.items():
        written = written.replace(name.encode(), raw)
    path.write_bytes(written)
    return path


def alter_directory(path: Path, at: int, value: bytes) -> Path:
    """Change the entry of the first member in the directory."""
    content = bytearray(path.read_bytes())
    begin = content.index(b"PK\x01\x02") + at
    content[begin : begin + len(value)] = value
    path.write_bytes(content)
    return path
