from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from catalogue.models import Photo
from catalogue.models.querysets import PhotoQuerySet
from visualsearch import backends
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.rollout import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def models(settings: Any, tmp_path: Path) -> Path:
    """A folder of registered models of this test's own."""
    folder = tmp_path / "models"
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": folder}
    return folder


@pytest.mark.parametrize("content", [None, "", "{"], ids=["missing", "empty", "cut off"])
def test_a_registered_model_without_its_card_is_copied_again(models: Path, content: str | None) -> None:
    version = versions.register_shipped()
    (version.folder / "mine.txt").write_text("kept")
    if content is None:
        (version.folder / "card.json").unlink()
    else:
        (version.folder / "card.json").write_text(content)
    assert versions.get_model(version).fallback is True

    assert versions.register_shipped() == version

    backends.reset_caches()
    assert versions.get_model(version).fallback is False
    assert [file.read_text() for file in models.glob(".aside-*/mine.txt")] == ["kept"]
    assert len(list(models.iterdir())) == 2


def test_a_model_put_there_while_it_is_asked_for_is_not_stood_in_for(models: Path) -> None:
    version = versions.register_shipped()
    elsewhere = version.folder.rename(models / "elsewhere")

    class PutThere(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            elsewhere.rename(version.folder)

    put_there = PutThere()
    backends.logger.addHandler(put_there)
    try:
        with suppress(SearchUnavailableError):
            assert versions.get_model(version).fallback is False
    finally:
        backends.logger.removeHandler(put_there)


def test_a_model_that_is_whole_is_not_copied_again(models: Path) -> None:
    version = versions.register_shipped()
    (version.folder / "mine.txt").write_text("kept")

    versions.copy_artefact(version.folder, models / "none", version.folder)
    versions.register_shipped()

    assert (version.folder / "mine.txt").read_text() == "kept"
    assert [folder.name for folder in models.iterdir()] == [version.folder.name]


def test_a_model_that_cannot_be_copied_is_reported_with_the_remedy(models: Path) -> None:
    models.write_text("a file where the folder should be")

    with pytest.raises(SearchUnavailableError, match=r"can’t be copied .* let this user write"):
        versions.register_shipped()


def test_a_version_that_is_retired_just_before_it_would_serve_leaves_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = versions.register_shipped()
    new = ModelVersion.objects.create(name="new", version="1", dimensions=old.dimensions)

    def retired_meanwhile(version: ModelVersion) -> PhotoQuerySet:
        ModelVersion.objects.filter(pk=new.pk).update(state=ModelVersion.State.RETIRED)
        return Photo.objects.none()

    monkeypatch.setattr(ModelVersion, "waiting", retired_meanwhile)

    lifecycle.finish_built()

    assert versions.serving_version() == old
