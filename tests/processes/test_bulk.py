"""Embedding a catalogue from a terminal: stopped, broken and gone on with."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from lab.benchmarks.freshness_parts.probing import children_of
from lab.chaos.pictures import picture
from lab.harness.trial_shop import ROOT, TrialShop, patience_s, wait_until
from visualsearch.models import PhotoEmbedding

# Enough that two stops come in between: a process writes a few dozen vectors at once.
PHOTOS = 500
FILES = 20
WITHIN_S = 60.0


@pytest.fixture
def shop() -> Iterator[TrialShop]:
    """A shop without processes, whose photos all wait; one file is no picture."""
    shop = TrialShop()
    try:
        shop.prepare()
        pictures = shop.data / "pictures"
        pictures.mkdir()
        for number in range(FILES):
            (pictures / f"{number:02d}.jpg").write_bytes(picture(number) if number else b"no picture")
        shop.shell(f"from lab.benchmarks.serving.stock import stock_waiting;stock_waiting({str(pictures)!r}, {PHOTOS})")
        yield shop
    finally:
        shop.__exit__()


def embedding(shop: TrialShop) -> subprocess.Popen[str]:
    """Start the command, and return it once it has written vectors."""
    had = vectors(shop)
    command = subprocess.Popen(
        [sys.executable, "manage.py", "embed_waiting", "--processes", "2"],
        cwd=ROOT,
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: vectors(shop) > had or command.poll() is not None, within_s=WITHIN_S, what="vectors are written")
    return command


def vectors(shop: TrialShop) -> int:
    with closing(sqlite3.connect(shop.data / "shop.sqlite3", timeout=WITHIN_S)) as database:
        (count,) = database.execute(f"SELECT COUNT(*) FROM {PhotoEmbedding._meta.db_table}").fetchone()
    return int(count)


def end_of(command: subprocess.Popen[str]) -> tuple[int, str]:
    _, complaint = command.communicate(timeout=patience_s(WITHIN_S))
    return command.returncode, complaint


def test_a_catalogue_is_embedded_across_a_stop_and_a_killed_process(shop: TrialShop) -> None:
    stopped = embedding(shop)
    stopped.send_signal(signal.SIGTERM)
    status, complaint = end_of(stopped)
    assert status == 130
    assert "photos are still pending. Run the command again to continue." in complaint
    kept = vectors(shop)
    assert 0 < kept < PHOTOS

    broken = embedding(shop)
    # Its helper that looks after semaphores is a child too.
    for child in children_of(broken.pid):
        os.kill(child, signal.SIGKILL)
    status, complaint = end_of(broken)
    assert status == 1
    assert "was killed" in complaint
    assert vectors(shop) >= kept

    whole = shop.manage("embed_waiting", "--processes", "2")
    assert whole.stdout.splitlines()[-1] == f"0 photos waiting, {PHOTOS // FILES} failed"
    assert vectors(shop) == PHOTOS - PHOTOS // FILES
