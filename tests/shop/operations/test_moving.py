"""Files moved from the data folder into a bucket and back, and backups of a shop whose files are in one."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from pytest_django import Settings

from shop.operations import backup
from shop.operations.moving import Outcome, move
from shop.operations.places import bucket_place, folder_place
from shop.operations.stores import bucket_storages
from tests.object_store import Bucket, client_of, keys_of

FILES = {"photos/ab/one.png": b"one", "drafts/two.png": b"two", "models/m-1/card.json": b"{}", "given/w.webp": b"w"}


@pytest.fixture
def data_folder(tmp_path: Path, settings: Settings, bucket: Bucket) -> Path:
    """A data folder with files, and a bucket beside it."""
    folder = settings.DATA_DIR = tmp_path / "data"
    settings.S3_BUCKET = bucket
    settings.BUCKET_STORAGES = bucket_storages(bucket, "/media/", {"photos": 1_000_000})
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def moved(*arguments: str) -> str:
    said = StringIO()
    call_command("move_files", *arguments, stdout=said)
    return said.getvalue()


def test_a_shop_is_moved_into_a_bucket_and_back(data_folder: Path, bucket: Bucket) -> None:
    rendition = data_folder / "renditions/ab/one-320.webp"
    rendition.parent.mkdir(parents=True)
    rendition.write_bytes(b"drawn")

    said = moved("--to", "s3")
    again = moved("--to", "s3", "--delete")

    assert "photos: 1 copied, 0 there, 0 left" in said
    assert "photos: 0 copied, 1 there, 0 left" in again
    assert keys_of(bucket) == set(FILES)
    kept = {"renditions/ab/one-320.webp": b"drawn", "models/m-1/card.json": b"{}"}
    assert contents(data_folder) == kept

    moved("--to", "files", "--delete")

    assert contents(data_folder) == {**FILES, **kept}
    assert keys_of(bucket) == set()


def test_a_file_that_cannot_be_moved_is_named_and_stays(
    data_folder: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = "catalogue.photos.object_storage.ObjectStorage.upload"
    monkeypatch.setattr(upload, lambda self, file, name: client_of(bucket).put_object(
        Bucket=bucket["name"], Key=f"{self.folder}/{name}", Body=b"something else"
    ))  # fmt: skip

    with pytest.raises(CommandError, match="4 files are left"):
        moved("--to", "s3", "--delete")
    assert contents(data_folder) == FILES

    monkeypatch.undo()
    moved("--to", "s3")
    assert client_of(bucket).get_object(Bucket=bucket["name"], Key="a shop/photos/ab/one.png")["Body"].read() == b"one"


def test_a_file_that_is_deleted_meanwhile_is_not_asked_for_again(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.operations.places.FolderPlace.names", lambda self: iter(["ab/one.png", "ab/deleted.png"]))

    outcomes = list(move(folder_place("photos"), bucket_place("photos"), delete=True))

    assert outcomes == [Outcome("ab/one.png", "copied"), Outcome("ab/deleted.png", "gone")]


def test_a_large_file_is_compared_though_the_store_names_it_otherwise(data_folder: Path) -> None:
    (data_folder / "photos/ab/one.png").write_bytes(b"x" * 17_000_000)
    source, target = folder_place("photos"), bucket_place("photos")

    first = list(move(source, target))
    target.storage.max_bytes = 20_000_000
    second = list(move(source, target))

    assert [outcome.state for outcome in first] == ["left"]
    assert second == [Outcome("ab/one.png", "there")]


def test_without_a_bucket_nothing_is_moved(data_folder: Path, settings: Settings) -> None:
    settings.S3_BUCKET = {"name": ""}

    with pytest.raises(CommandError, match="SHOP_S3_BUCKET"):
        moved("--to", "files")


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_the_files_of_a_bucket_and_puts_them_back(
    data_folder: Path, settings: Settings, bucket: Bucket, tmp_path: Path
) -> None:
    settings.STORAGES = {**settings.STORAGES, **settings.BUCKET_STORAGES}
    name = storages["photos"].save("ab/photo.png", ContentFile(b"photo"))
    storages["feedback_photos"].save("given.webp", ContentFile(b"given"))

    saved = backup.save(tmp_path / "saved")
    storages["photos"].delete(name)
    restored = backup.restore(tmp_path / "saved", replace=True)

    assert (saved.photos, saved.copied, restored.photos) == (1, 1, 1)
    assert (tmp_path / "saved/photos/ab/photo.png").read_bytes() == b"photo"
    assert not (tmp_path / "saved/given").exists()
    assert keys_of(bucket, "photos") == {name}
