"""The servers that benchmarks measure: a stocked trial shop, and the baseline servers beside it."""

from __future__ import annotations

import json
import runpy
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from lab.benchmarks.serving.lower_bound import LowerBound
from lab.harness.trial_shop import ROOT, TrialShop, free_port, wait_until
from visualsearch.index.base import Space, StoredVectors
from visualsearch.index.faiss import FaissIndex
from visualsearch.inference.artefact import open_model

SERVER_STARTS_WITHIN_S = 300.0
# A sequence number beyond the end of any change log.
END_OF_LOG = 2**62


@dataclass(frozen=True)
class Gunicorn:
    """Worker processes and threads per worker of the shop; the course's server gets the same."""

    workers: int
    threads: int

    @classmethod
    def of_the_shop(cls) -> Gunicorn:
        config = runpy.run_path(str(ROOT / "shop" / "http" / "gunicorn.py"))
        return cls(config["workers"], config["threads"])


@contextmanager
def stocked_shop(vectors: StoredVectors, *, workers: bool = False) -> Iterator[TrialShop]:
    """Yield a shop with an article for every two vectors, served as by `make run`; background workers if `workers`.

    There is no rate limit on searches.
    """
    shop = TrialShop(SHOP_PREDICT_RATE="", SHOP_LOG_LEVEL="WARNING")
    try:
        shop.prepare()
        shop.start("broker")
        file = shop.data / "vectors.npy"
        np.save(file, vectors)
        shop.shell(f"from lab.benchmarks.serving.stock import stock; stock({str(file)!r})")
        shop.start("web")
        wait_until(shop.is_ready, within_s=SERVER_STARTS_WITHIN_S, what=f"the shop is ready; see {shop.data}/web.log")
        if workers:
            for name in shop.commands.keys() - {"broker", "web"}:
                shop.start(name)
        yield shop
    finally:
        shop.__exit__()


def lower_bound_of(shop: TrialShop) -> LowerBound:
    """Return the lower bound of a stocked shop, with its model and its snapshot opened in this process."""
    output = shop.shell(
        "import json; from visualsearch.services.versions import serving_version; v = serving_version();"
        "print(json.dumps([v.name, v.version, v.epoch, v.dimensions, v.vectors_a_photo, str(v.folder)]))"
    )
    *space, vectors_a_photo, folder = json.loads(output.splitlines()[-1])
    index = FaissIndex(Space(*space), folder=shop.data / "index")
    index.reopen(head=lambda: END_OF_LOG)
    database = sqlite3.connect(shop.data / "shop.sqlite3")
    return LowerBound(open_model(Path(folder), interpreters=1), index, vectors_a_photo, database)


@contextmanager
def course_server(shop: TrialShop, vectors: int, gunicorn: Gunicorn) -> Iterator[int]:
    """Yield the port of the course's server, with `vectors` random vectors, once it is ready."""
    app = f"lab.training.course_server:make_app({vectors})"
    as_many = ["--workers", str(gunicorn.workers), "--threads", str(gunicorn.threads), "--timeout", "300"]
    with beside(shop, "course", ["--no-control-socket", *as_many, app], ready="/ready") as port:
        yield port


@contextmanager
def gathering_server(shop: TrialShop) -> Iterator[int]:
    """Yield the port of a second server of the same shop that batches concurrent requests dynamically."""
    app = ["--config", "shop/http/gunicorn.py", "lab.benchmarks.serving.gathered:application"]
    with beside(shop, "gathered", app, ready="/api/health/ready") as port:
        yield port


@contextmanager
def beside(shop: TrialShop, name: str, gunicorn: Sequence[str], *, ready: str) -> Iterator[int]:
    """Yield the port of another gunicorn in the shop's environment, once it is ready."""
    port = free_port()
    shop.spawn(name, [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *gunicorn])

    def is_ready() -> bool:
        try:
            return httpx.get(f"http://localhost:{port}{ready}", timeout=120).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(is_ready, within_s=SERVER_STARTS_WITHIN_S, what=f"the server is ready; see {shop.data}/{name}.log")
        yield port
    finally:
        shop.stop(name)
