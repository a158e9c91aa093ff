"""What "make quick" chooses to run."""

from __future__ import annotations

from pathlib import Path
from subprocess import run

import pytest

from tests import quick
from tests.conftest import is_slow


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("catalogue", "tests/catalogue"),
        ("catalogue/api/no_such_module.py", "tests/catalogue/api"),
        ("catalogue/no_such_module.py", "tests/catalogue"),
        ("tests/shop/test_quick.py", "tests/shop/test_quick.py"),
        ("tests/shop/test_removed.py", "tests/shop"),
        ("tests/shop/conftest.py", "tests/shop"),
        ("tests/conftest.py", "tests"),
        ("templates/catalogue/base.html", "tests/catalogue/web"),
        ("pyproject.toml", "tests/shop"),
        ("no_such_folder/README", "tests/shop"),
    ],
)
def test_a_change_is_tested_by_the_nearest_tests(changed: str, tests: str) -> None:
    assert quick.tests_of(changed) == tests


def test_what_lies_in_another_folder_is_not_run_twice() -> None:
    changed = ["catalogue/api/urls.py", "catalogue/no_such_module.py", "shop/no_such_module.py", "catalogue/api/x.py"]

    assert quick.chosen(changed) == ["tests/catalogue", "tests/shop"]


def test_without_a_change_all_fast_tests_run() -> None:
    assert quick.chosen([]) == ["tests"]


def test_a_room_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert quick.main(["catalog"]) == 2

    assert "There is no catalog here" in capsys.readouterr().err


def test_changes_are_read_from_git_with_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/new file.py").touch()
    monkeypatch.setattr(quick, "ROOT", tmp_path)

    assert quick.changed() == ["shop/new file.py"]


@pytest.mark.usefixtures("valkey")
def test_a_test_that_starts_a_process_is_none_of_the_fast_ones(request: pytest.FixtureRequest) -> None:
    assert is_slow(request.node)


def test_a_test_that_starts_none_is_a_fast_one(request: pytest.FixtureRequest) -> None:
    assert not is_slow(request.node)
