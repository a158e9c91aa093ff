"""Photos to import, and who hears of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.models import Photo
from catalogue.signals import photos_imported
from tests.factories import drawn_picture


@pytest.fixture
def draw(tmp_path: Path) -> Any:
    def draw_file(name: str, colour: str = "red", **options: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(drawn_picture(colour, **options))
        return path

    return draw_file


@pytest.fixture
def announced() -> Iterator[list[list[int]]]:
    """The ids of photos that imports announce."""
    heard: list[list[int]] = []

    def listen(sender: type, photo_ids: list[int], **kwargs: Any) -> None:
        assert sender is Photo
        heard.append(photo_ids)

    photos_imported.connect(listen)
    yield heard
    photos_imported.disconnect(listen)
