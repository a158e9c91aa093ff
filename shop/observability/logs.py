"""Structured logging: one JSON object per line, with the request id, without personal data.

IP addresses, e-mail addresses and tokens are redacted from every text. Of a request the method, view name, status and
duration are logged, but never the path or the query.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shop.observability.pulse import pulses

logger = logging.getLogger("shop.requests")

HEADER = "X-Request-ID"
# Request ids that are accepted from a proxy.
_ID = re.compile(r"[\w-]{8,64}")
_PERSONAL = re.compile(
    r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])"  # IPv6, but no time of day
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:)*:(?::?[0-9a-fA-F]{1,4})+(?![\w:])"
    r"|(?<=token=)[^\s&\"']+"
    r"|(?<=Token )[0-9a-f]{40}"
    r"|(?<=Api-Key )[\w-]+"
)
HIDDEN = "[hidden]"
# Messages of Django and waitress end with a request's path, query or host, which visitors control.
_OF_REQUEST = {
    "django.request": re.compile(r": .*", re.DOTALL),
    "django.security": re.compile(r": .*", re.DOTALL),
    "waitress": re.compile(r"(?<=while serving) .*", re.DOTALL),
}


def leave_out_paths(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut messages of Django and waitress before a request's path, query or host."""
    source = ".".join(str(event.get("logger", "")).split(".")[:2])
    if source in _OF_REQUEST:
        event["event"] = _OF_REQUEST[source].sub("", str(event["event"]))
    return event


def hide_personal(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact e-mail addresses, IP addresses and credentials in every text of a log event."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _PERSONAL.sub(HIDDEN, value)
    return event


def logging_config(*, json: bool, level: str) -> dict[str, Any]:
    """Return the value of settings.LOGGING: JSON lines, or key=value lines for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=["method", "view", "status", "ms", "task", "state"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    written: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
    ]
    render = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.processors.KeyValueRenderer(key_order=["time", "level", "logger", "event"])
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [*written, leave_out_paths, hide_personal, render],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            # At INFO, FAISS logs which library it loads for this processor.
            "faiss.loader": {"level": "WARNING"},
            # At INFO, it logs whole URLs.
            "httpx": {"level": "WARNING"},
            # At WARNING, it logs each request that waits for a thread.
            "waitress.queue": {"level": "ERROR"},
            # gunicorn has handlers of its own in each process.
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
        },
        "root": {"handlers": ["console"], "level": level},
    }


class RequestLogMiddleware:
    """Assigns each request an id, returns it in a header, and logs the request's result."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Only a proxy's id is accepted: an id chosen by a visitor might identify them.
        sent = request.headers.get(HEADER, "") if settings.PROXIES else ""
        name = sent if _ID.fullmatch(sent) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=name):
            response = self.get_response(request)
            match = request.resolver_match
            extra = {
                "method": request.method,
                "view": (match.view_name or "unnamed") if match else "none",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
            logger.info("request", extra=extra)
        response[HEADER] = name
        return response

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        """Name the request for the watchdog's log, by view and id: a path may tell of who asked."""
        match, known = request.resolver_match, structlog.contextvars.get_contextvars()
        view = (match.view_name or "unnamed") if match else "none"
        pulses.rename(f"{request.method} {view}, request_id {known.get('request_id')}")


# A task's log lines carry the id of the request that queued it.
@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is None:
        return
    # /metrics computes from it how long the oldest task of a queue has waited.
    headers["queued"] = time.time()
    name = structlog.contextvars.get_contextvars().get("request_id")
    if name:
        headers["request_id"] = name


@task_prerun.connect
def bind_request_id(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    name = getattr(task.request, "request_id", None) if task else None
    known = {"request_id": str(name)} if name else {}
    structlog.contextvars.bind_contextvars(task_id=task_id, **known)
    pulses.begin(f"task {task.name if task else 'unknown'}, task_id {task_id}")


@task_postrun.connect
def unbind_request_id(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    pulses.end_current()
