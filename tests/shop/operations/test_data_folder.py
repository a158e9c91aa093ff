from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from shop.operations import data_folder
from shop.operations.data_folder import broker_socket, make_private, open_data_folder, shared_memory_folder
from tests.processes.valkey import Valkey


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SHOP_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "shop.settings"}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("command", ["run_shop", "check"])
def test_a_folder_that_cannot_be_is_said_in_a_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")

    said = manage(tmp_path / "file" / "data", command)

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "(Not a directory). Set SHOP_DATA_DIR to a folder that you may write to." in said.stderr


@pytest.mark.parametrize("name", ["~nobody-of-this-name/data", "a" * 300, "/sys", "loop"])
def test_whatever_is_wrong_with_a_folder_is_a_matter_of_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")

    with pytest.raises(ImproperlyConfigured, match="SHOP_DATA_DIR"):
        open_data_folder(name)


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    with pytest.raises(ImproperlyConfigured, match="cannot be written to"):
        open_data_folder(str(tmp_path))


def test_signs_that_mean_something_in_an_address_mean_nothing_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a shop#1?100%41"

    with Valkey(folder / "run" / "valkey.sock"):
        said = manage(
            folder,
            "shell",
            "--verbosity=0",
            "--command=from django.conf import settings; from django.core.cache import cache\n"
            "from shop.celery import app\n"
            "cache.set('a', 1); app.connection_for_write().ensure_connection(max_retries=1)\n"
            "print(cache.get('a'), settings.DATABASES['default']['NAME'])",
        )

    assert said.stdout == f"1 {folder}/shop.sqlite3\n", said.stderr


def test_what_is_private_is_closed_to_others_but_stays_open_to_a_group_that_was_let_in(tmp_path: Path) -> None:
    for name in ("photos", "log", "static"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "photos").chmod(0o750)
    for name in ("shop.sqlite3", "secret-key"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o755)

    open_data_folder(str(tmp_path))

    modes = {path.name: mode(path) for path in [tmp_path, *tmp_path.iterdir()] if path != tmp_path}
    assert modes == {
        "broker": 0o700,
        "files": 0o700,
        "given": 0o700,
        "drafts": 0o700,
        "log": 0o700,
        "photos": 0o750,
        "run": 0o700,
        "secret-key": 0o600,
        "shop.sqlite3": 0o600,
        "static": 0o755,
        "waiting": 0o700,
    }
    assert mode(tmp_path) == 0o755


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert mode(open_data_folder(str(tmp_path / "new"))) == 0o700


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder too deep for a socket; short folders are in `tmp_path / "t"`."""
    monkeypatch.setattr(data_folder, "SHORT_FOLDERS", tmp_path / "t")
    (tmp_path / "t").mkdir()
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    return folder


def test_a_socket_is_in_the_data_folder_where_its_path_is_short_enough(tmp_path: Path) -> None:
    assert broker_socket(Path("/srv/shop/run")) == Path("/srv/shop/run/valkey.sock")


def test_a_socket_whose_path_would_be_too_long_is_in_a_short_folder_of_its_own(deep: Path, tmp_path: Path) -> None:
    socket, again, other = broker_socket(deep), broker_socket(deep), broker_socket(deep.parent)

    assert socket == again != other
    assert socket.parent.parent == tmp_path / "t"
    assert mode(socket.parent) == 0o700


def test_a_short_folder_that_others_may_enter_is_refused(deep: Path) -> None:
    broker_socket(deep).parent.chmod(0o755)

    with pytest.raises(ImproperlyConfigured, match="somebody else's"):
        broker_socket(deep)


def test_a_link_in_place_of_the_short_folder_is_refused(deep: Path, tmp_path: Path) -> None:
    folder = broker_socket(deep).parent
    folder.rmdir()
    folder.symlink_to(tmp_path)

    with pytest.raises(ImproperlyConfigured, match="somebody else's"):
        broker_socket(deep)


@pytest.mark.parametrize(("length", "moved"), [(107, False), (108, True)])
def test_a_socket_is_in_the_data_folder_while_the_kernel_takes_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, *, length: int, moved: bool
) -> None:
    # The folder of a test may have a long name itself.
    short = Path(tempfile.mkdtemp(prefix="vitrine-"))
    request.addfinalizer(lambda: shutil.rmtree(short))
    monkeypatch.setattr(data_folder, "SHORT_FOLDERS", short)
    left = length - len(os.fsencode(tmp_path)) - len("//valkey.sock")
    run = tmp_path / ("r" * left)
    run.mkdir()

    path = broker_socket(run)

    assert len(os.fsencode(run / "valkey.sock")) == length
    assert (path.parent != run) is moved
    # The kernel agrees.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    with socket.socket(socket.AF_UNIX) as listener, pytest.raises(OSError, match="path too long"):
        listener.bind("/" * 108)


def test_what_must_go_on_is_in_shared_memory_where_there_is_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "SHARED_MEMORY", tmp_path / "shm")
    assert shared_memory_folder(tmp_path / "run") == tmp_path / "run" / "shared"

    (tmp_path / "shm").mkdir()

    assert shared_memory_folder(tmp_path / "run").parent == tmp_path / "shm"
    assert shared_memory_folder(tmp_path / "run") != shared_memory_folder(tmp_path / "other")


def test_a_private_folder_is_empty_and_ours_alone(tmp_path: Path) -> None:
    assert make_private(tmp_path / "shared") == tmp_path / "shared"
    (tmp_path / "shared" / "old").write_text("")

    assert make_private(tmp_path / "shared") == tmp_path / "shared"

    assert list((tmp_path / "shared").iterdir()) == []
    assert mode(tmp_path / "shared") == 0o700


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)

    assert [make_private(tmp_path / name) for name in ("open", "file", "link", "file/below")] == [None] * 4
    assert (tmp_path / "file").exists()


@pytest.mark.parametrize(("has_a_shop", "refused"), [(True, False), (False, True)])
def test_a_shop_whose_disk_turned_read_only_still_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_a_shop: bool, refused: bool
) -> None:
    if has_a_shop:
        (tmp_path / "secret-key").write_text("key")
    monkeypatch.setattr(data_folder, "is_read_only", lambda folder: True)
    monkeypatch.setattr(os, "access", lambda path, how: False)

    if refused:
        with pytest.raises(ImproperlyConfigured, match="cannot be written to"):
            open_data_folder(str(tmp_path))
    else:
        assert open_data_folder(str(tmp_path)) == tmp_path
