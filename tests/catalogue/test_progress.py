"""Progress bars: on a terminal only, and all made in one place."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.conf import settings

from catalogue.progress import progress_bar

ROOT = Path(settings.BASE_DIR)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_on_a_terminal_and_nothing_into_a_pipe_or_a_file(tmp_path: Path) -> None:
    terminal = Terminal()
    file = (tmp_path / "log").open("w")

    assert list(progress_bar([1, 2, 3], desc="Photos", file=terminal)) == [1, 2, 3]
    assert list(progress_bar([1, 2, 3], desc="Photos", file=file)) == [1, 2, 3]

    file.close()
    assert "Photos: 100%" in terminal.getvalue()
    assert (tmp_path / "log").read_text() == ""


def test_a_hidden_bar_is_not_drawn_on_a_terminal_either() -> None:
    terminal = Terminal()

    with progress_bar(total=3, hidden=True, file=terminal) as bar:
        bar.update(3)

    assert terminal.getvalue() == ""


def test_output_that_is_read_has_no_bars(capfd: pytest.CaptureFixture[str]) -> None:
    """A pipe or file takes the place of standard error, where bars are drawn if nothing else is said."""
    for _ in progress_bar(range(1000)):
        pass

    assert capfd.readouterr() == ("", "")


def test_every_bar_is_made_here() -> None:
    """Whoever calls tqdm itself writes a line a step into a log."""
    folders = [ROOT / name for name in ("catalogue", "visualsearch", "shop", "lab")]
    calling = [
        file.relative_to(ROOT).as_posix()
        for folder in folders
        for file in folder.rglob("*.py")
        if re.search(r"^\s*(from|import) tqdm\b", file.read_text(), re.MULTILINE)
    ]

    assert calling == ["catalogue/progress.py"]
