"""Files by their names, wherever they are: below a folder of this machine, or in a bucket."""

from __future__ import annotations

import hashlib
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages

from catalogue.photos.object_storage import ObjectStorage
from shop.operations.files import copy_whole, files_in
from shop.operations.stores import FOLDERS, PUBLISHED

# An ETag that is the MD5 of the bytes: not of an object that was sent in parts, nor of some that are encrypted.
_MD5 = re.compile(r"[0-9a-f]{32}")


class Place(ABC):
    """Files by name. Its errors are OSErrors."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """Yield the names of all files, but for those that are being written."""

    @abstractmethod
    def known_digest(self, name: str) -> str | None:
        """Return the MD5 of a file; None where it is not known without reading all of it over a network.

        Raises FileNotFoundError.
        """

    @abstractmethod
    def local(self, name: str) -> Any:
        """Return a context with the path of a file's bytes on this machine."""

    @abstractmethod
    def put(self, path: Path, name: str) -> None:
        """Store a file's bytes under a name. They are whole, or as they were before."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file."""

    def digest(self, name: str) -> str:
        """Return the MD5 of a file, read whole if need be. Raises FileNotFoundError."""
        known = self.known_digest(name)
        if known is None:
            with self.local(name) as path:
                known = md5_of(path)
        return known


class FolderPlace(Place):
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> Iterator[str]:
        for path in files_in(self.folder):
            name = path.relative_to(self.folder)
            # A snapshot's note that this machine verified it is of no use elsewhere.
            if not any(part.startswith(".") for part in name.parts) and not path.name.startswith("verified-"):
                yield name.as_posix()

    def known_digest(self, name: str) -> str:
        return md5_of(self.folder / name)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        yield self.folder / name

    def put(self, path: Path, name: str) -> None:
        target = self.folder / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy_whole(path, target)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


class BucketPlace(Place):
    """The objects of a storage."""

    def __init__(self, storage: ObjectStorage) -> None:
        self.storage = storage

    def names(self) -> Iterator[str]:
        return (entry.name for entry in self.storage.entries())

    def known_digest(self, name: str) -> str | None:
        etag = self.storage.entry(name).etag
        return etag if _MD5.fullmatch(etag) else None

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".moving-") as folder:
            path = Path(folder) / "file"
            self.storage.download(name, path)
            yield path

    def put(self, path: Path, name: str) -> None:
        self.storage.upload(path, name)

    def remove(self, name: str) -> None:
        self.storage.delete(name)


def folder_of(storage: str) -> str:
    """Return the folder of a storage's files, in the data folder as in a bucket."""
    return (FOLDERS | PUBLISHED)[storage]


def folder_place(storage: str, root: Path | None = None) -> FolderPlace:
    """Return the files of a storage below the data folder, or below another one."""
    return FolderPlace((root or settings.DATA_DIR) / folder_of(storage))


def bucket_place(storage: str) -> BucketPlace:
    """Return the objects of a storage in the bucket that settings name."""
    return BucketPlace(ObjectStorage(**settings.BUCKET_STORAGES[storage]["OPTIONS"]))


def present_place(storage: str) -> Place:
    """Return where the shop has the files of a storage now."""
    present: Any = storages[storage] if storage in settings.STORAGES else None
    return BucketPlace(present) if isinstance(present, ObjectStorage) else folder_place(storage)


def copy_missing(source: Place, target: Place) -> int:
    """Copy the files whose names `target` does not have yet. Returns how many."""
    copied, there = 0, set(target.names())
    for name in source.names():
        if name in there:
            continue
        try:
            with source.local(name) as path:
                target.put(path, name)
        except FileNotFoundError:
            # The photo was deleted meanwhile, with its row.
            continue
        copied += 1
    return copied


def md5_of(path: Path) -> str:
    """Return the MD5 of a file, which is what stores know objects by. It finds damage, not forgery."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
