"""A Milvus for the tests of visual search."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the Milvus server that `python -m tests.milvus` started.

    Else that of milvus-lite in this process, which speaks the same protocol.
    """
    if uri := os.environ.get("TEST_MILVUS_URI"):
        yield uri
        return
    from milvus_lite.server_manager import server_manager_instance  # noqa: PLC0415  (it takes seconds to import)

    path = str(tmp_path_factory.mktemp("milvus") / "milvus.db")
    address = server_manager_instance.start_and_get_uri(path)
    assert address is not None
    yield address
    server_manager_instance.release_server(path)
