"""ZIP files of photos, read in place: nothing is unpacked, a member's name is never used as a path.

A ZIP is checked as a whole before anything of it is read, by its directory. zipfile reads no more of a member than the
directory says, so what is checked there bounds what any ZIP can cost.
"""

from __future__ import annotations

import io
import re
import stat
import weakref
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Literal
from unicodedata import normalize

from catalogue.feeds.rows import CellError, FeedError
from catalogue.messages.message import shorten
from catalogue.naming import name_key

# The first bytes of a ZIP: of one with members, and of one without.
MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
MEMBERS_AT_MOST = 20_000
# In bytes. The directory is held in memory, and has 46 bytes of each member at the least.
_DIRECTORY_AT_MOST = 200 * MEMBERS_AT_MOST
UNPACKED_AT_MOST = 20_000_000_000
# Of one member: more than a photo may have, for a table.
MEMBER_AT_MOST = 500_000_000
# How many times smaller than what it holds a member may be, above a size from which that costs something. A table of
# equal rows reaches 100; DEFLATE goes up to 1,032.
RATIO_AT_MOST, RATIO_FROM = 200, 1_000_000
PATH_AT_MOST = 1_000

_NESTED = re.compile(r"\.(?:zip|rar|7z|tar|tgz|gz|bz2|xz|zst|jar)", re.IGNORECASE)
# What Windows takes for a device, whatever the extension, and in any folder.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# How a browser or a file manager calls a second copy: "photos (1)", "photos - Copy".
_COPY = re.compile(r"(?: ?\(\d+\)| [-\N{EN DASH}] cop(?:y|ie))+\Z", re.IGNORECASE)
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_LEFT_BEHIND = {"thumbs.db", "desktop.ini", "__macosx"}


def is_left_behind(name: str) -> bool:
    """Return whether a file or folder is hidden, or one that operating systems create."""
    return name.startswith(".") or name.lower() in _LEFT_BEHIND


@dataclass(frozen=True)
class ArchivedFile:
    """A member of a ZIP, to be opened as a path is."""

    archive: Archive = field(repr=False)
    # Within the ZIP, as people see it.
    path: PurePosixPath
    info: zipfile.ZipInfo = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.path.name

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Return the member's bytes as a file. Opening and reading it raise OSError, also for damaged bytes."""
        try:
            return io.BufferedReader(_Told(self.archive.zip.open(self.info)))
        except _DAMAGE as error:
            raise _damaged(error) from error


_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def _damaged(error: Exception) -> OSError:
    # zipfile's words have the member's name, which the message has too.
    return OSError(0, "damaged in the ZIP file" if not isinstance(error, NotImplementedError) else str(error))


class _Told(io.RawIOBase):
    """A member's bytes. What zipfile raises for damaged ones is an OSError here, as for damaged files on a disk."""

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the stubs have a private type
        try:
            content = self._member.read(len(buffer))
        except _DAMAGE as error:
            raise _damaged(error) from error
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._member.close()
        super().close()


class TooLongError(zipfile.BadZipFile):
    """The directory says that it is longer than any is."""


class DirectoryFile(io.FileIO):
    """A file of which, while its directory is read, no more is read at once than a directory may have."""

    bounded = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.bounded and size is not None and size > _DIRECTORY_AT_MOST:
            raise TooLongError
        return super().read(size)


def is_archive(path: Path) -> bool:
    """Return whether a file begins as a ZIP does. Raises FeedError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4) in MAGICS
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error


class Archive:
    """A ZIP of photos. Raises FeedError, when it is opened, for one that is damaged, hostile or too large.

    `files` has the files by their path, in the order of their names; `left_out` the names that are passed over. Where
    everything is in a folder that is called as the ZIP is, that folder is the ZIP's own and no part of the paths.
    """

    def __init__(self, path: Path, *, name: str = "", encoding: str | None = None) -> None:
        """`name` is what people call the ZIP. `encoding`: of names that do not say theirs; otherwise guessed."""
        self.name = name or path.name
        self.left_out: list[str] = []
        self.zip = self._open(path)
        members = self._checked(self.zip.infolist(), encoding, size=path.stat().st_size)
        self.files: Mapping[PurePosixPath, ArchivedFile] = {
            short: ArchivedFile(self, short, members[full]) for short, full in _without_wrapper(members, self.name)
        }
        self._alike = {name_key(str(short)): file for short, file in self.files.items()}
        self._by_name: dict[str, list[ArchivedFile]] = {}
        for file in self.files.values():
            self._by_name.setdefault(name_key(file.name), []).append(file)

    def _open(self, path: Path) -> zipfile.ZipFile:
        try:
            file = DirectoryFile(path)
        except OSError as error:
            raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
        # Closed with the last row that refers to a member.
        weakref.finalize(self, file.close)
        try:
            opened = zipfile.ZipFile(file)
        except (TooLongError, MemoryError) as error:
            raise FeedError("feed.archive_members", file=self.name, limit=MEMBERS_AT_MOST) from error
        except OSError as error:
            raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
        except _DAMAGE as error:
            raise FeedError("feed.bad_archive", file=self.name) from error
        file.bounded = False
        return opened

    def _checked(
        self, infos: list[zipfile.ZipInfo], encoding: str | None, *, size: int
    ) -> dict[PurePosixPath, zipfile.ZipInfo]:
        """Return the files by their path within the ZIP. Raises FeedError."""
        if len(infos) > MEMBERS_AT_MOST:
            raise FeedError("feed.archive_members", file=self.name, limit=MEMBERS_AT_MOST)
        members: dict[PurePosixPath, zipfile.ZipInfo] = {}
        known: dict[str, str] = {}
        for info in infos:
            name = self._name(info, encoding)
            path = PurePosixPath(name)
            if (first := known.setdefault(name_key(str(path)), name)) is not name:
                raise FeedError("feed.archive_same_names", file=self.name, one=_short(first), other=_short(name))
            if any(map(is_left_behind, path.parts)):
                if not name.endswith("/"):
                    self.left_out.append(name)
            elif not name.endswith("/"):
                self._check(info, name)
                members[path] = info
        if sum(info.file_size for info in infos) > UNPACKED_AT_MOST:
            raise FeedError("feed.archive_too_large", file=self.name, limit=UNPACKED_AT_MOST // 10**9)
        if sum(info.compress_size for info in infos) > size:
            # Members that overlap: the same bytes are to be unpacked again and again.
            raise FeedError("feed.bad_archive", file=self.name)
        return members

    def _name(self, info: zipfile.ZipInfo, encoding: str | None) -> str:
        """Return a member's name in NFC, with slashes. Raises FeedError for one that leads anywhere else."""
        name = normalize("NFC", self._decoded(info, encoding)).replace("\\", "/")
        mode = stat.S_IFMT(info.external_attr >> 16)
        parts = name.rstrip("/").split("/")
        if (
            name.startswith("/")
            or _DRIVE.match(name)
            or _CONTROL.search(name)
            or any(part in {"", ".", ".."} or _DEVICE.fullmatch(part) for part in parts)
            or mode not in {0, stat.S_IFREG, stat.S_IFDIR}
        ):
            raise FeedError("feed.archive_unsafe", file=self.name, member=_short(name))
        if len(name) > PATH_AT_MOST:
            raise FeedError("feed.archive_long_name", file=self.name, member=_short(name), limit=PATH_AT_MOST)
        return name

    def _decoded(self, info: zipfile.ZipInfo, encoding: str | None) -> str:
        # Not `filename`, which ends at a null character.
        name = info.orig_filename
        if info.flag_bits & _UTF8_NAME:
            return name
        raw = name.encode("cp437")
        # macOS writes UTF-8 and does not say so.
        for candidate in filter(None, (encoding, "utf-8")):
            try:
                return raw.decode(candidate)
            except UnicodeDecodeError:
                continue
            except LookupError as error:
                raise FeedError("feed.unknown_encoding", encoding=candidate) from error
        return name

    def _check(self, info: zipfile.ZipInfo, name: str) -> None:
        """Raise FeedError for a member that must not or cannot be read."""
        if info.flag_bits & _ENCRYPTED:
            raise FeedError("feed.archive_encrypted", file=self.name, member=_short(name))
        if _NESTED.fullmatch(PurePosixPath(name).suffix):
            raise FeedError("feed.archive_nested", file=self.name, member=_short(name))
        # LZMA may ask for gigabytes of memory; others are not implemented.
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise FeedError("feed.archive_method", file=self.name, member=_short(name))
        if info.file_size > MEMBER_AT_MOST:
            limit = MEMBER_AT_MOST // 10**6
            raise FeedError("feed.archive_member_too_large", file=self.name, member=_short(name), limit=limit)
        if info.file_size > RATIO_FROM and info.file_size > RATIO_AT_MOST * info.compress_size:
            raise FeedError("feed.archive_ratio", file=self.name, member=_short(name))

    def find(self, name: str, *, below: PurePosixPath) -> ArchivedFile:
        """Return the file `name`, as a table in the folder `below` calls it. Raises CellError if there is none.

        It is looked for in that folder, then from the ZIP's root; a name without a folder then finds the one file that
        is called so. Letter case and the form of accents do not matter.
        """
        if not name or "\0" in name:
            raise CellError("photo.no_name")
        asked = PurePosixPath(name.replace("\\", "/"))
        for path in (below / asked, asked):
            if found := self._alike.get(name_key(str(path))):
                return found
        called_so = self._by_name.get(name_key(asked.name), []) if len(asked.parts) == 1 else []
        if len(called_so) == 1:
            return called_so[0]
        if called_so:
            raise CellError("photo.several", photo=_short(name), number=len(called_so))
        raise CellError("photo.missing", photo=_short(name))


def _without_wrapper(members: Mapping[PurePosixPath, object], name: str) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Return each path without the ZIP's own folder, and with it, in the order of their names."""
    tops = {path.parts[0] for path in members if len(path.parts) > 1}
    wrapped = len(tops) == 1 and all(len(path.parts) > 1 for path in members)
    stem = _COPY.sub("", PurePosixPath(name).stem)
    own = wrapped and name_key(_COPY.sub("", tops.pop())) == name_key(stem)
    return [(path.relative_to(path.parts[0]) if own else path, path) for path in sorted(members)]


def _short(name: str) -> str:
    return shorten(name, 100)
