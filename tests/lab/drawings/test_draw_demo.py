"""`manage.py draw_demo` writes the demo shop's files, or says in what they are not what would be drawn."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from catalogue.demo.assortment import ARTICLES_FILE, PICTURES
from lab.drawings.assortment import ASSORTMENT
from lab.management.commands import draw_demo

NAMES = [name for article in ASSORTMENT for name in article.photos]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the demo's folder that the command works on. What it draws is what the project has."""
    shutil.copytree(PICTURES, tmp_path / PICTURES.name)
    shutil.copy(ARTICLES_FILE, tmp_path)
    monkeypatch.setattr(draw_demo, "PICTURES", tmp_path / PICTURES.name)
    monkeypatch.setattr(draw_demo, "ARTICLES_FILE", tmp_path / ARTICLES_FILE.name)
    monkeypatch.setattr(draw_demo, "draw_photos", drawn_as_they_are)
    return tmp_path


def drawn_as_they_are(*, processes: int) -> Iterator[tuple[str, bytes]]:
    yield from ((name, (PICTURES / name).read_bytes()) for name in NAMES)


def test_files_of_another_picture_or_price_are_written_anew_and_strays_removed(folder: Path) -> None:
    (folder / "pictures" / NAMES[0]).write_bytes(b"another")
    (folder / "pictures" / NAMES[1]).unlink()
    (folder / "pictures" / "stray.webp").write_bytes(b"stray")
    (folder / "articles.json").write_text("{}")

    call_command("draw_demo", verbosity=0)

    assert (folder / "articles.json").read_bytes() == ARTICLES_FILE.read_bytes()
    assert {file.name: file.read_bytes() for file in (folder / "pictures").iterdir()} == dict(
        drawn_as_they_are(processes=1)
    )


def test_the_check_names_what_differs_and_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    Image.new("RGB", (800, 1000), "#888888").save(file, "WEBP")
    (folder / "pictures" / NAMES[0]).write_bytes(file.getvalue())
    monkeypatch.setattr(draw_demo, "draw_photos", lambda *, processes: list(drawn_as_they_are(processes=1))[:3])

    with pytest.raises(CommandError, match=rf"\A{NAMES[0]} differs from its drawing by [0-9.]+ of 255"):
        call_command("draw_demo", "--check", verbosity=0)

    assert (folder / "pictures" / NAMES[0]).read_bytes() == file.getvalue()


def test_the_check_is_content_with_pictures_that_are_alike(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(draw_demo, "draw_photos", lambda *, processes: list(drawn_as_they_are(processes=1))[:3])

    call_command("draw_demo", "--check", verbosity=0)

    assert capsys.readouterr().out == "3 photos match; the largest difference is 0.000 of 255.\n"
