"""How gunicorn serves the shop. The address is on its command line (Procfile)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

wsgi_app = "shop.wsgi:application"
worker_class = "shop.http.request_limits.DeadlineWorker"
workers = 2
# Most of them wait, for a client or for the database, and each may hold a connection to the database: PostgreSQL gives
# out a hundred unless told otherwise.
threads = 16
# Each is an open file, of which a process often has 1,024.
worker_connections = 400
# Sent in pieces instead, so that a client must read as fast as it must write.
sendfile = False
timeout = 60
graceful_timeout = 10
control_socket_disable = True
# Nothing that a client sends says where the application lies or by which scheme it was asked: gunicorn would believe
# whoever asks from this machine, and so every visitor behind a proxy on it. Django reads the scheme, if told to.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


def child_exit(server: Any, worker: Any) -> None:
    """Forget what was measured of a process that is gone, such as its memory; what it counted stays."""
    from prometheus_client import multiprocess  # noqa: PLC0415  (it reads the environment as it is imported)

    # Without a folder there is nothing to forget.
    with suppress(TypeError):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types


def post_worker_init(worker: Any) -> None:
    """Open the model and the index in each process after the fork, so that no shopper waits for it."""
    from django.conf import settings  # noqa: PLC0415  (nothing of Django before the fork)

    if settings.VISUAL_SEARCH:
        from visualsearch.services.monitoring import health  # noqa: PLC0415  (as above)

        if not health.is_ready():
            worker.log.warning("search by photo is not ready; each request tries again")
