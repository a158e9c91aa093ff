"""A client of Milvus collections for MilvusIndex: the only importer of pymilvus.

An entity is a photo's vector as one compaction wrote it. It is never changed, so that a delayed writer overwrites
nothing newer:

    key         <photo_id>.<compaction>, so that writing is idempotent
    photo_id    0 for a commit
    sequence    the position in the change log that the compaction reached
    fold        the compaction's random id (the field's name is older than the word)
    note        of a commit: its content, as JSON
    vector      float32, the row's float16 numbers; zeros for a commit
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import grpc
import numpy as np
from pymilvus import DataType, MilvusClient
from pymilvus.client.types import LoadState
from pymilvus.exceptions import MilvusException

from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import Rows, StoredVectors, VectorIds
from visualsearch.vectors import Vectors

# Errors are raised here and logged by the caller; pymilvus would log each with a traceback as well.
for name in ("pymilvus", "pymilvus.milvus_client"):
    logging.getLogger(name).setLevel(logging.CRITICAL)

# The most hits of one search (Milvus: quotaAndLimits.limits.topK).
MOST_HITS = 16_384
# Entities of one request: 2,000 vectors of 384 numbers are 3 MB, and Milvus takes 64.
ENTITIES_AT_ONCE = 2_000
# Ids in one filter.
IDS_AT_ONCE = 10_000
# Writes, and loading or reading a whole collection, may take this many times longer than a search. Counting may not:
# requests wait for it, and health is to say soon that a server stands still.
PATIENCE = 20
# Circuit breaker: after a failed request all requests fail at once for this many seconds.
PAUSE_S = 5.0
# No keepalive on an idle connection: pymilvus pings every ten seconds, and a server with default settings closes
# connections that ping more than every five minutes (gRPC proposal A8).
GRPC_OPTIONS = {"grpc.keepalive_permit_without_calls": False}

Answer = TypeVar("Answer")
# Photos and their similarities.
Page = tuple[VectorIds, Vectors]


class Collections:
    """A connection, opened on first use: after a fork, never before it. Every method raises SearchUnavailableError."""

    def __init__(self, uri: str, *, token: str, timeout_s: float) -> None:
        self._uri, self._token, self._timeout_s = uri, token, timeout_s
        self._lock = threading.Lock()
        self._client: MilvusClient | None = None
        self._silent_until = 0.0

    def create(self, name: str, dimensions: int) -> None:
        """Create a collection, ready to be written and searched."""
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("photo_id", DataType.INT64)
        schema.add_field("sequence", DataType.INT64)
        schema.add_field("fold", DataType.INT64)
        schema.add_field("note", DataType.VARCHAR, max_length=8192)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        version = self._ask(lambda client, timeout: client.get_server_version(timeout=timeout))
        for field in ("photo_id", "sequence", "fold"):
            indexes.add_index(field, index_type=scalar_index(version))
        self._ask(
            lambda client, timeout: client.create_collection(
                name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=timeout
            ),
            patience=PATIENCE,
        )

    def names(self, prefix: str) -> list[str]:
        """Return the names of the collections with this prefix, ascending."""
        names = self._ask(lambda client, timeout: client.list_collections(timeout=timeout))
        return sorted(name for name in names if name.startswith(prefix))

    def drop(self, name: str) -> None:
        self._ask(lambda client, timeout: client.drop_collection(name, timeout=timeout), patience=PATIENCE)

    def behind(self, alias: str) -> str | None:
        """Return the collection that an alias points to, loaded; None if there is no such alias."""
        if not self._ask(lambda client, timeout: client.has_collection(alias, timeout=timeout)):
            return None
        described = self._ask(lambda client, timeout: client.describe_alias(alias, timeout=timeout))
        name: str = described["collection_name"]
        state = self._ask(lambda client, timeout: client.get_load_state(name, timeout=timeout))
        if state["state"] != LoadState.Loaded:
            self._ask(lambda client, timeout: client.load_collection(name, timeout=timeout), patience=PATIENCE)
        return name

    def point(self, alias: str, name: str) -> None:
        """Point an alias to a collection, atomically."""
        there = self._ask(lambda client, timeout: client.has_collection(alias, timeout=timeout))
        self._ask(
            lambda client, timeout: (client.alter_alias if there else client.create_alias)(name, alias, timeout=timeout)
        )

    def write(self, name: str, ids: VectorIds, vectors: StoredVectors, *, sequence: int, compaction: int) -> None:
        """Write photos' vectors, (n, dimensions), as entities of one compaction."""
        for start in range(0, len(ids), ENTITIES_AT_ONCE):
            part = slice(start, start + ENTITIES_AT_ONCE)
            self._upsert(
                name,
                [
                    {
                        "key": f"{photo_id}.{compaction}",
                        "photo_id": photo_id,
                        "sequence": sequence,
                        "fold": compaction,
                        "note": "",
                        "vector": vector,
                    }
                    for photo_id, vector in zip(ids[part].tolist(), vectors[part].astype(np.float32), strict=True)
                ],
            )

    def write_note(self, name: str, dimensions: int, *, sequence: int, compaction: int, note: str) -> None:
        vector = np.zeros(dimensions, np.float32)
        entity = {"photo_id": 0, "sequence": sequence, "fold": compaction, "note": note, "vector": vector}
        self._upsert(name, [{"key": f"commit.{compaction}", **entity}])

    def _upsert(self, name: str, entities: list[dict[str, Any]]) -> None:
        self._ask(lambda client, timeout: client.upsert(name, entities, timeout=timeout), patience=PATIENCE)

    def delete(self, name: str, which: str) -> None:
        """Delete the entities that pass a filter."""
        self._ask(lambda client, timeout: client.delete(name, filter=which, timeout=timeout), patience=PATIENCE)

    def notes(self, name: str) -> list[Mapping[str, Any]]:
        """Return the fields sequence, fold and note of every commit."""
        fields = ["sequence", "fold", "note"]
        return list(
            self._ask(
                lambda client, timeout: client.query(
                    name, "photo_id == 0", output_fields=fields, consistency_level="Strong", timeout=timeout
                )
            )
        )

    def timestamp(self) -> int:
        """Return a guarantee timestamp for `search`: every write that has ended by now is found with it.

        0, with which Milvus waits for all writes at every search, if the server cannot say its time.
        """
        # The handler's method is public, the way to it is not; the client itself has none.
        return int(self._ask(lambda client, timeout: client._get_connection().alloc_timestamp(timeout=timeout)))

    def count(self, name: str, which: str, *, guarantee: int) -> int:
        """Return how many entities pass a filter; `guarantee` as for `search`."""
        answer = self._ask(
            lambda client, timeout: client.query(
                name, which, output_fields=["count(*)"], timeout=timeout, **written_by(guarantee)
            )
        )
        return int(answer[0]["count(*)"])

    def search(self, name: str, query: Vectors, which: str, *, limit: int, guarantee: int) -> Page:
        """Return the photos nearest to a query among the entities that pass a filter, and their similarities.

        What was written by `guarantee`, a time that `timestamp` returned, is found; what was written since may be. So
        only the first searches after it wait for Milvus' nodes, which hear of the time passed five times a second.
        """
        hits = self._ask(
            lambda client, timeout: client.search(
                name,
                [query],
                filter=which,
                limit=limit,
                output_fields=["photo_id"],
                anns_field="vector",
                search_params={"metric_type": "IP"},
                timeout=timeout,
                **written_by(guarantee),
            )
        )[0]
        ids = np.array([hit["entity"]["photo_id"] for hit in hits], np.int64)
        return ids, np.array([hit["distance"] for hit in hits], np.float32)

    def rows(self, name: str, dimensions: int, which: str) -> Iterator[Rows]:
        """Yield photo ids and vectors of the entities that pass a filter, in no order."""
        iterator = self._ask(
            lambda client, timeout: client.query_iterator(
                name,
                batch_size=ENTITIES_AT_ONCE,
                filter=which,
                output_fields=["photo_id", "vector"],
                consistency_level="Strong",
                timeout=timeout,
            ),
            patience=PATIENCE,
        )
        while entities := self._ask(lambda client, timeout: iterator.next()):
            ids = np.array([entity["photo_id"] for entity in entities], np.int64)
            vectors = np.array([entity["vector"] for entity in entities], np.float32).astype("<f2")
            yield ids, vectors.reshape(-1, dimensions)
        iterator.close()

    def _ask(self, question: Callable[[MilvusClient, float], Answer], *, patience: int = 1) -> Answer:
        if time.monotonic() < self._silent_until:
            raise SearchUnavailableError("search.milvus_silent", uri=self._uri)
        try:
            return question(self._connected(), self._timeout_s * patience)
        except (MilvusException, grpc.RpcError) as error:
            self._silent_until = time.monotonic() + PAUSE_S
            message = error.message if isinstance(error, MilvusException) else error.details()
            raise SearchUnavailableError("search.milvus_failed", uri=self._uri, error=str(message)) from error

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                self._client = MilvusClient(
                    self._uri, token=self._token, timeout=self._timeout_s, grpc_options=GRPC_OPTIONS
                )
            return self._client


def written_by(guarantee: int) -> dict[str, Any]:
    """Return the arguments of a read that finds what was written by a time, and waits for nothing else."""
    return {"consistency_level": "Customized", "guarantee_timestamp": guarantee}


def scalar_index(version: str) -> str:
    """Return the type of index of number fields that a server of this version knows: INVERTED came with 2.4."""
    known = re.match(r"v?(\d+)\.(\d+)", version)
    return "STL_SORT" if known and (int(known[1]), int(known[2])) < (2, 4) else "INVERTED"


def any_of(field: str, values: Sequence[int] | VectorIds) -> str:
    """Return the filter for entities whose field has one of the values."""
    return f"{field} in [{','.join(map(str, values))}]"


def none_of(field: str, values: Sequence[int] | VectorIds) -> str:
    return f"not ({any_of(field, values)})"
