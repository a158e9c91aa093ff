from __future__ import annotations

import multiprocessing
import re
from pathlib import Path

from django.conf import settings

from shop.secret_key import kept_secret_key

ROOT = Path(settings.BASE_DIR)


def test_every_setting_is_in_the_example_and_the_readme() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "shop/settings.py").read_text()))
    listed = set(re.findall(r"^#?\s*([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    explained = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))

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
    assert readers <= {"shop/__init__.py", "shop/celery.py", "shop/wsgi.py", "shop/management/commands/run_shop.py"}


def read_key(folder: Path) -> str:
    return kept_secret_key(folder)


def test_processes_that_start_at_once_read_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = set(pool.map(read_key, [tmp_path / "data"] * 8))

    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]
