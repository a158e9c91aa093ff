"""Copies of files that are whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path


def copy_new(source: Path, target: Path) -> int:
    """Copy the files of a folder that `target` does not have yet. Returns how many."""
    copied = 0
    for file in files_in(source):
        there = target / file.relative_to(source)
        if there.exists():
            continue
        there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            copy_whole(file, there)
        except FileNotFoundError:
            # The photo was deleted meanwhile, with its row.
            continue
        copied += 1
    return copied


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
