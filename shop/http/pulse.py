"""The pulse of a process that serves: each request is work from its start until its answer is given out.

It wraps a WSGI application, whatever server runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from shop.observability.metrics import METHODS
from shop.observability.pulse import Work, pulses

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class ProgressingBody:
    """A request's body: to receive some of it is to get on."""

    def __init__(self, body: Any, work: Work) -> None:
        self._body, self._work = body, work

    def read(self, *size: int) -> bytes:
        return self._got(self._body.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._got(self._body.readline(*size))

    def __iter__(self) -> Iterator[bytes]:
        return map(self._got, self._body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    def _got(self, data: bytes) -> bytes:
        self._work.go_on()
        return data


class ProgressingAnswer:
    """An answer that is given out in parts: to give out one is to get on, and the work ends with the last."""

    def __init__(self, answer: Iterable[bytes], work: Work) -> None:
        self._answer, self._work = answer, work

    def __iter__(self) -> Iterator[bytes]:
        for part in self._answer:
            self._work.go_on()
            yield part

    def close(self) -> None:
        try:
            if hasattr(self._answer, "close"):
                self._answer.close()
        finally:
            pulses.end(self._work)


def show_pulse(application: Application, folder: Path) -> Application:
    """Return a WSGI application that shows in `folder` what it is at, if whoever supervises made that folder."""
    pulses.start(folder)

    def shown(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ.get("REQUEST_METHOD", "")
        work = pulses.begin(f"{method if method in METHODS else 'other'} request")
        if "wsgi.input" in environ:
            environ["wsgi.input"] = ProgressingBody(environ["wsgi.input"], work)
        try:
            return ProgressingAnswer(application(environ, start_response), work)
        except BaseException:
            pulses.end(work)
            raise

    return shown
