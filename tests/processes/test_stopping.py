"""Asked to stop, processes finish what they have begun."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator

import pytest

from lab.benchmarks.serving.clients import CONTENT_TYPE, body_of
from lab.harness.trial_shop import wait_until
from tests.processes.shop import Shop, garment


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop() as running:
        yield running


def test_a_search_on_its_way_is_answered_though_the_web_is_asked_to_stop(shop: Shop) -> None:
    body = body_of(garment(1))
    head = (
        f"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    web = shop.process("web")
    assert web is not None
    with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as client:
        client.sendall(head.encode() + body[: len(body) // 2])
        time.sleep(0.5)
        shop.signal("web", signal.SIGTERM)
        time.sleep(0.5)
        client.sendall(body[len(body) // 2 :])
        answer = client.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    wait_until(lambda: web.poll() is not None, within_s=15, what="the web ends")
    assert web.returncode == 0
    shop.stop("web")
    shop.start("web")
    wait_until(shop.is_ready, within_s=60, what="the shop is ready again")


def test_a_worker_asked_to_stop_ends_its_task_and_the_rest_is_done_by_the_next(shop: Shop) -> None:
    folder = shop.data / "in"
    folder.mkdir()
    for number in range(120):
        (folder / f"STOP-{number}.jpg").write_bytes(garment(1_000 + number))
    shop.manage("import_catalogue", str(folder))
    wait_until(lambda: shop.health()["index"]["vectors"] > 0, within_s=60, what="a worker is at it")
    worker = shop.process("bulk")
    assert worker is not None

    shop.signal("bulk", signal.SIGTERM)
    wait_until(lambda: worker.poll() is not None, within_s=30, what="the worker ends by itself")
    unfinished = shop.shell(
        "from redis import Redis; from django.conf import settings;"
        "print(Redis(unix_socket_path=str(settings.BROKER_SOCKET)).hlen('unacked'))"
    )
    shop.stop("bulk")
    shop.start("bulk")

    wait_until(lambda: shop.health()["index"]["pending"] == 0, within_s=120, what="every photo is found")
    assert worker.returncode == 0
    assert unfinished.splitlines()[-1] == "0"
    # A web process asks for news of the index a few times a second.
    wait_until(lambda: shop.finds_first(garment(1_119), "STOP-119"), within_s=10, what="it is found")
