"""Switching of versions: which one serves, assignment of visitors to a trial, and removal of a retired one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import PhotoFactory
from visualsearch.exceptions import RolloutError
from visualsearch.models import EmbeddingFailure, LogEntry, ModelVersion, PhotoEmbedding
from visualsearch.services.rollout import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.database]

State = ModelVersion.State


def made_version(name: str, state: str, *, served_days_ago: int | None = None, **fields: Any) -> ModelVersion:
    served = None if served_days_ago is None else timezone.now() - timedelta(days=served_days_ago)
    return ModelVersion.objects.create(name=name, version="1", dimensions=4, state=state, served_since=served, **fields)


def test_going_back_leads_to_the_version_that_served_last_not_to_the_oldest() -> None:
    # Registered in another order than they served in.
    last = made_version("last", State.STANDBY, served_days_ago=2)
    oldest = made_version("oldest", State.STANDBY, served_days_ago=9)
    serving = made_version("serving", State.SERVING, served_days_ago=1)

    back = lifecycle.go_back()

    assert back == last
    states = dict(ModelVersion.objects.values_list("name", "state"))
    assert states == {"last": State.SERVING, "oldest": State.STANDBY, "serving": State.STANDBY}
    assert lifecycle.previous() == serving
    assert oldest in ModelVersion.objects.filter(state=State.STANDBY)


def test_a_version_that_never_served_is_the_last_to_go_back_to() -> None:
    made_version("never", State.STANDBY)
    served = made_version("served", State.STANDBY, served_days_ago=30)

    assert lifecycle.previous() == served


@pytest.mark.parametrize("state", [State.READY, State.STANDBY])
def test_a_version_that_is_switched_to_is_no_longer_compared_or_on_trial(state: str) -> None:
    made_version("before", State.SERVING, served_days_ago=1)
    version = made_version("next", state, shadow=True, share=10 if state == State.READY else 0)

    lifecycle.promote(version)

    version.refresh_from_db()
    assert (version.state, version.shadow, version.share) == (State.SERVING, False, 0)
    assigned = lifecycle.assign_version("anybody")
    assert (assigned.engine.version, assigned.shadow) == (version, [])


def test_a_retired_version_is_neither_compared_nor_on_trial() -> None:
    made_version("serving", State.SERVING, served_days_ago=1)
    version = made_version("trial", State.READY, shadow=True, share=10)

    lifecycle.retire(version)

    version.refresh_from_db()
    assert (version.state, version.shadow, version.share) == (State.RETIRED, False, 0)


def test_visitors_are_spread_over_a_hundred_buckets_that_never_change() -> None:
    """A bucket of 101 would leave one visitor of 101 out of a trial on all, and move the others."""
    version = ModelVersion(name="network", version="2")

    buckets = [lifecycle.bucket_of(f"visitor {number}", version) for number in range(3_000)]

    assert set(buckets) == set(range(100))
    # The first eight bytes of SHA-256("network 2 visitor 0") and so on, modulo 100, worked out by another program.
    assert buckets[:4] == [29, 14, 91, 25]


@pytest.mark.parametrize("share", [-1, 2, 99, 101])
def test_a_share_is_one_of_the_steps(share: int) -> None:
    version = made_version("trial", State.READY)
    for step in (0, 1, 10, 50, 100):
        lifecycle.set_share(version, step)
        version.refresh_from_db()
        assert version.share == step

    with pytest.raises(RolloutError):
        lifecycle.set_share(version, share)

    version.refresh_from_db()
    assert version.share == 100


def test_a_retired_versions_rows_are_removed_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "ROWS_AT_ONCE", 2)
    version = made_version("retired", State.RETIRED)
    kept = made_version("kept", State.STANDBY, served_days_ago=1)
    photos = [PhotoFactory.create(colour=colour) for colour in ("red", "green", "blue")]
    for row in (version, kept):
        for sequence, photo in enumerate(photos, start=1):
            PhotoEmbedding.objects.create(model_version=row, photo=photo, vector=b"12345678", photo_sha256="a" * 64)
            LogEntry.objects.create(model_version=row, photo_id=photo.pk, sequence=sequence)
    EmbeddingFailure.objects.create(model_version=version, photo=photos[0], photo_sha256="a" * 64, error={})

    removed = [lifecycle.remove_retired() for _ in range(3)]

    # Two vectors, the failure and two entries of the log; then the third of each; then nothing.
    assert removed == [5, 2, 0]
    assert (version.embeddings.count(), version.log.count()) == (0, 0)
    assert (kept.embeddings.count(), kept.log.count()) == (3, 3)
