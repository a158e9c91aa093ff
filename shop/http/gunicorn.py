"""The configuration of gunicorn, which manages the processes of waitress; the address is on its command line."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Any

wsgi_app = "shop.wsgi:application"
worker_class = "shop.http.server.WaitressWorker"
workers = 2
# Threads wait for the database and the processor, never for clients. Each may hold a database connection, of which
# PostgreSQL allows a hundred by default.
threads = 16
# Connections of a process, most of which wait for their clients. Each is a file descriptor, of which a process often
# has 1,024.
worker_connections = 600
# Objects made since the last collection of garbage; Python's own number is 700.
COLLECTED_AFTER = 10_000
timeout = 60
graceful_timeout = 10
control_socket_disable = True


def child_exit(server: Any, worker: Any) -> None:
    """Delete the gauges of a process that ended, such as its memory; its counters stay."""
    from prometheus_client import multiprocess  # noqa: PLC0415  (it reads the environment as it is imported)

    # Raised without PROMETHEUS_MULTIPROC_DIR, where nothing is to be deleted.
    with suppress(TypeError):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types


def post_worker_init(worker: Any) -> None:
    """Read the columns and open the model and the index in each process after the fork: no shopper waits for them.

    What is there then stays, so the collector of garbage passes over it from now on. And it runs less often: a search
    makes some thousands of objects, hardly any of them in cycles, and looking for these took a tenth of its time.
    """
    from django.conf import settings  # noqa: PLC0415  (nothing of Django before the fork)
    from django.core.signals import got_request_exception  # noqa: PLC0415  (as above)
    from django.db import DatabaseError, connections  # noqa: PLC0415  (as above)

    from catalogue.columns.following import column_table  # noqa: PLC0415  (as above)
    from shop.operations.memory import end_web_process  # noqa: PLC0415  (as above)

    got_request_exception.connect(end_web_process)
    try:
        column_table()
    except DatabaseError as error:
        worker.log.warning("the columns of the articles cannot be read: %s; each request tries again", error)
    if settings.VISUAL_SEARCH:
        from visualsearch.services.monitoring import health  # noqa: PLC0415  (as above)

        if not health.is_ready():
            worker.log.warning("search by photo is not ready; each request tries again")
    # This thread serves nobody: what it opened is for those that do.
    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, 10, 10)
