"""How the Python client takes refusals, busy shops and broken connections: real ones, on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.harness.trial_shop import ROOT, free_port
from visualsearch.services.webhooks import signature_of

FOLDER = ROOT / "clients" / "python"
sys.path.insert(0, str(FOLDER))

from vitrine_client import ConnectionFailed, Problem, TimedOut, Vitrine, is_from_the_shop  # noqa: E402

# A status, headers and a body; or what else happens to the connection.
Reply = tuple[int, dict[str, str], Any] | Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(*replies: Reply) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server that gives these answers, one after the other, and what it was asked."""
    left, asked = list(replies), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(f"{self.command} {self.path}")
            reply = left.pop(0)
            if callable(reply):
                reply(self)
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            content = json.dumps(body).encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET  # noqa: N815  (the names that the server calls)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


BUSY: Reply = (503, {"Retry-After": "0"}, {"code": "search_unavailable", "detail": "Busy."})
THROTTLED: Reply = (429, {"Retry-After": "0"}, {"code": "throttled", "detail": "Too many."})
OK: Reply = (200, {}, {"results": [], "next": None})


def test_what_may_be_repeated_is_sent_again_as_often_as_said() -> None:
    with answering(BUSY, THROTTLED, OK) as (address, asked), Vitrine(address) as shop:
        assert shop.predict(b"photo")["next"] is None
    with answering(BUSY, BUSY, BUSY) as (address, more), Vitrine(address) as shop, pytest.raises(Problem) as refused:
        shop.article(1)

    assert asked == ["POST /api/predict"] * 3
    assert more == ["GET /api/articles/1"] * 3
    assert (refused.value.code, refused.value.retry_after) == ("search_unavailable", 0)


@pytest.mark.parametrize(
    "reply",
    [
        (503, {}, {}),
        (429, {"Retry-After": "3600"}, {}),
        (503, {"Retry-After": "soon"}, {}),
        (500, {"Retry-After": "0"}, {}),
        (404, {"Retry-After": "0"}, {}),
    ],
)
def test_other_refusals_are_raised_at_once(reply: Reply) -> None:
    with answering(reply) as (address, asked), Vitrine(address) as shop, pytest.raises(Problem):
        shop.article(1)

    assert len(asked) == 1


def test_what_may_not_be_repeated_is_sent_once() -> None:
    with answering(BUSY) as (address, asked), Vitrine(address) as shop, pytest.raises(Problem):
        shop.change_article(1, stock=3)

    assert asked == ["PATCH /api/articles/1"]


def test_a_shop_that_cannot_be_reached_is_an_error_of_its_own() -> None:
    with Vitrine(f"http://127.0.0.1:{free_port()}") as shop, pytest.raises(ConnectionFailed):
        shop.categories()
    with (
        answering(lambda handler: handler.connection.close()) as (address, asked),
        Vitrine(address) as shop,
        pytest.raises(ConnectionFailed),
    ):
        shop.categories()

    assert len(asked) == 1


def test_a_silent_shop_is_given_up() -> None:
    started = time.monotonic()
    with (
        answering(lambda handler: time.sleep(3)) as (address, _asked),
        Vitrine(address, timeout_s=0.3) as shop,
        pytest.raises(TimedOut),
    ):
        shop.categories()
        assert time.monotonic() - started < 3


def test_a_parameter_that_the_shop_did_not_use_is_warned_of() -> None:
    answer: Reply = (200, {"X-Unused-Parameters": "colr"}, {"results": [], "next": None})
    with answering(answer) as (address, _asked), Vitrine(address) as shop, pytest.warns(UserWarning, match="colr"):
        list(shop.articles(colr="red"))


def test_a_webhook_of_the_shop_is_told_from_others() -> None:
    secret, body, now = "whsec_" + "QUJD" * 8, b"{}", str(int(time.time()))
    headers = {"Webhook-Id": "a", "Webhook-Timestamp": now, "Webhook-Signature": signature_of(secret, "a", now, body)}

    assert is_from_the_shop(secret, headers, body)
    assert not is_from_the_shop(secret, headers, b"{ }")
    assert not is_from_the_shop("whsec_" + "QUJE" * 8, headers, body)
    assert not is_from_the_shop(secret, {**headers, "Webhook-Id": "b"}, body)
    assert not is_from_the_shop(secret, {**headers, "Webhook-Timestamp": "1"}, body)
    assert not is_from_the_shop(secret, {**headers, "Webhook-Timestamp": "²"}, body)
    assert not is_from_the_shop(secret, {**headers, "Webhook-Signature": "v1,é"}, body)
    assert not is_from_the_shop(secret, {}, body)


@pytest.mark.parametrize("address", ["shop.example", "localhost:8000", "", "ftp://shop.example"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="Write it as https://"):
        Vitrine(address)


def test_the_client_installs_from_its_folder(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    copy = tmp_path / "python"
    subprocess.run(["cp", "-r", str(FOLDER), str(copy)], check=True)
    offline = ["--no-index", "--no-deps"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(copy)], check=True
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([*pip, "--python", python, "install", *offline, str(wheel)], check=True)

    # What it depends on is found where these tests find it.
    found = {"PYTHONPATH": next(path for path in sys.path if path.endswith("site-packages"))}
    said = subprocess.run(
        [python, "-c", "import vitrine_client as v; print(v.__file__, v.TimedOut.__mro__[1].__name__)"],
        env=found, cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert said.startswith(str(tmp_path / "venv"))
    assert said.split()[1:] == ["ConnectionFailed"]
