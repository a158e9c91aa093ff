from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from visualsearch.checks import check_index, check_model


def test_a_whole_deployment_has_nothing_to_say() -> None:
    assert check_model(None) == []
    assert check_index(None) == []


def test_a_missing_model_is_an_error_and_a_missing_stand_in_a_warning(settings: Any) -> None:
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "NAME": "no-such", "FALLBACK": "none-either"}

    assert [message.id for message in check_model(None)] == ["visualsearch.E001", "visualsearch.W001"]


def test_an_index_that_does_not_import_is_named_with_the_cure(settings: Any) -> None:
    settings.VECTOR_INDEX = {"BACKEND": "visualsearch.index.faiss.Faust", "OPTIONS": {}}

    (message,) = check_index(None)

    assert message.id == "visualsearch.E002"
    assert "FaissIndex" in str(message.hint)


def test_a_missing_client_of_milvus_is_named_with_the_cure(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VECTOR_INDEX = {"BACKEND": "visualsearch.index.milvus.MilvusIndex", "OPTIONS": {}}
    for name in [name for name in sys.modules if name.startswith("visualsearch.index.milvus")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymilvus", None)

    (message,) = check_index(None)

    assert message.id == "visualsearch.E002"
    assert str(message.hint).endswith("--extra milvus")
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["project"]
    assert "milvus" in project["optional-dependencies"]


def test_a_data_folder_that_is_not_there_is_an_error(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "nowhere"

    assert [message.id for message in check_index(None)] == ["visualsearch.E003"]
