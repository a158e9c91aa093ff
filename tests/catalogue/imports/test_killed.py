"""A worker that is killed in the middle of an import loses no row and counts none twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from lab.harness.trial_shop import patience_s
from tests.catalogue.imports.handed_in import table

ROWS = 3_000
BEGIN = """
from django.core.files.base import ContentFile
from catalogue import imports
run = imports.receive(ContentFile(open({path!r}, "rb").read(), name="spring.csv"))
while imports.run_slice(run.pk, for_s=600):
    pass
assert imports.start(run)
"""
# As another worker would, once it takes the one that died for dead.
WORK = """
from datetime import timedelta
from catalogue import imports
from catalogue.models import ImportRun
ImportRun.LEASE = timedelta(0)
while imports.run_slice(1, for_s=600):
    pass
"""


def test_an_import_whose_worker_is_killed_again_and_again_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SHOP_DATA_DIR": str(tmp_path / "d"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/shop.sqlite3",
        "SHOP_VISUAL_SEARCH": "0",
    }
    path = tmp_path / "spring.csv"
    path.write_text(table(ROWS, bad=50))

    def manage(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL
        )

    def asked(question: str) -> tuple[object, ...]:
        connection = sqlite3.connect(tmp_path / "shop.sqlite3", timeout=patience_s(20))
        try:
            return tuple(connection.execute(question).fetchone())
        finally:
            connection.close()

    assert manage("migrate", "--verbosity=0").wait(patience_s(60)) == 0
    assert manage("shell", "--command", BEGIN.format(path=str(path))).wait(patience_s(60)) == 0
    for killed_after in (200, 1_000):
        with manage("shell", "--command", WORK) as worker:
            while worker.poll() is None and asked("SELECT created FROM catalogue_importrun") < (killed_after,):
                time.sleep(0.005)
            worker.send_signal(signal.SIGKILL)
        assert worker.returncode == -signal.SIGKILL
    left = asked("SELECT created, state FROM catalogue_importrun")
    assert manage("shell", "--command", WORK).wait(patience_s(60)) == 0

    assert left[1] == "importing"
    assert 1_000 <= int(str(left[0])) < ROWS
    numbers = asked("SELECT state, total, created, changed, unchanged, refused FROM catalogue_importrun")
    assert numbers == ("finished", ROWS + 50, ROWS, 0, 0, 50)
    assert asked("SELECT count(*), count(DISTINCT sku) FROM catalogue_article") == (ROWS, ROWS)
    assert asked("SELECT count(*), count(DISTINCT line) FROM catalogue_importrefusal") == (50, 50)
    assert list((tmp_path / "d" / "files").rglob("*.csv")) == []
