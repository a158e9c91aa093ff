"""Milvus as a server of its own, with its etcd: by itself, and with the shop's own index on it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import numpy as np
from pymilvus import DataType, MilvusClient

from lab.benchmarks.baselines.base import BREADTHS, BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from lab.benchmarks.baselines.vitrine import Passing
from lab.harness.milvus import Server, milvus_server
from visualsearch.index.base import Space, VectorIds
from visualsearch.index.milvus import MilvusIndex
from visualsearch.index.milvus_collections import scalar_index
from visualsearch.services.retrieval.nearest import nearest_articles
from visualsearch.vectors import Vectors

NAME = "photos"
# The protocol limits messages to 64 MB.
ROWS_A_MESSAGE = 5_000
# Loading a collection after a start reads all of it.
TIMEOUT_S = 600.0
ASKED_EVERY_S = 1.0
# The shop's ids begin with 1: its index has the id 0 for its commits.
FIRST = 1


class OnServer(Baseline):
    """A server whose data stay in the folder, for the next step's server to open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._stack = ExitStack()
        self._server: Server | None = None

    @property
    def data(self) -> Path:
        # Beside them are the server's own programs and logs.
        return self.folder / "server" / "data"

    def start(self) -> MilvusClient:
        """Start the server, and return a client of it. Raises ImportError where the server is not installed."""
        self._server = self._stack.enter_context(milvus_server(self.folder))
        client = MilvusClient(self._server.uri, timeout=TIMEOUT_S)
        self._stack.callback(client.close)
        return client

    def servers(self) -> list[int]:
        return [self._server.process_id] if self._server else []

    def close(self) -> None:
        self._stack.close()


class Milvus(OnServer):
    """Milvus with an HNSW index. A filter is a condition on an indexed integer column."""

    # Milvus refuses an ef below the number of hits, which is 20 under filters.
    settings: ClassVar[tuple[int, ...]] = BREADTHS[1:]

    def build(self, collection: Collection) -> None:
        client = self.start()
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("share", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=collection.dimensions)
        # Without indexes, which would also load it: it is not searched while it is written.
        client.create_collection(NAME, schema=schema)
        for batch in collection.batches(ROWS_A_MESSAGE):
            rows = zip(batch.ids.tolist(), batch.shares.tolist(), batch.vectors.astype(np.float32), strict=True)
            client.insert(NAME, [{"id": id_, "share": share, "vector": vector} for id_, share, vector in rows])
        client.flush(NAME)
        indexes = client.prepare_index_params()
        graph = {"M": NEIGHBOURS, "efConstruction": BUILD_BREADTH}
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=graph)
        indexes.add_index("share", index_type=scalar_index(client.get_server_version()))
        client.create_index(NAME, indexes)
        wait_for_index(client, NAME)

    def open(self) -> None:
        self._client = self.start()
        self._client.load_collection(NAME)

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        hits = self._client.search(
            NAME,
            data=[query],
            limit=limit,
            filter=f"share < {allowed_ids.below}" if allowed_ids else "",
            search_params={"metric_type": "IP", "params": {"ef": setting}},
            consistency_level="Bounded",
        )
        return np.array([hit["id"] for hit in hits[0]], np.int64)

    def describe(self) -> str:
        return f"server {self._client.get_server_version()}"


class VitrineOnMilvus(OnServer):
    """The shop's own index of visualsearch/index/milvus.py, with the shop's filtered search: by lists of ids."""

    settings: ClassVar[tuple[int, ...]] = (0,)

    def build(self, collection: Collection) -> None:
        client = self.start()
        rows = ((batch.ids + FIRST, batch.vectors) for batch in collection.batches())
        self._new(collection.dimensions).build(rows, sequence=1)
        for name in client.list_collections():
            client.flush(name)
            wait_for_index(client, name)

    def open(self) -> None:
        client = self.start()
        (name,) = client.list_collections()
        fields = client.describe_collection(name)["fields"]
        vector = next(field for field in fields if field["name"] == "vector")
        self._index = self._new(int(vector["params"]["dim"]))
        self._index.reopen(head=lambda: 1)

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        if allowed_ids is None:
            return np.array([hit.vector_id for hit in self._index.search(query, limit=limit)], np.int64) - FIRST
        passing = Passing(allowed_ids)
        hits = nearest_articles(
            self._index,
            query,
            limit=limit,
            articles_of=lambda ids: by_stored_id(passing.of(ids - FIRST)),
            photos_at_most=lambda most: None if (few := passing.at_most(most)) is None else by_stored_id(few),
        )
        return np.array([hit.article_id for hit in hits], np.int64)

    def _new(self, dimensions: int) -> MilvusIndex:
        if self._server is None:
            raise RuntimeError("start it first")
        return MilvusIndex(Space("made", "1", "benchmark", dimensions), uri=self._server.uri, timeout_s=TIMEOUT_S)


def by_stored_id(articles: dict[int, int]) -> dict[int, int]:
    return {id_ + FIRST: article for id_, article in articles.items()}


def wait_for_index(client: MilvusClient, name: str) -> None:
    """Return when all flushed rows of a collection are in its index: until then some are compared one by one."""
    while client.describe_index(name, "vector")["pending_index_rows"]:
        time.sleep(ASKED_EVERY_S)  # The server has no event for it.
