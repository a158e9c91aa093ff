"""What each process imports: a library that is not used costs every start its time and every process its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings

UNUSED = ["tensorflow", "keras", "requests", "psycopg", "django.test", "matplotlib", "pytest", "IPython"]
# Each as its process does it, up to where it would answer.
WEB = "import shop.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
WORKER = "from shop import celery_app; celery_app.loader.import_default_modules(); celery_app.finalize()"
COMMAND = "from django.core.management import execute_from_command_line as run; run(['manage.py', 'check'])"


def imported(program: str, folder: Path) -> list[str]:
    """Return what of UNUSED a fresh process has imported after the program, on SQLite."""
    report = f"{program}; import json, sys; print(json.dumps([name for name in {UNUSED} if name in sys.modules]))"
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PYTHONWARNINGS"}}
    environment |= {"SHOP_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "shop.settings"}

    ran = subprocess.run(
        [sys.executable, "-c", report],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    names: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return names


@pytest.mark.parametrize("program", [WEB, WORKER, COMMAND], ids=["web", "worker", "command"])
def test_no_process_of_a_shop_imports_what_it_does_not_use(program: str, tmp_path: Path) -> None:
    assert imported(program, tmp_path) == []


def test_what_would_be_imported_is_installed_here() -> None:
    """Else the test above could not fail."""
    assert all(find_spec(name) for name in ("requests", "psycopg", "tensorflow", "matplotlib"))


def test_the_api_document_is_written_all_the_same(tmp_path: Path) -> None:
    """What writes it takes the place of the client that is not imported at the start."""
    write = (
        "import os, django; django.setup(); from django.core.management import call_command as call; "
        f"call('spectacular', file={str(tmp_path / 'document')!r}, validate=True, fail_on_warn=True)"
    )

    assert "django.test" in imported(write, tmp_path)
    assert "/api/articles" in (tmp_path / "document").read_text()
