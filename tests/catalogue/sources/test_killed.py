"""A fetcher that is killed loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from lab.harness.trial_shop import patience_s
from shop.operations.data_folder import broker_socket
from tests.catalogue.sources.gallery import Gallery
from tests.factories import drawn_picture
from tests.processes.valkey import Valkey

ROOT = Path(settings.BASE_DIR)
NAMES = [f"{n}.png" for n in range(10)]


@pytest.fixture
def data() -> Iterator[Path]:
    # A socket's path has 107 characters at the most.
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        yield Path(folder)


def test_a_fetcher_that_is_killed_again_and_again_loses_and_doubles_nothing(data: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SHOP_DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/shop.sqlite3",
        "REDIS_URL": "",
        "SHOP_VISUAL_SEARCH": "0",
        "SHOP_FETCH_PAUSE_S": "0",
    }

    def asked(question: str) -> list[Any]:
        connection = sqlite3.connect(data / "shop.sqlite3", timeout=patience_s(20))
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()

    def changed(statement: str) -> None:
        with closing(sqlite3.connect(data / "shop.sqlite3", timeout=20)) as connection, connection:
            connection.execute(statement)

    def process(*words: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "tests.catalogue.sources.fetching",
            words[0],
            str(gallery.server.port),
            *words[1:],
        ]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    (data / "run").mkdir()
    manage = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(manage, cwd=ROOT, env=environment, check=True)
    with Valkey(broker_socket(data / "run")) as valkey, Gallery() as gallery:
        gallery.pictures = {name: drawn_picture(f"#{n:02x}8040") for n, name in enumerate(NAMES)}
        gallery.slow_s = 0.1
        assert process("import", *NAMES).wait(patience_s(60)) == 0
        for killed_after in (3, 9):
            with process("fetch") as killed:
                while asked("SELECT count(*) FROM catalogue_photo")[0][0] < killed_after and killed.poll() is None:
                    time.sleep(0.005)
                killed.send_signal(signal.SIGKILL)
            assert killed.returncode == -signal.SIGKILL
            # What it held expires by itself within a minute, for which no test waits.
            valkey.empty()
            changed("UPDATE catalogue_photosource SET leased_until = '2001-01-01'")
        left = asked("SELECT count(*) FROM catalogue_photo")[0][0]
        assert process("fetch").wait(patience_s(60)) == 0

    assert 9 <= left < 30
    assert asked("SELECT count(*), count(DISTINCT article_id || sha256) FROM catalogue_photo") == [(30, 30)]
    assert asked("SELECT count(*) FROM catalogue_photosource WHERE due IS NULL AND error IS NULL") == [(30,)]
    placed = asked(
        "SELECT count(*) FROM catalogue_photosource s JOIN catalogue_photo p ON p.id = s.photo_id "
        "WHERE p.sha256 = s.sha256 AND p.position = s.position AND p.article_id = s.article_id"
    )
    assert placed == [(30,)]
    kept = {name for (name,) in asked("SELECT file FROM catalogue_photo")}
    stored = {str(path.relative_to(data / "photos")) for path in (data / "photos").rglob("*.png")}
    assert kept <= stored
    # A file that was stored and not written down is removed by the daily clean-up.
    assert len(stored - kept) <= 2
