"""Milvus Lite: Milvus's gRPC protocol, served by threads of this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

# The embedded server, imported here so that it counts as part of the baseline memory, like the other libraries.
import milvus_lite.adapter.grpc.server  # noqa: F401
import numpy as np
from pymilvus import DataType, MilvusClient

from lab.benchmarks.baselines.base import BREADTHS, BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

NAME = "photos"
# The protocol limits messages to 64 MB.
ROWS_A_MESSAGE = 5_000


class MilvusLite(Baseline):
    """Milvus Lite with an HNSW index. A filter is a condition on an integer column."""

    settings: ClassVar[tuple[int, ...]] = BREADTHS[2:]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._client: Any = None

    def build(self, collection: Collection) -> None:
        client = self._connect()
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("share", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=collection.dimensions)
        indexes = client.prepare_index_params()
        graph = {"M": NEIGHBOURS, "efConstruction": BUILD_BREADTH}
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=graph)
        client.create_collection(NAME, schema=schema)
        for batch in collection.batches(ROWS_A_MESSAGE):
            rows = zip(batch.ids.tolist(), batch.shares.tolist(), batch.vectors.astype(np.float32), strict=True)
            client.insert(NAME, [{"id": id_, "share": share, "vector": vector} for id_, share, vector in rows])
        client.flush(NAME)
        client.create_index(NAME, indexes)
        client.load_collection(NAME)

    def open(self) -> None:
        self._connect().load_collection(NAME)

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        hits = self._client.search(
            NAME,
            data=[query.tolist()],
            limit=limit,
            filter=f"share < {allowed_ids.below}" if allowed_ids else "",
            search_params={"metric_type": "IP", "params": {"ef": setting}},
        )
        return np.array([hit["id"] for hit in hits[0]], np.int64)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _connect(self) -> Any:
        self._client = MilvusClient(str(self.folder / "milvus.db"))
        return self._client
