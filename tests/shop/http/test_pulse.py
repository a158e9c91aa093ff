"""What the watchdog is shown of requests."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from django.urls import resolve

from shop.http.pulse import show_pulse
from shop.observability import pulse as pulse_module
from shop.observability.logs import RequestLogMiddleware
from shop.observability.pulse import PulseWriter, pulses, read_pulses


@pytest.fixture(autouse=True)
def own_pulses() -> Iterator[None]:
    yield
    pulses.end_current()


def test_a_request_is_work_until_its_answer_is_given_out(tmp_path: Path) -> None:
    seen = []

    def answer(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        seen.append(pulses.read().busy)
        yield b"one"
        seen.append(pulses.read().busy)
        yield b"two"

    application = show_pulse(answer, tmp_path / "nobody watches")
    given: Any = application({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}, lambda *said: None)

    assert list(given) == [b"one", b"two"]
    assert pulses.read().busy == "GET request"
    given.close()
    assert (seen, pulses.read().busy) == (["GET request"] * 2, "")


def test_a_bug_ends_the_work(tmp_path: Path) -> None:
    def fail(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        show_pulse(fail, tmp_path / "nobody")({"REQUEST_METHOD": "BREW"}, lambda *said: None)

    assert pulses.read().busy == ""


def test_receiving_a_body_and_giving_out_an_answer_is_to_get_on(tmp_path: Path) -> None:
    def answer(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        before = pulses.progress
        assert environ["wsgi.input"].read(1) == b"b"
        assert before < pulses.progress
        before = pulses.progress
        assert environ["wsgi.input"].readline() == b"ody\n"
        assert list(environ["wsgi.input"]) == [b"more"]
        assert before < pulses.progress
        yield b"answer"

    body = io.BytesIO(b"body\nmore")
    given: Any = show_pulse(answer, tmp_path / "nobody")(
        {"REQUEST_METHOD": "POST", "wsgi.input": body}, lambda *s: None
    )
    assert list(given) == [b"answer"]
    given.close()


@override_settings(PROXIES=1)
def test_a_request_is_named_by_view_and_id_and_not_by_its_path() -> None:
    request: HttpRequest = RequestFactory().get("/api/articles?q=mary@example.org", headers={"X-Request-ID": "a" * 8})
    request.resolver_match = resolve("/api/articles")
    work = pulses.begin("GET request")
    middleware = RequestLogMiddleware(lambda request: None)  # type: ignore[arg-type,return-value]  # never called

    middleware.process_view(request)

    assert work.name == "GET api-articles, request_id None"


def test_a_pulse_is_written_while_somebody_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "BEAT_S", 0.01)
    monkeypatch.setattr(pulse_module, "tell_where_it_hangs", lambda: None)
    writer = PulseWriter()
    writer.begin("before anybody watched")
    writer.start(tmp_path)
    work = writer.begin("GET home")

    def shown() -> str:
        for _ in range(500):
            if (found := read_pulses(tmp_path)) and found[0].busy:
                return found[0].busy
            time.sleep(0.01)
        return ""

    assert shown() == "GET home"
    writer.end(work)


def test_pulses_of_processes_that_ended_are_removed_and_half_ones_left_out(tmp_path: Path) -> None:
    (tmp_path / "4194305.pulse").write_text(
        '{"pid": 4194305, "beat": 1, "progress": 1, "turned": 0, "cpu_s": 1, "busy": "", "busy_since": 1}'
    )
    (tmp_path / "2.pulse").write_text('{"pid": 2, "be')

    assert read_pulses(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["2.pulse"]
