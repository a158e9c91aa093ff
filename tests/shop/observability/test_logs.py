"""Structured logs: JSON lines with a request id, without personal data."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.test import Client
from django.urls import reverse

from catalogue import tasks
from shop.observability.logs import hide_personal, logging_config
from tests.factories import ArticleFactory


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Log as a shop does, into a buffer, and return a function that reads the lines."""
    buffer = io.StringIO()
    monkeypatch.setattr(sys, "stderr", buffer)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logging.config.dictConfig(logging_config(json=True, level="INFO"))
    yield lambda: [json.loads(line) for line in buffer.getvalue().splitlines()]
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.mark.django_db
def test_a_request_is_logged_by_its_view_and_its_answer_names_it(client: Client, lines: Any) -> None:
    article = ArticleFactory.create()

    response = client.get(
        f"/api/articles/{article.pk}?q=my+secret",
        headers={"User-Agent": "My browser", "X-Forwarded-For": "203.0.113.9"},
        REMOTE_ADDR="198.51.100.7",
    )

    (line,) = [line for line in lines() if line["logger"] == "shop.requests"]
    assert line["request_id"] == response["X-Request-ID"]
    assert (line["method"], line["view"], line["status"], line["level"]) == ("GET", "api-article", 200, "info")
    assert line["ms"] > 0
    assert set(line) == {"event", "time", "level", "logger", "request_id", "method", "view", "status", "ms"}
    said = json.dumps(lines())
    for personal in ("secret", "My browser", "203.0.113.9", "198.51.100.7"):
        assert personal not in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-12345", True), ("short", False), ("a b c d e f g", False), ("x" * 65, False)]
)
def test_a_request_keeps_the_id_that_a_proxy_gave_if_it_is_one(
    client: Client, settings: Any, sent: str, kept: bool
) -> None:
    settings.PROXIES = 1
    response = client.get(reverse("api-categories"), headers={"X-Request-ID": sent})

    assert (response["X-Request-ID"] == sent) is kept


@pytest.mark.django_db
def test_a_visitor_cannot_name_a_request(client: Client) -> None:
    sent = "JaneRoe-06-12-34-56-78"

    assert client.get(reverse("api-categories"), headers={"X-Request-ID": sent})["X-Request-ID"] != sent


@pytest.mark.django_db
def test_what_others_say_of_a_request_names_neither_its_path_nor_its_host(client: Client, lines: Any) -> None:
    client.get("/nothing/Jane%20Roe/?mail=jane%40example.com")
    client.get("/", headers={"Host": "jane-roe.example"})
    logging.getLogger("waitress").error("Exception while serving %s", "/articles/?q=Jane+Roe")

    said = [line["event"] for line in lines()]
    assert {"Not Found", "Invalid HTTP_HOST header", "Exception while serving"} <= set(said)
    assert not [event for event in said if "jane" in event.lower() or "roe" in event.lower()]


@pytest.mark.django_db
def test_a_task_belongs_to_the_request_that_queued_it(client: Client, lines: Any) -> None:
    request = type("Request", (), {"request_id": "of-request"})()
    task = type("Task", (), {"request": request})()
    headers: dict[str, Any] = {}
    with structlog.contextvars.bound_contextvars(request_id="of-request"):
        before_task_publish.send("t", headers=headers)
    task_prerun.send("t", task_id="1", task=task)
    logging.getLogger("catalogue.tasks").info("at work")
    task_postrun.send("t")
    logging.getLogger("catalogue.tasks").info("done")

    assert headers.pop("queued") > 0
    assert headers == {"request_id": "of-request"}
    assert [line.get("request_id") for line in lines()[-2:]] == ["of-request", None]
    assert tasks.logger.name == "catalogue.tasks"


@pytest.mark.parametrize(
    "text",
    [
        "from 203.0.113.9 port 80",
        "from 2001:db8::ff00:42:8329",
        "from ::1",
        "of jane.doe+shop@example.org",
        "GET /api/search?token=eyJ2IjoxLC:abc&x=1",
        "Authorization: Token 0123456789abcdef0123456789abcdef01234567",
        "Authorization: Api-Key 3_abc-DEF",
    ],
)
def test_personal_data_is_redacted(text: str) -> None:
    event = hide_personal(None, "", {"event": text, "status": 200})

    assert "[hidden]" in event["event"]
    for part in ("203.0", "2001:db8", "::1", "jane", "eyJ2", "0123456789abcdef", "3_abc"):
        assert part not in event["event"]
    assert event["status"] == 200


@pytest.mark.parametrize(
    "text", ["2026-11-28 09:14:33,123", "took 12.5 ms", "version 0.1.0", "photo 17 of article 3: ok"]
)
def test_times_and_numbers_stay(text: str) -> None:
    assert hide_personal(None, "", {"event": text})["event"] == text


def test_lines_for_people_are_lines() -> None:
    config = logging_config(json=False, level="INFO")
    formatter = config["formatters"]["line"]
    made = formatter.pop("()")(**formatter)

    line = made.format(logging.LogRecord("a.b", logging.WARNING, "", 1, "said %s", ("so",), None))

    assert "level='warning' logger='a.b' event='said so'" in line


def test_an_error_is_logged_with_its_traceback(lines: Any) -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logging.getLogger("x").exception("broke")

    assert "ZeroDivisionError" in lines()[-1]["exception"]
