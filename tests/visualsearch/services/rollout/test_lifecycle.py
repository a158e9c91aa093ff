"""Lifecycle of model versions: registration, building, trial, promotion, rollback, retirement."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.visualsearch.catalogue import found_article, query_for
from tests.visualsearch.rotation import float32_folder, second_version, shipped_version
from visualsearch import backends, tasks
from visualsearch.exceptions import RolloutError, TokenOutdatedError
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import embedding
from visualsearch.services.retrieval.tokens import read_token
from visualsearch.services.rollout import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey"), pytest.mark.database]

State = ModelVersion.State
VISITORS = [f"visitor {number}" for number in range(2_000)]


@pytest.fixture(autouse=True)
def models(settings: Any, tmp_path: Path) -> Path:
    """Folders of registered models and of candidates of this test's own."""
    folder, candidates = tmp_path / "models", tmp_path / "candidates"
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": folder, "CANDIDATES": candidates}
    return candidates


def state_of(version: ModelVersion) -> str:
    version.refresh_from_db()
    return version.state


def test_a_registered_version_is_built_beside_the_one_that_serves_and_waits_for_staff() -> None:
    found_article("#b00020", photos=2)
    serving = versions.serving_version()

    version = lifecycle.register(float32_folder())
    lifecycle.finish_built()
    unfinished = state_of(version), version.waiting().count()
    tasks.embed_building(version.pk)
    lifecycle.finish_built()

    assert unfinished == (State.BUILDING, 2)
    assert (state_of(version), version.embeddings.count()) == (State.READY, 2)
    assert versions.serving_version() == serving


def test_building_leaves_the_queue_of_what_staff_wait_for_alone() -> None:
    article = found_article("#b00020")
    version = second_version(built=False)

    assert embedding.waiting_ids(limit=10) == []
    assert embedding.waiting_ids_of(version, limit=10) == [article.photos.get().pk]


def test_a_photo_saved_while_a_version_is_built_gets_both_vectors() -> None:
    second_version(built=False)

    photo = found_article("#b00020").photos.get()

    assert {row.model_version.name for row in photo.embeddings.all()} == {
        "mobilenetv2-clothing-int8",
        "mobilenetv2-clothing-float32",
    }


def test_artefacts_of_the_data_folder_can_be_registered_too(models: Path) -> None:
    versions.serving_version()
    shutil.copytree(float32_folder(), models / "own")
    card = json.loads((models / "own" / "card.json").read_text())
    (models / "own" / "card.json").write_text(json.dumps({**card, "name": "own", "version": "7"}))
    (models / "no artefact").mkdir()

    offered = {f"{card.name} {card.version}" for card in lifecycle.artefacts().values()}
    version = lifecycle.register(str(models / "own"))

    assert offered == {f"mobilenetv2-clothing-float32 {shipped_version()}", "own 7"}
    assert (version.folder / "model.tflite").exists()
    # Ids of vectors are counted by it: of one that is too low, photos would have each other's.
    assert (version.dimensions, version.vectors_a_photo) == (card["dimensions"], card["vectors_a_photo"]) == (512, 5)
    assert "own 7" not in {f"{card.name} {card.version}" for card in lifecycle.artefacts().values()}


@pytest.mark.parametrize("folder", ["", "/etc", "../../etc/passwd"])
def test_no_other_folder_is_registered(folder: str) -> None:
    with pytest.raises(RolloutError):
        lifecycle.register(folder)

    assert not ModelVersion.objects.filter(serves_when_built=False).exists()


def test_an_artefact_whose_files_are_not_those_of_its_card_is_refused(models: Path) -> None:
    shutil.copytree(float32_folder(), models / "spoilt")
    card = json.loads((models / "spoilt" / "card.json").read_text())
    (models / "spoilt" / "card.json").write_text(json.dumps({**card, "name": "spoilt"}))
    (models / "spoilt" / "model.tflite").write_bytes(b"other")

    with pytest.raises(RolloutError, match="does not match the SHA-256 in its card"):
        lifecycle.register(str(models / "spoilt"))

    assert not ModelVersion.objects.filter(name="spoilt").exists()


def test_a_share_of_the_visitors_is_answered_by_the_version_on_trial_always_the_same_ones() -> None:
    serving, trial = versions.serving_version(), second_version()

    def answered() -> list[str]:
        return [visitor for visitor in VISITORS if lifecycle.assign_version(visitor).engine.version == trial]

    by_share = []
    for share in (1, 10, 50, 100):
        lifecycle.set_share(trial, share)
        by_share.append(answered())

    assert answered() == by_share[-1]
    assert [round(len(visitors) / len(VISITORS), 1) for visitors in by_share] == [0.0, 0.1, 0.5, 1.0]
    assert 5 <= len(by_share[0]) <= 40
    for fewer, more in pairwise(by_share):
        assert set(fewer) < set(more)
    lifecycle.set_share(trial, 0)
    assert answered() == []
    assert lifecycle.assign_version("").engine.version == serving


def test_who_is_not_known_is_answered_by_the_version_that_serves() -> None:
    serving, trial = versions.serving_version(), second_version()
    lifecycle.set_share(trial, 100)

    assert lifecycle.assign_version("").engine.version == serving


def test_a_version_on_trial_that_cannot_search_costs_nobody_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    serving, trial = versions.serving_version(), second_version()
    lifecycle.set_share(trial, 100)
    for file in trial.folder.rglob("*"):
        if file.is_file():
            file.unlink()
    backends.reset_caches()

    assert lifecycle.assign_version("anybody").engine.version == serving


def test_a_promoted_version_serves_and_the_one_before_is_kept_fed_and_can_come_back() -> None:
    before, trial = versions.serving_version(), second_version()
    lifecycle.set_share(trial, 50)

    lifecycle.promote(trial)
    promoted = versions.serving_version()
    photo = found_article("#b00020").photos.get()
    back = lifecycle.go_back()

    assert promoted == trial
    assert photo.embeddings.filter(model_version=before).exists()
    assert back == before == versions.serving_version()
    assert (state_of(trial), trial.share) == (State.STANDBY, 0)
    assert lifecycle.go_back() == trial


def test_without_a_version_before_there_is_none_to_go_back_to() -> None:
    versions.serving_version()

    with pytest.raises(RolloutError):
        lifecycle.go_back()


def test_what_is_not_complete_is_neither_tried_nor_compared_nor_put_to_work() -> None:
    serving, version = versions.serving_version(), second_version(built=False)

    with pytest.raises(RolloutError):
        lifecycle.set_share(version, 1)
    with pytest.raises(RolloutError):
        lifecycle.set_shadow(version, wanted=True)
    with pytest.raises(RolloutError):
        lifecycle.promote(version)

    assert versions.serving_version() == serving


def test_one_version_is_tried_at_a_time_by_the_steps_there_are() -> None:
    versions.serving_version()
    trial = second_version()
    lifecycle.set_share(trial, 1)
    other = ModelVersion.objects.create(name="other", version="1", dimensions=384, state=State.READY)

    with pytest.raises(RolloutError):
        lifecycle.set_share(other, 1)
    with pytest.raises(RolloutError):
        lifecycle.set_share(trial, 77)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(state=State.SERVING).update(share=5)


def test_searches_of_a_version_go_on_until_it_is_retired() -> None:
    found_article("#b00020")
    token = query_for("#b00020").token
    serving, trial = versions.serving_version(), second_version()

    lifecycle.promote(trial)
    kept = read_token(token).version
    lifecycle.retire(serving)

    assert kept == serving
    with pytest.raises(TokenOutdatedError):
        read_token(token)


def test_a_retired_versions_rows_go_and_it_can_be_built_again() -> None:
    found_article("#b00020")
    version = second_version()
    epoch = version.epoch

    lifecycle.retire(version)
    with pytest.raises(RolloutError, match="still being removed"):
        lifecycle.register(float32_folder())
    while lifecycle.remove_retired():
        pass
    left = version.embeddings.count(), version.log.count()
    again = second_version()

    assert left == (0, 0)
    assert (again.pk, again.state, again.embeddings.count()) == (version.pk, State.READY, 1)
    assert again.epoch != epoch


def test_the_version_that_serves_is_not_retired() -> None:
    serving = versions.serving_version()

    with pytest.raises(RolloutError):
        lifecycle.retire(serving)

    assert state_of(serving) == State.SERVING


def test_what_an_upgrade_brings_serves_as_soon_as_it_is_complete(settings: Any) -> None:
    found_article("#b00020")
    before = versions.serving_version()
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "NAME": "mobilenetv2-clothing-float32"}

    upgrade = versions.register_shipped()
    tasks.embed_building(upgrade.pk)
    lifecycle.finish_built()

    assert versions.serving_version() == upgrade
    assert state_of(before) == State.STANDBY
