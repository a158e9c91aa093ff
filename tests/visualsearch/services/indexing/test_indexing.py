from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Photo
from tests.factories import PhotoFactory
from visualsearch import backends
from visualsearch.index.faiss import FaissIndex
from visualsearch.models import LogEntry, ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def version() -> ModelVersion:
    return versions.serving_version()


@pytest.fixture
def photos(version: ModelVersion) -> list[Photo]:
    """Five photos that can be found."""
    made = [PhotoFactory.create(colour=colour) for colour in ("red", "green", "blue", "black", "orange")]
    embedding.embed_photos([photo.pk for photo in made])
    return made


def another_process(version: ModelVersion) -> FaissIndex:
    """Return the index as a process that starts now has it."""
    index = FaissIndex(indexing.space_of(version), folder=Path(settings.DATA_DIR) / "index")
    indexing._snapshot_checked.clear()
    indexing.refresh(index, version)
    return index


def snapshots(version: ModelVersion) -> list[Path]:
    return sorted((Path(settings.DATA_DIR) / "index" / f"{version.name}-{version.version}").glob("0*"))


def test_the_index_follows_the_log(version: ModelVersion, photos: list[Photo]) -> None:
    index = indexing.fresh_index(version)
    assert (len(index), index.sequence) == (5, 5)

    photos[0].delete()

    index = indexing.fresh_index(version)
    assert (len(index), index.sequence) == (4, 6)
    assert indexing.compare(version).equal


def test_a_snapshot_and_its_tail_equal_the_rows(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    photos[1].delete()
    embedding.embed_photos([PhotoFactory.create(colour="pink").pk])

    index = another_process(version)

    assert (index.snapshot_sequence, index.sequence, len(index)) == (5, 7, 5)
    assert indexing.photo_ids_of(version, index.rows()[0]) == list(
        PhotoEmbedding.objects.order_by("photo_id").values_list("photo_id", flat=True)
    )


def test_the_log_is_pruned_to_the_older_kept_snapshot(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    assert LogEntry.objects.count() == 5
    embedding.embed_photos([PhotoFactory.create().pk])

    indexing.build_snapshot(version)

    assert list(LogEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == [5, 6]
    assert len(another_process(version)) == 6


def test_a_process_behind_the_pruned_log_opens_the_newest_snapshot(version: ModelVersion, photos: list[Photo]) -> None:
    behind = another_process(version)
    for _ in range(3):
        embedding.embed_photos([PhotoFactory.create().pk])
        indexing.build_snapshot(version)

    indexing.refresh(behind, version)

    assert (behind.snapshot_sequence, behind.sequence, len(behind)) == (8, 8, 8)


def test_an_index_that_was_thrown_away_comes_back_from_the_rows(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    indexing.build_snapshot(version)
    shutil.rmtree(Path(settings.DATA_DIR) / "index")

    index = another_process(version)

    version.refresh_from_db()
    assert (len(index), index.sequence, version.rebuild_wanted) == (5, 5, True)


@pytest.mark.parametrize("left", [0, 4])
def test_rows_are_read_once_where_the_log_does_not_lead_on_from_the_snapshot(
    version: ModelVersion, photos: list[Photo], monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """However often a process looks for a newer snapshot."""
    indexing.build_snapshot(version)
    for photo in photos[left:]:
        photo.delete()
    LogEntry.objects.all().delete()
    index = another_process(version)
    assert len(index) == left
    monkeypatch.setattr(indexing, "all_rows", lambda version: pytest.fail("the rows were read again"))

    for _ in range(2):
        indexing._snapshot_checked.clear()
        indexing.refresh(index, version)

    assert len(index) == left


def test_a_damaged_snapshot_is_noted_and_built_anew(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    vectors = snapshots(version)[0] / "vectors.f16"
    vectors.write_bytes(b"\0" * vectors.stat().st_size)

    index = another_process(version)

    version.refresh_from_db()
    assert (len(index), index.snapshot_sequence, version.rebuild_wanted) == (5, 0, True)
    indexing.build_snapshot(version)
    version.refresh_from_db()
    assert version.rebuild_wanted is False
    assert another_process(version).snapshot_sequence == 5


def test_a_snapshot_of_a_former_life_is_not_used(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    indexing.renew_epoch(version)
    version.refresh_from_db()

    index = another_process(version)

    assert (index.snapshot_sequence, len(index)) == (0, 5)
    assert snapshots(version) == []


def restored_and_gone_on(version: ModelVersion, photos: list[Photo], *, added: int) -> None:
    """Set the database back to the third change, as a backup does that is put in its place, and change it again."""
    PhotoEmbedding.objects.filter(photo__in=photos[3:]).delete()
    Photo.objects.filter(pk__in=[photo.pk for photo in photos[3:]])._raw_delete("default")
    third = LogEntry.objects.get(sequence=3)
    LogEntry.objects.filter(sequence__gt=3).delete()
    ModelVersion.objects.update(head=3, head_nonce=third.nonce)
    for _ in range(added):
        embedding.embed_photos([PhotoFactory.create(colour="pink").pk])


@pytest.mark.parametrize("added", [0, 2, 4], ids=["behind", "as long", "longer"])
@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_a_restored_database_starts_the_index_over(
    version: ModelVersion, photos: list[Photo], *, added: int, restarted: bool
) -> None:
    """Without a word from whoever restored it, and however far its log has grown since."""
    indexing.build_snapshot(version)
    index = another_process(version)
    restored_and_gone_on(version, photos, added=added)

    if restarted:
        index = another_process(version)
    else:
        indexing.refresh(index, version)

    rows = PhotoEmbedding.objects.order_by("photo_id").values_list("photo_id", flat=True)
    assert indexing.photo_ids_of(version, index.rows()[0]) == list(rows)
    version.refresh_from_db()
    assert (index.sequence, version.rebuild_wanted) == (3 + added, True)
    assert indexing.compare(version).equal
    assert snapshots(version) == []


def test_a_snapshot_of_a_restored_database_is_read_no_more(version: ModelVersion, photos: list[Photo]) -> None:
    """Nor when the newest one was built after it was restored, and is damaged."""
    indexing.build_snapshot(version)
    restored_and_gone_on(version, photos, added=4)
    indexing.build_snapshot(version)
    (snapshots(version)[-1] / "vectors.f16").write_bytes(b"")

    index = another_process(version)

    assert len(index) == PhotoEmbedding.objects.count() == 7
    version.refresh_from_db()
    assert indexing.compare(version).equal


def test_an_index_that_others_noticed_to_be_of_another_life_is_left_alone(
    version: ModelVersion, photos: list[Photo]
) -> None:
    """Of two processes, each with the version's row from before, one renews the epoch."""
    indexing.renew_epoch(version)
    epoch = ModelVersion.objects.get().epoch

    indexing.renew_epoch(version)

    assert ModelVersion.objects.get().epoch == epoch != version.epoch


def test_compaction_is_due_after_enough_changes(
    version: ModelVersion, photos: list[Photo], settings: pytest.FixtureRequest
) -> None:
    settings.INDEX_COMPACT_CHANGES = 6  # type: ignore[attr-defined]
    assert indexing.needs_compaction(version) is False

    embedding.embed_photos([PhotoFactory.create().pk])

    assert indexing.needs_compaction(version) is True


def test_check_index_is_content_when_they_are_equal(
    version: ModelVersion, photos: list[Photo], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_index")

    assert f"{version}: 5 vectors, 0 photos waiting, 0 failed" in capsys.readouterr().out


def test_check_index_names_what_differs(
    version: ModelVersion, photos: list[Photo], capsys: pytest.CaptureFixture[str]
) -> None:
    """As raw SQL leaves it: rows that change without a word in the log."""
    indexing.fresh_index(version)
    other = bytes(PhotoEmbedding.objects.get(photo=photos[1]).vector)
    PhotoEmbedding.objects.filter(photo=photos[0]).update(vector=other)
    PhotoEmbedding.objects.filter(photo=photos[2]).delete()

    with pytest.raises(CommandError, match="rebuild_index"):
        call_command("check_index")

    said = capsys.readouterr().err
    assert f"1 in the index but not in the rows: photos {photos[2].pk}" in said
    assert f"1 with another vector than the row's: photos {photos[0].pk}" in said


def test_rebuild_index_mends_what_differs(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.fresh_index(version)
    PhotoEmbedding.objects.filter(photo=photos[2]).delete()

    call_command("rebuild_index")
    backends.reset_caches()

    call_command("check_index")


def test_a_rebuild_that_is_wanted_is_due_at_once(version: ModelVersion, photos: list[Photo]) -> None:
    indexing.build_snapshot(version)
    assert not indexing.needs_compaction(version)

    ModelVersion.objects.filter(pk=version.pk).update(rebuild_wanted=True)
    version.refresh_from_db()

    assert indexing.needs_compaction(version)


def test_a_version_read_just_now_that_names_the_last_change_spares_reading_the_head(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INDEX_REFRESH_S", 60.0)
    index = indexing.fresh_index(version)
    long_ago = time.monotonic() - 61
    indexing._refreshed[version.pk] = (index, long_ago)
    read: list[int] = []
    for change in ({}, {"head": version.head + 1}, {"read_at": long_ago}):
        named = versions.serving_version()
        vars(named).update(change)
        indexing._refreshed[version.pk] = (index, long_ago)
        with CaptureQueriesContext(connection) as captured:
            indexing.fresh_index(named)
        read.append(len(captured))

    assert read == [0, 1, 1]
