"""A photo's file: where it may lie, what it must be, and its way into the shop's store."""

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
    """Return the file called `name` in `folder`. Raises CellError for one that is not there, or lies outside."""
    if not name or "\0" in name:
        raise CellError("photo.no_name")
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError) as error:  # A name that is too long, a link to itself.
        raise CellError("photo.not_opened", photo=shorten(name, NAME_AT_MOST)) from error
    if Path(name).is_absolute() or not inside:
        raise CellError("photo.outside", photo=shorten(name, NAME_AT_MOST))
    if not there:
        raise CellError("photo.missing", photo=shorten(name, NAME_AT_MOST))
    return path


def read_photo_file(path: Path, *, limits: Limits) -> PhotoFile:
    """Return the file at `path`, read no further than the limit. Raises CellError where that is not possible."""
    try:
        with path.open("rb") as file:
            content = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise CellError("photo.not_read", photo=path.name, error=str(error.strerror)) from error
    return PhotoFile(path.name, content, hashlib.sha256(content).hexdigest())


def check_photo_file(file: PhotoFile, *, limits: Limits) -> str:
    """Return the ending that the file deserves by what it holds. Raises CellError unless it is a whole picture."""
    try:
        return check_photo_bytes(file.content, limits=limits)
    except ImageError as error:
        raise CellError("photo.not_used", photo=file.name, reason=error.message) from error


def check_photo_bytes(content: bytes, *, limits: Limits) -> str:
    """Return the ending that a file deserves by what it holds. Raises ImageError unless it is a whole picture."""
    return FORMATS[describe_image(content, limits=limits).format]


def store_photo_file(file: PhotoFile, ending: str) -> str:
    """Put the file into the store of photos and return its name there."""
    return photo_storage().save(photo_path(Photo(), f"photo.{ending}"), ContentFile(file.content))
