"""Writers and readers of vectors in processes of their own, on both databases, without a broker or a web process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lab.harness.postgresql import postgresql
from lab.harness.trial_shop import ROOT, patience_s
from tests.processes.shop import Shop

ROUNDS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop whose database is there, and none of whose processes run."""
    if request.param == "sqlite":
        yield from prepared(Shop())
    else:
        with postgresql() as address:
            yield from prepared(Shop(DATABASE_URL=address))


def prepared(shop: Shop) -> Iterator[Shop]:
    try:
        shop.prepare()
        yield shop
    finally:
        shop.__exit__()


def run(shop: Shop, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.processes.writing", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=shop.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_readers_end_up_with_the_rows_however_late_writers_commit(shop: Shop) -> None:
    """Two writers and two readers, who begin before anything is written, and never begin anew."""
    said, _ = run(shop, "prepare").communicate(timeout=patience_s(60))
    assert said == ""
    stop = shop.data / "stop"
    readers = [run(shop, "read", str(stop)) for _ in range(2)]
    writers = [run(shop, "write", str(seed), str(ROUNDS)) for seed in range(2)]

    wrote = [writer.communicate(timeout=patience_s(120))[0] for writer in writers]
    stop.touch()
    read = [reader.communicate(timeout=patience_s(120))[0] for reader in readers]

    assert [writer.returncode for writer in writers] == [0, 0], wrote
    assert [reader.returncode for reader in readers] == [0, 0], read
    for text in read:
        told = re.search(r"(\d+) of \1 vectors, in (\d+) steps, snapshot 0", text)
        assert told, text
        # It followed the log, and did not read all at the end.
        assert int(told[2]) > 10
