"""Finds, checks and stores the file of a photo."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from django.core.files.base import ContentFile

from catalogue.exceptions import ImageError
from catalogue.feeds.rows import CellError, FeedError, PhotoOrigin
from catalogue.imaging import FORMATS, Limits, describe_image
from catalogue.messages.message import shorten
from catalogue.models import Photo, photo_path, photo_storage
from catalogue.naming import name_key

# A message quotes at most this many characters of a name.
NAME_AT_MOST = 100


@dataclass(frozen=True)
class PhotoFile:
    """A file that has been read: its bytes, and their SHA-256 in hexadecimal digits."""

    name: str
    content: bytes
    sha256: str


def find_inside(folder: Path, name: str) -> Path:
    """Return the path of the file `name` in `folder`. Raises CellError if it is missing or outside the folder.

    A backslash separates folders too. Where no file is called exactly so, letter case and the form of accents (NFC or
    NFD) do not matter, if just one file is meant.
    """
    if not name or "\0" in name:
        raise CellError("photo.no_name")
    try:
        path = (folder / name).resolve()
        if not path.is_file():
            name = name.replace("\\", "/")
            path = (_alike(folder, name) or folder / name).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError) as error:  # A name that is too long, a loop of symbolic links.
        raise CellError("photo.not_opened", photo=shorten(name, NAME_AT_MOST)) from error
    if Path(name).is_absolute() or not inside:
        raise CellError("photo.outside", photo=shorten(name, NAME_AT_MOST))
    if not there:
        raise CellError("photo.missing", photo=shorten(name, NAME_AT_MOST))
    return path


def _alike(folder: Path, name: str) -> Path | None:
    """Return the one path below `folder` that differs from `name` in letter case or the form of accents at most."""
    found = folder
    for part in PurePosixPath(name).parts:
        if part in {"/", ".."}:
            return None
        entries = _entries(found, _changed(found)).get(name_key(part), [])
        if len(entries) != 1:
            return None
        found /= entries[0]
    return found


def _changed(folder: Path) -> int:
    with suppress(OSError):
        return folder.stat().st_mtime_ns
    return 0


@lru_cache(maxsize=64)
def _entries(folder: Path, changed: int) -> dict[str, list[str]]:
    """Return the names in a folder by what they have in common that differ in case or form."""
    found: dict[str, list[str]] = {}
    with suppress(OSError):
        for entry in folder.iterdir():
            found.setdefault(name_key(entry.name), []).append(entry.name)
    return found


def read_photo_file(path: PhotoOrigin, *, limits: Limits) -> PhotoFile:
    """Return the file at `path`, read to one byte past the limit. Raises CellError if it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise CellError("photo.not_read", photo=path.name, error=str(error.strerror)) from error
    return PhotoFile(path.name, content, hashlib.sha256(content).hexdigest())


def check_photo_file(file: PhotoFile, *, limits: Limits) -> str:
    """Return the file extension of its format. Raises CellError unless the file is a complete picture."""
    try:
        return check_photo_bytes(file.content, limits=limits)
    except ImageError as error:
        raise CellError("photo.not_used", photo=file.name, reason=error.message) from error


def check_photo_bytes(content: bytes, *, limits: Limits) -> str:
    """Return the file extension of the format of `content`. Raises ImageError unless it is a complete picture."""
    return FORMATS[describe_image(content, limits=limits).format]


def store_photo_file(file: PhotoFile, ending: str) -> str:
    """Save the file in the photo storage, and return its name there. Raises FeedError if that is full."""
    try:
        return photo_storage().save(photo_path(Photo(), f"photo.{ending}"), ContentFile(file.content))
    except OSError as error:
        raise FeedError("feed.not_kept", file=file.name, error=str(error.strerror or error)) from error
