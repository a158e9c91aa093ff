"""Finds, checks and stores the file of a photo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile

from catalogue.exceptions import ImageError
from catalogue.feeds.rows import CellError
from catalogue.imaging import FORMATS, Limits, describe_image
from catalogue.messages.message import shorten
from catalogue.models import Photo, photo_path, photo_storage

# A message quotes at most this many characters of a name.
NAME_AT_MOST = 100


@dataclass(frozen=True)
class PhotoFile:
    """A file that has been read: its bytes, and their SHA-256 in hexadecimal digits."""

    name: str
    content: bytes
    sha256: str


def find_inside(folder: Path, name: str) -> Path:
    """Return the path of the file `name` in `folder`. Raises CellError if it is missing or outside the folder."""
    if not name or "\0" in name:
        raise CellError("photo.no_name")
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError) as error:  # A name that is too long, a loop of symbolic links.
        raise CellError("photo.not_opened", photo=shorten(name, NAME_AT_MOST)) from error
    if Path(name).is_absolute() or not inside:
        raise CellError("photo.outside", photo=shorten(name, NAME_AT_MOST))
    if not there:
        raise CellError("photo.missing", photo=shorten(name, NAME_AT_MOST))
    return path


def read_photo_file(path: Path, *, limits: Limits) -> PhotoFile:
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
    """Save the file in the photo storage, and return its name there."""
    return photo_storage().save(photo_path(Photo(), f"photo.{ending}"), ContentFile(file.content))
