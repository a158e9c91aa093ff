"""A shop whose index is in Milvus, and one whose Milvus is unavailable."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from catalogue.browsing.filters import ArticleFilters
from catalogue.models import Photo
from tests.factories import PhotoFactory
from tests.visualsearch.catalogue import find, found_article, query_for
from visualsearch import backends, tasks
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import VectorIds
from visualsearch.index.milvus import MilvusIndex
from visualsearch.models import LogEntry, ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing, publishing
from visualsearch.services.monitoring import health

pytestmark = pytest.mark.django_db

BACKEND = "visualsearch.index.milvus.MilvusIndex"


@pytest.fixture
def version(settings: Any, milvus: str) -> ModelVersion:
    settings.VECTOR_INDEX = {"BACKEND": BACKEND, "OPTIONS": {"uri": milvus, "timeout_s": 60.0}}
    return versions.serving_version()


@pytest.fixture
def photos(version: ModelVersion) -> list[Photo]:
    """Five photos that can be found, in a collection."""
    made = [PhotoFactory.create(colour=colour) for colour in ("red", "green", "blue", "black", "orange")]
    embedding.embed_photos([photo.pk for photo in made])
    indexing.build_snapshot(version)
    return made


def collections(version: ModelVersion) -> list[str]:
    index = backends.get_index(indexing.space_of(version))
    assert isinstance(index, MilvusIndex)
    return index._collections.names(index._alias + "_")


def in_another_process(version: ModelVersion) -> MilvusIndex:
    """Return the index as a process that starts now has it."""
    backends.reset_caches()
    indexing._snapshot_checked.clear()
    indexing._snapshot_found.clear()
    indexing._refreshed.clear()
    index = indexing.fresh_index(version)
    assert isinstance(index, MilvusIndex)
    return index


def test_changes_are_compacted_into_the_existing_collection(version: ModelVersion, photos: list[Photo]) -> None:
    before = collections(version)
    photos[0].delete()
    embedding.embed_photos([PhotoFactory.create(colour="pink").pk])

    indexing.build_snapshot(version)

    index = in_another_process(version)
    assert (index.snapshot_sequence, index.sequence, len(index)) == (7, 7, 5)
    assert collections(version) == before
    assert indexing.compare(version).equal
    assert LogEntry.objects.order_by("sequence").values_list("sequence", flat=True)[0] == 5


def test_rebuilding_makes_another_collection(version: ModelVersion, photos: list[Photo]) -> None:
    call_command("rebuild_index")

    assert len(collections(version)) == 2
    assert in_another_process(version).snapshot_sequence == 5
    call_command("check_index")


def test_a_difference_between_collection_and_rows_is_reported(version: ModelVersion, photos: list[Photo]) -> None:
    index = in_another_process(version)
    index._collections.delete(collections(version)[0], f"photo_id == {photos[1].pk * version.vectors_a_photo}")

    compared = indexing.compare(version)

    assert (compared.missing, compared.left_over, compared.different) == ([photos[1].pk], [], [])


def test_a_compaction_where_the_log_has_a_gap_builds_anew(version: ModelVersion, photos: list[Photo]) -> None:
    embedding.embed_photos([PhotoFactory.create(colour="pink").pk, PhotoFactory.create(colour="navy").pk])
    LogEntry.objects.filter(sequence=6).delete()

    indexing.build_snapshot(version)

    assert in_another_process(version).snapshot_sequence == 7
    assert len(collections(version)) == 2


def test_a_restored_database_starts_a_collection_of_its_own(version: ModelVersion, photos: list[Photo]) -> None:
    before = collections(version)
    LogEntry.objects.filter(sequence=5).update(nonce="another")
    ModelVersion.objects.update(head_nonce="another")

    in_another_process(version)
    version.refresh_from_db()
    indexing.build_snapshot(version)

    assert not set(before) & set(collections(version))
    assert indexing.compare(version).equal


def test_a_shared_index_is_compacted_by_the_number_of_changes_alone(
    version: ModelVersion, photos: list[Photo], settings: Any
) -> None:
    settings.INDEX_COMPACT_CHANGES, settings.INDEX_COMPACT_SHARE = 2, 1.0
    indexing.fresh_index(version)
    assert not indexing.needs_compaction(version)

    embedding.embed_photos([PhotoFactory.create().pk, PhotoFactory.create().pk])

    assert indexing.needs_compaction(version)


def test_a_process_does_not_take_a_whole_catalogue_into_its_memory(
    version: ModelVersion, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MOST_IN_MEMORY", 4)
    LogEntry.objects.all().delete()
    ModelVersion.objects.update(epoch="restored")
    version.refresh_from_db()

    with pytest.raises(SearchUnavailableError, match="rebuild_index"):
        in_another_process(version)

    version.refresh_from_db()
    assert version.rebuild_wanted
    indexing.build_snapshot(version)
    assert len(in_another_process(version)) == 5


def test_articles_are_found_with_filters_and_without(version: ModelVersion) -> None:
    red, blue = found_article("#b00020", price=90), found_article("#1020b0", price=10)
    indexing.build_snapshot(version)
    index = in_another_process(version)
    assert (index.snapshot_sequence, index.sequence) == (2, 2)

    everything = find(query_for("#b00020"), limit=5)
    filtered = find(query_for("#b00020"), filters=ArticleFilters(price_max=Decimal(50)), limit=5)

    assert [match.article.pk for match in everything.matches] == [red.pk, blue.pk]
    assert [match.article.pk for match in filtered.matches] == [blue.pk]


def test_a_photo_is_found_while_a_server_is_asked_for_a_newer_snapshot(
    version: ModelVersion, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = in_another_process(version)
    worker = MilvusIndex(index.space, uri=index._collections._uri, timeout_s=60)
    worker.reopen(head=lambda: 5)
    embedding.embed_photos([PhotoFactory.create(colour="pink").pk])
    changes = indexing.changes_of(version, changed(version, 5, 6), since=(5, ""), until=indexing.end_of_log(version))
    worker.compact(changes, sequence=6, nonce=indexing.end_of_log(version)[1])
    asked, answer = threading.Event(), threading.Event()
    find = index._find

    def slowly() -> object:
        asked.set()
        answer.wait(60)
        return find()

    monkeypatch.setattr(index, "_find", slowly)
    indexing._snapshot_checked[version.pk] = time.monotonic() - 11

    # Nobody waits for the server, and what was saved is found meanwhile.
    indexing.refresh(index, version)
    assert asked.wait(60)
    assert (index.snapshot_sequence, index.sequence, len(index)) == (5, 6, 6)
    answer.set()
    publishing._beside[index.space].join()
    monkeypatch.setattr(index, "_find", lambda: pytest.fail("the server is asked again"))
    indexing.refresh(index, version)

    assert (index.snapshot_sequence, index.sequence, len(index)) == (6, 6, 6)
    assert indexing.compare(version).equal


def changed(version: ModelVersion, since: int, until: int) -> VectorIds:
    photo_ids = indexing.changed_photos(version, since=since, until=until)
    assert photo_ids is not None
    return photo_ids


@pytest.fixture
def away(settings: Any) -> None:
    """A Milvus that nobody answers for."""
    settings.VECTOR_INDEX = {"BACKEND": BACKEND, "OPTIONS": {"uri": "http://127.0.0.1:1", "timeout_s": 0.2}}


@pytest.mark.usefixtures("away", "valkey")
def test_a_shop_whose_milvus_is_away_goes_on_selling_and_says_so(client: Client) -> None:
    article = found_article("#b00020")
    versions.serving_version()

    searched = client.get("/api/search", {"token": query_for("#b00020").token})
    page = client.get(article.get_absolute_url())
    healthy = client.get("/api/health")

    assert (searched.status_code, searched.json()["code"]) == (503, "search_unavailable")
    assert page.status_code == 200
    assert (healthy.status_code, healthy.json()["status"], healthy.json()["index"]) == (503, "down", None)
    assert not health.is_ready()


def test_a_milvus_that_goes_down_is_noticed_at_every_check(version: ModelVersion, photos: list[Photo]) -> None:
    """Or health would say that all is well, since nothing is asked of it where nothing changes."""
    index = in_another_process(version)
    assert health.index_state(version)["vectors"] == 5
    index._collections._silent_until = float("inf")
    indexing._snapshot_checked[version.pk] = time.monotonic() - 11
    health.index_state(version)
    publishing._beside[index.space].join()

    for _ in range(2):
        with pytest.raises(SearchUnavailableError):
            health.index_state(version)


@pytest.mark.usefixtures("away", "valkey")
def test_photos_are_embedded_and_reconciled_while_milvus_is_down() -> None:
    version = versions.serving_version()
    photo = PhotoFactory.create()

    tasks.reconcile()
    embedding.embed_photos([photo.pk])

    assert version.embeddings.count() == 1
    for command in ("check_index", "rebuild_index"):
        # A process of its own has not asked yet.
        backends.reset_caches()
        with pytest.raises(CommandError, match="SHOP_MILVUS_URI"):
            call_command(command)


@pytest.mark.usefixtures("away", "valkey")
def test_a_compaction_while_milvus_is_down_is_put_off(caplog: pytest.LogCaptureFixture) -> None:
    version = versions.serving_version()

    tasks.build_snapshot(version.pk)

    assert f"{version} is compacted later" in caplog.text
