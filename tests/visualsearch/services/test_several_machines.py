"""Machines with folders of their own, one database and one store: what one built, the others fetch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from catalogue.models import Photo
from tests.factories import PhotoFactory
from tests.object_store import Bucket, keys_of
from visualsearch import backends
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import VectorIndex
from visualsearch.models import LogEntry, ModelVersion
from visualsearch.services import model_files, versions
from visualsearch.services.indexing import embedding, indexing, publishing

pytestmark = pytest.mark.django_db

MoveTo = Callable[[str], None]


@pytest.fixture(autouse=True)
def move_to(settings: Settings, tmp_path: Path, files_in_bucket: Bucket) -> MoveTo:
    """Be a process that starts on the machine of this name. The first is "here"."""

    def move(name: str) -> None:
        options = {**settings.VECTOR_INDEX["OPTIONS"], "folder": tmp_path / name / "index"}
        settings.VECTOR_INDEX = {**settings.VECTOR_INDEX, "OPTIONS": options}
        settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / name / "models"}
        backends.reset_caches()
        model_files._published.clear()
        indexing._refreshed.clear()
        indexing._snapshot_checked.clear()

    move("here")
    return move


@pytest.fixture
def version() -> ModelVersion:
    return versions.serving_version()


@pytest.fixture
def photos(version: ModelVersion) -> list[Photo]:
    """Three photos that can be found."""
    made = [PhotoFactory.create(colour=colour) for colour in ("red", "green", "blue")]
    embedding.embed_photos([photo.pk for photo in made])
    return made


def index_of(version: ModelVersion) -> VectorIndex:
    version.refresh_from_db()
    return indexing.fresh_index(version)


def finish_fetching() -> None:
    for thread in publishing._beside.values():
        thread.join(10)


def test_a_machine_that_joins_opens_the_snapshot_of_another(
    version: ModelVersion, photos: list[Photo], move_to: MoveTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing.build_snapshot(version)
    photos[0].delete()
    monkeypatch.setattr(indexing, "_read_all_rows", lambda *arguments: pytest.fail("all rows are read"))
    LogEntry.objects.filter(sequence__lt=3).delete()

    move_to("there")
    index = index_of(version)

    assert (index.snapshot_sequence, index.sequence, len(index)) == (3, 4, 2)


def test_a_newer_snapshot_is_fetched_beside_the_one_that_serves(
    version: ModelVersion, photos: list[Photo], move_to: MoveTo, tmp_path: Path
) -> None:
    indexing.build_snapshot(version)
    move_to("there")
    index = index_of(version)
    move_to("here")
    photos[0].delete()
    indexing.build_snapshot(version)

    move_to("there")
    version.refresh_from_db()
    indexing.refresh(index, version)
    finish_fetching()
    indexing.refresh(index, version)
    finish_fetching()

    assert (index.snapshot_sequence, index.sequence, len(index)) == (4, 4, 2)


def test_a_machine_that_fetched_what_another_built_builds_nothing(
    version: ModelVersion, photos: list[Photo], move_to: MoveTo, settings: Settings, files_in_bucket: Bucket
) -> None:
    settings.INDEX_COMPACT_CHANGES = 3
    settings.INDEX_COMPACT_SHARE = 0.0
    indexing.build_snapshot(version)
    published = keys_of(files_in_bucket, "index")

    move_to("there")
    indexing.build_snapshot(version)

    assert keys_of(files_in_bucket, "index") == published


def test_the_log_is_kept_while_a_snapshot_cannot_be_published(
    version: ModelVersion, photos: list[Photo], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError("no store")

    indexing.build_snapshot(version)
    monkeypatch.setattr("catalogue.photos.object_storage.ObjectStorage.upload", refuse)
    for photo in photos:
        photo.delete()
        indexing.build_snapshot(version)

    assert LogEntry.objects.count() == 6
    assert "cannot be published" in caplog.text


def test_a_model_is_published_once_and_fetched_by_its_checksums(
    version: ModelVersion, move_to: MoveTo, files_in_bucket: Bucket, settings: Settings, tmp_path: Path
) -> None:
    model_files.publish_all()
    model_files.publish_all()
    files = {path.relative_to(tmp_path / "here/models") for path in version.folder.rglob("*") if path.is_file()}
    assert keys_of(files_in_bucket, "models") == {str(path) for path in files if not path.name.startswith(".")}

    # A package that ships another model.
    settings.ARTEFACTS_DIR = tmp_path / "none"
    move_to("there")

    assert versions.get_model(version).fallback is False
    assert version.folder.is_relative_to(tmp_path / "there")
    assert versions.damaged_files(version) == []


def test_a_model_with_another_card_than_the_versions_is_not_taken(
    version: ModelVersion, move_to: MoveTo, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model_files.publish(version)
    settings.ARTEFACTS_DIR = tmp_path / "none"
    ModelVersion.objects.update(card_sha256="0" * 64)
    version.refresh_from_db()
    move_to("there")

    with caplog.at_level(logging.WARNING), pytest.raises(SearchUnavailableError):
        versions.get_model(version)

    assert "cannot be fetched" in caplog.text
    assert not version.folder.exists()


def test_a_machine_takes_the_shipped_model_from_its_package_while_none_is_published(
    version: ModelVersion, move_to: MoveTo
) -> None:
    move_to("there")

    assert versions.get_model(version).fallback is False
