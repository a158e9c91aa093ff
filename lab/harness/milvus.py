"""A temporary Milvus server, as a context manager: Milvus standalone with its own etcd, from a package of PyPI."""

from __future__ import annotations

import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Server:
    """A running Milvus: its address, and ways to interrupt it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.uri = f"http://127.0.0.1:{server.listen_port}"

    @property
    def process_id(self) -> int:
        return int(self._server.server_proc.pid)

    def kill(self) -> None:
        """Have it end without goodbye, with its etcd."""
        self._server.server_proc.kill()
        self._server.server_proc.wait()

    def start_again(self) -> None:
        """Start it after kill(), at the same address and with the same data; returns when it is ready."""
        # It would look for other ports: those of the connections that died are not free for a minute.
        self._server.config.resolve = lambda: None
        start(self._server)

    def freeze(self) -> None:
        """Have it stand still: connections stay open, and nothing is answered."""
        self._server.server_proc.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on after freeze()."""
        self._server.server_proc.send_signal(signal.SIGCONT)


def start(server: Any) -> None:
    with warnings.catch_warnings():
        # It leaves the sockets open that find free ports.
        warnings.simplefilter("ignore", ResourceWarning)
        server.start()


@contextmanager
def milvus_server(folder: Path | None = None) -> Iterator[Server]:
    """Yield a running Milvus server, which is stopped afterwards. It takes 20 s to start.

    Its data stay in `folder`, for a later one; without a folder they are deleted. Raises ImportError if `milvus` (group
    `milvus`), which has its binaries for x86-64, is not installed.
    """
    from milvus import MilvusServer, MilvusServerConfig  # noqa: PLC0415  (a shop does without)

    data = folder or Path(tempfile.mkdtemp(prefix="vitrine-milvus-"))
    server = MilvusServer(MilvusServerConfig(data_dir=str(data / "server")))
    try:
        start(server)
        try:
            yield Server(server)
        finally:
            if server.server_proc is not None:
                # A frozen process cannot end.
                server.server_proc.send_signal(signal.SIGCONT)
            server.stop()
    finally:
        if folder is None:
            shutil.rmtree(data, ignore_errors=True)
