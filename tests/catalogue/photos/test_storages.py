"""What every storage of files does, on a disk or in an object store; and what a store does besides."""

from __future__ import annotations

import errno
import socket
import sys
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.utils import timezone

from catalogue.exceptions import ImageTooLargeError, StoreUnreachableError
from catalogue.photos.object_storage import ObjectStorage
from catalogue.photos.storage import WholeFileStorage
from tests.object_store import Bucket, keys_of

LIMIT = 1_000


@pytest.fixture
def objects(bucket: Bucket) -> ObjectStorage:
    return ObjectStorage(bucket=bucket, folder="photos", max_bytes=LIMIT)


@pytest.fixture(params=["files", "objects"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "files":
        return WholeFileStorage(location=tmp_path)
    return request.getfixturevalue("objects")


def silent_storage(bucket: Bucket, server: socket.socket) -> ObjectStorage:
    """A storage whose server accepts connections and says nothing."""
    host, port = server.getsockname()
    silent = {**bucket, "endpoint": f"http://{host}:{port}", "timeout_s": 0.2}
    return ObjectStorage(bucket=silent, folder="photos", max_bytes=LIMIT)


def test_a_file_is_kept_read_listed_and_removed(storage: Any) -> None:
    name = storage.save("ab/photo 1é.png", ContentFile(b"bytes"))
    storage.save("top.png", ContentFile(b"top"))

    with storage.open(name) as file:
        assert (file.read(), file.size) == (b"bytes", 5)
    with file.open() as again:
        assert again.read() == b"bytes"
    assert name == "ab/photo 1é.png"
    assert storage.read_start(name, 3) == b"byt"
    assert (storage.exists(name), storage.size(name)) == (True, 5)
    assert abs(storage.get_modified_time(name) - timezone.now()) < timedelta(minutes=1)
    assert storage.listdir("") == (["ab"], ["top.png"])
    assert storage.listdir("ab") == ([], ["photo 1é.png"])

    storage.delete(name)
    storage.delete(name)

    assert not storage.exists(name)


@pytest.mark.parametrize("content", [ContentFile(b"bytes", "x.png"), File(BytesIO(b"bytes"), "x.png")])
def test_a_file_that_was_read_is_kept_whole_and_left_open(storage: Any, content: File[bytes]) -> None:
    content.seek(3)

    with storage.open(storage.save("photo", content)) as file:
        assert file.read() == b"bytes"
    content.seek(0)
    assert content.read() == b"bytes"


def test_a_name_is_not_given_twice(storage: Any) -> None:
    first = storage.save("photo.png", ContentFile(b"1"))
    second = storage.save("photo.png", ContentFile(b"2"))

    assert first != second
    with storage.open(first) as file:
        assert file.read() == b"1"


@pytest.mark.parametrize("ask", ["open", "size", "get_modified_time"])
def test_a_missing_file_is_told_as_such(storage: Any, ask: str) -> None:
    with pytest.raises(FileNotFoundError):
        getattr(storage, ask)("missing")


@pytest.mark.parametrize("name", ["../secret-key", "/etc/passwd", "ab/../../secret-key"])
def test_no_name_leads_outside(storage: Any, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage.open(name)


def test_names_in_a_bucket_begin_with_the_folder_of_the_shop(objects: ObjectStorage, bucket: Bucket) -> None:
    objects.save("ab/photo.png", ContentFile(b"1"))

    assert keys_of(bucket) == {"photos/ab/photo.png"}


def test_an_object_over_the_limit_is_not_read(objects: ObjectStorage, tmp_path: Path) -> None:
    objects.save("large", ContentFile(b"x" * (LIMIT + 1)))

    with pytest.raises(ImageTooLargeError):
        objects.open("large")
    with pytest.raises(ImageTooLargeError):
        objects.download("large", tmp_path / "large")

    assert list(tmp_path.iterdir()) == []


def test_without_its_client_a_bucket_says_what_to_install(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    storage = ObjectStorage(bucket={**bucket, "region": "elsewhere"}, folder="photos", max_bytes=LIMIT)

    with pytest.raises(ImproperlyConfigured, match="--extra s3"):
        storage.open("photo.png")


def test_a_store_that_answers_can_be_pinged(objects: ObjectStorage) -> None:
    objects.ping()


def test_a_file_is_sent_and_fetched_whole(objects: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(b"x" * 17_000_000)

    objects.upload(tmp_path / "sent", "ab/large")
    objects.download("ab/large", tmp_path / "fetched", max_bytes=20_000_000)

    assert (tmp_path / "fetched").read_bytes() == (tmp_path / "sent").read_bytes()
    assert [(each.name, each.size) for each in objects.entries("ab")] == [("ab/large", 17_000_000)]


@pytest.mark.parametrize("ask", ["open", "exists", "size", "delete", "listdir"])
def test_a_bucket_that_is_gone_does_not_pass_for_missing_files(bucket: Bucket, ask: str) -> None:
    gone = ObjectStorage(bucket={**bucket, "name": "another-bucket"}, folder="photos", max_bytes=LIMIT)

    with pytest.raises(StoreUnreachableError):
        getattr(gone, ask)("photo.png")
    with pytest.raises(StoreUnreachableError):
        gone.ping()


def test_a_store_that_is_silent_is_waited_for_once(bucket: Bucket) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        storage = silent_storage(bucket, server)

        with pytest.raises(StoreUnreachableError) as raised:
            storage.open("photo.png")
        begun = time.monotonic()
        for _ in range(20):
            with pytest.raises(StoreUnreachableError):
                storage.save("photo.png", ContentFile(b"1"))

    assert raised.value.errno == errno.EIO
    assert raised.value.strerror
    assert time.monotonic() - begun < 0.2
