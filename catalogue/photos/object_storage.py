"""Storage of files as objects of an S3-compatible store, so that several machines need no shared disk.

Errors of the store are raised as those of files: a missing object is a FileNotFoundError, anything else a
StoreUnreachableError, which is an OSError. So whatever copes with a disk copes with a store.
"""

from __future__ import annotations

import errno
import posixpath
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Self

from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.encoding import filepath_to_uri

from catalogue.exceptions import ImageTooLargeError, StoreUnreachableError

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig

# Seconds for which a store that did not answer is not asked again: pages would wait for it one after the other.
REST_S = 5.0
# Seconds that a check of health waits for the store.
PING_TIMEOUT_S = 1.0
# An object that is read is in memory up to this size, beyond in a temporary file.
IN_MEMORY_BYTES = 32_000_000
CHUNK_BYTES = 1_000_000
# A store that sends slower than this counts as one that does not answer.
SLOWEST_BYTES_A_S = 100_000
# Large files are sent and fetched in parts of this size, a few at once.
PART_BYTES, PARTS_AT_ONCE = 16_000_000, 4
# Connections of a process: a web process has 16 threads.
CONNECTIONS = 32

# Files are as they came: none may show as a page, whatever the bucket allows.
CONTENT_TYPE = "application/octet-stream"
MISSING = {"404", "NoSuchKey"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which bucket of which store, and how it is reached. Without keys, boto3 looks for them: a role, a profile.

    `endpoint` is the address of a store that is not Amazon's. All names begin with `folder`.
    """

    name: str
    folder: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An object: its name within the storage, its size in bytes, and its ETag, mostly the MD5 of its bytes."""

    name: str
    size: int
    etag: str


class Connection:
    """A process's connections to a bucket. Clients of boto3 are thread-safe, and costly: 0.2 s and 12 MB each."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self._lock = threading.Lock()
        self._clients: dict[float, Any] = {}
        self._rests_until = 0.0
        self._reason = ""

    def client(self, timeout_s: float = 0.0) -> Any:
        """Return a client of boto3 with a time limit, by default the bucket's. Not made before it is needed."""
        timeout_s = timeout_s or self.bucket.timeout_s
        with self._lock:
            if timeout_s not in self._clients:
                self._clients[timeout_s] = _client(self.bucket, timeout_s)
            return self._clients[timeout_s]

    @contextmanager
    def asking(self, name: str, *, timeout_s: float = 0.0) -> Iterator[Any]:
        """Yield the client, and raise what it says of an object as OSErrors.

        After no answer within the bucket's own time limit, every further call fails at once for REST_S.
        """
        client = self.client(timeout_s)
        from boto3.exceptions import Boto3Error  # noqa: PLC0415  (an extra)
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

        if time.monotonic() < self._rests_until:
            raise _unreachable(self._reason, name)
        try:
            yield client
        except ClientError as error:
            # A missing bucket must not pass for missing files: photos would count as lost.
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in MISSING:
                raise FileNotFoundError(errno.ENOENT, "There is no such object", name) from error
            raise _unreachable(str(error), name) from error
        except (BotoCoreError, Boto3Error) as error:
            reason = f"The store of files does not answer: {error}"
            if not timeout_s:
                self._reason, self._rests_until = reason, time.monotonic() + REST_S
            raise _unreachable(reason, name) from error

    def ping(self) -> None:
        """Raise StoreUnreachableError unless the bucket answers within PING_TIMEOUT_S and may be used."""
        with self.asking(self.bucket.name, timeout_s=PING_TIMEOUT_S) as client:
            require_bucket(client, self.bucket.name)


@cache
def connection_to(bucket: Bucket) -> Connection:
    """Return this process's connections to a bucket, which all its storages share."""
    return Connection(bucket)


def _client(bucket: Bucket, timeout_s: float) -> Any:
    try:
        import boto3  # noqa: PLC0415  (an extra)
        from botocore.config import Config  # noqa: PLC0415  (as above)
    except ImportError as error:
        raise ImproperlyConfigured(
            "SHOP_S3_BUCKET needs the package boto3. Install it: .venv/bin/uv sync --frozen --inexact --extra s3"
        ) from error
    config = Config(
        connect_timeout=timeout_s,
        read_timeout=timeout_s,
        retries={"mode": "standard", "total_max_attempts": 1 if timeout_s == PING_TIMEOUT_S else 2},
        max_pool_connections=CONNECTIONS,
        # Checksums of Amazon's own, which other stores refuse.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = boto3.Session(
        aws_access_key_id=bucket.access_key or None,
        aws_secret_access_key=bucket.secret_key or None,
        region_name=bucket.region or None,
    )
    return session.client("s3", endpoint_url=bucket.endpoint or None, config=config)


class ObjectFile(File):  # type: ignore[type-arg]  # no [] at run time
    """An object that was fetched, whole; again if it is opened once more after it was closed."""

    def __init__(self, storage: ObjectStorage, name: str) -> None:
        self._storage = storage
        super().__init__(storage.fetch(name), name)

    def open(self, mode: str | None = None, *args: Any, **options: Any) -> Self:
        if self.closed:
            self.file = self._storage.fetch(str(self.name))
        self.seek(0)
        return self


class ObjectStorage(Storage):
    """The files below a folder of a bucket.

    An object larger than `max_bytes` is not read. With `allow_overwrite` a name that is taken is written again.
    """

    def __init__(
        self,
        *,
        bucket: Mapping[str, Any],
        folder: str,
        max_bytes: int,
        base_url: str | None = None,
        allow_overwrite: bool = False,
    ) -> None:
        """Take the fields of a Bucket; nothing is asked of it yet."""
        self.bucket, self.max_bytes, self.allow_overwrite = Bucket(**bucket), max_bytes, allow_overwrite
        self.folder, self.base_url = posixpath.join(self.bucket.folder, folder), base_url or "/"
        self.connection = connection_to(self.bucket)
        self._bucket_exists = False

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError(f"An object is read as bytes, and written by save(): {mode}")
        return ObjectFile(self, name)

    def fetch(self, name: str) -> IO[bytes]:
        """Return an object's bytes, in memory or in a temporary file. Raises ImageTooLargeError over `max_bytes`."""
        with self.connection.asking(name) as client:
            answer = client.get_object(Bucket=self.bucket.name, Key=self._key(name))
            size = answer["ContentLength"]
            with closing(answer["Body"]) as body, ExitStack() as on_error:
                self._refuse_large(size)
                content: IO[bytes] = BytesIO() if size <= IN_MEMORY_BYTES else TemporaryFile()  # noqa: SIM115  (the caller's)
                on_error.callback(content.close)
                until = time.monotonic() + self.bucket.timeout_s + size / SLOWEST_BYTES_A_S
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    content.write(chunk)
                    if time.monotonic() > until:
                        raise _unreachable("The store of files sends too slowly.", name)
                on_error.pop_all()
        content.seek(0)
        return content

    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        # Django's File passes on what a file can; boto3 looks for the file's own methods.
        body = getattr(content, "file", None) or content
        with self.connection.asking(name) as client:
            client.put_object(Bucket=self.bucket.name, Key=self._key(name), Body=body, ContentType=CONTENT_TYPE)
        return name

    def read_start(self, name: str, count: int) -> bytes:
        """Return up to `count` first bytes of an object."""
        with self.connection.asking(name) as client:
            wanted = f"bytes=0-{count - 1}"
            answer = client.get_object(Bucket=self.bucket.name, Key=self._key(name), Range=wanted)
            with closing(answer["Body"]) as body:
                return bytes(body.read(count))

    def upload(self, file: Path, name: str) -> None:
        """Put a file's bytes into an object, a large one in parts. It is whole, or as it was before."""
        with self.connection.asking(name) as client:
            client.upload_file(str(file), self.bucket.name, self._key(name), Config=_in_parts())

    def download(self, name: str, file: Path, *, max_bytes: int | None = None) -> None:
        """Write an object's bytes into a file, a large one in parts. Raises ImageTooLargeError as `open` does."""
        with self.connection.asking(name) as client:
            self._refuse_large(self._head(client, name)["ContentLength"], max_bytes)
            client.download_file(self.bucket.name, self._key(name), str(file), Config=_in_parts())

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """Yield all objects below a folder, in the order of their names."""
        prefix = self._prefix(folder)
        for page in self._pages(prefix):
            for each in page.get("Contents", ()):
                name = each["Key"][len(self._prefix("")) :]
                yield Entry(name, each["Size"], each["ETag"].strip('"'))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        prefix, folders, files = self._prefix(path), [], []
        for page in self._pages(prefix, Delimiter="/"):
            folders += [each["Prefix"][len(prefix) : -1] for each in page.get("CommonPrefixes", ())]
            files += [each["Key"][len(prefix) :] for each in page.get("Contents", ())]
        return folders, files

    def delete(self, name: str) -> None:
        if not name:
            raise ValueError("The name must be given to delete().")
        with self.connection.asking(name) as client:
            client.delete_object(Bucket=self.bucket.name, Key=self._key(name))

    def exists(self, name: str) -> bool:
        try:
            self.entry(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return self.entry(name).size

    def entry(self, name: str) -> Entry:
        """Return an object's size and ETag. Raises FileNotFoundError."""
        with self.connection.asking(name) as client:
            head = self._head(client, name)
        return Entry(name, head["ContentLength"], head["ETag"].strip('"'))

    def get_modified_time(self, name: str) -> datetime:
        with self.connection.asking(name) as client:
            modified: datetime = self._head(client, name)["LastModified"]
        return modified

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name if self.allow_overwrite else super().get_available_name(name, max_length)

    def url(self, name: str | None) -> str:
        """Return an address as files have one; originals are not served under theirs."""
        return f"{self.base_url}{filepath_to_uri(name or '')}"

    def ping(self) -> None:
        """Raise StoreUnreachableError unless the bucket answers soon and may be used."""
        self.connection.ping()

    def _head(self, client: Any, name: str) -> Any:
        try:
            return client.head_object(Bucket=self.bucket.name, Key=self._key(name))
        except client.exceptions.ClientError:
            # This answer has no body: whether it is the object that is missing, or the bucket, has to be asked.
            if not self._bucket_exists:
                require_bucket(client, self.bucket.name)
                self._bucket_exists = True
            raise

    def _pages(self, prefix: str, **more: str) -> Iterator[Any]:
        with self.connection.asking(prefix) as client:
            yield from client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket.name, Prefix=prefix, **more)

    def _prefix(self, folder: str) -> str:
        return f"{self._key(folder) if folder else self.folder}/"

    def _key(self, name: str) -> str:
        path = posixpath.normpath(name)
        if not name or path.startswith(("/", "../")) or path in {".", ".."} or "\0" in path:
            raise SuspiciousFileOperation(f"{name!r} is no name below {self.folder}")
        return posixpath.join(self.folder, path)

    def _refuse_large(self, size: int, max_bytes: int | None = None) -> None:
        limit = self.max_bytes if max_bytes is None else max_bytes
        if size > limit:
            raise ImageTooLargeError("image.over_bytes", limit=limit / 1e6)


def require_bucket(client: Any, name: str) -> None:
    """Raise StoreUnreachableError if a bucket is missing, or not for us."""
    try:
        client.head_bucket(Bucket=name)
    except client.exceptions.ClientError as error:
        raise _unreachable(f"The bucket {name} cannot be used: {error}", name) from error


def _unreachable(reason: str, name: str) -> StoreUnreachableError:
    return StoreUnreachableError(errno.EIO, reason, name)


@cache
def _in_parts() -> TransferConfig:
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415  (an extra)

    return TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
