"""Copies of files that are whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a storage, without temporary ones that are still being written."""
    return (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file atomically: write a temporary one, flush it, rename it. Readable by its owner only."""
    part = part_of(target)
    shutil.copyfile(source, part)
    finish(part, target)


def part_of(path: Path) -> Path:
    """Return where a file is written before it gets its name."""
    return path.with_name(f".{path.name}.part")


def finish(part: Path, path: Path) -> None:
    """Flush a file that was written, and give it its name. Readable by its owner only."""
    part.chmod(0o600)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
