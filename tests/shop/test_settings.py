from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from shop.operations.secret_key import kept_secret_key

ROOT = Path(settings.BASE_DIR)


def test_every_setting_is_in_the_example_and_the_documents() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "shop/settings.py").read_text()))
    listed = set(re.findall(r"^#?\s*([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    explained = set(re.findall(r"^\| `([A-Z0-9_]+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))

    assert read == listed
    assert read == explained


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in ("shop", "catalogue", "visualsearch")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    }

    # These hand the environment on, or name the settings' module, and decide nothing by it.
    assert readers <= {
        "shop/__init__.py",
        "shop/celery.py",
        "shop/wsgi.py",
        "shop/management/commands/run_shop.py",
        "shop/operations/backup/postgresql.py",
        "lab/harness/trial_shop.py",
        "lab/benchmarks/baselines/rows.py",
    }


def cookie_names(folder: Path, port: str) -> set[str]:
    said = subprocess.run(
        [sys.executable, "-c", "from shop.settings import *; print(SESSION_COOKIE_NAME, CSRF_COOKIE_NAME)"],
        cwd=ROOT,
        env={**os.environ, "SHOP_DATA_DIR": str(folder), "PORT": port},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(said.stdout.split())


def test_two_shops_on_one_machine_do_not_take_each_others_cookies(tmp_path: Path) -> None:
    first, again, second = (cookie_names(tmp_path / name, port) for name, port in (("a", "1"), ("a", "2"), ("b", "3")))

    assert len(first) == 2
    assert first == again
    assert not first & second


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", "PORT cannot be 'abc'."),
        ("PORT", "99999", "PORT cannot be 99999: ports go from 1 to 65535."),
        (
            "SHOP_LOCK_TIMEOUT_S",
            "-1",
            "SHOP_LOCK_TIMEOUT_S, SHOP_STATEMENT_TIMEOUT_S and SHOP_DATABASE_CONNECTIONS go from 0",
        ),
        ("SHOP_RECONCILE_INTERVAL_S", "often", "SHOP_RECONCILE_INTERVAL_S cannot be 'often'."),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_in_a_line(tmp_path: Path, name: str, value: str, words: str) -> None:
    said = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", "SHOP_DATA_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode != 0
    assert said.stderr.startswith(words)
    assert len(said.stderr.splitlines()) == 1


def read_key(folder: Path) -> str:
    return kept_secret_key(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SHOP_SWEEP_EVERY_S", "SHOP_RECONCILE_INTERVAL_S"),
        ("SHOP_INDEX_FOLD_CHANGES", "SHOP_INDEX_COMPACT_CHANGES"),
        ("SHOP_INDEX_FOLD_SHARE", "SHOP_INDEX_COMPACT_SHARE"),
    ],
)
def test_a_setting_under_its_former_name_is_refused_with_the_new_one(tmp_path: Path, old: str, new: str) -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", "SHOP_DATA_DIR": str(tmp_path), old: "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (started.returncode, f"{old} is called {new} now." in started.stderr) == (1, True)


def test_processes_that_start_at_once_read_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = set(pool.map(read_key, [tmp_path / "data"] * 8))

    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_a_shop_with_https_passes_every_check_of_a_deployment(tmp_path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            # Browser tests of the same process set what no deployment has.
            **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "SHOP_DATA_DIR": str(tmp_path),
            "SHOP_HTTPS": "on",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
