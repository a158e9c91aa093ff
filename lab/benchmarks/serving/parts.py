"""Which part of a search takes how much processor time: the shop's own handler in this process, its functions timed.

    python -m lab.benchmarks.serving.parts BODIES REQUESTS

in a shop's environment prints, as JSON, milliseconds a search by photo and by token, by part.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

if __name__ == "__main__":
    django.setup()

from django.core.wsgi import get_wsgi_application

from lab.benchmarks.serving.clients import CONTENT_TYPE

# Functions by part. Within one of another part, a function's time counts for its own.
PARTS = {
    "decoding": ("catalogue.imaging.reading._read",),
    "scaling": (
        "visualsearch.inference.litert.frame",
        "visualsearch.inference.litert.in_light",
        "PIL.Image.Image.resize",
    ),
    "network": ("visualsearch.inference.litert.Network.run", "visualsearch.inference.garments.GarmentHead.detect"),
    "descriptor": ("visualsearch.inference.litert.garments_of", "visualsearch.inference.descriptor.Descriptor.query"),
    "index": ("visualsearch.index.faiss.FaissIndex.search",),
    "database": (
        "visualsearch.services.versions.routable_versions",
        "visualsearch.services.versions.named_version",
        "visualsearch.services.indexing.indexing.fresh_index",
        "visualsearch.services.indexing.status.index_status",
        "visualsearch.services.retrieval.articles.nearest",
        "visualsearch.services.retrieval.articles.categories_for",
        "visualsearch.services.retrieval.articles.rank_by_kind",
        "visualsearch.services.retrieval.articles.with_articles",
        "visualsearch.services.search.photo_search.count_searchable",
        "visualsearch.services.indexing.status.count",
        "visualsearch.services.retrieval.searchable._find",
        "lab.benchmarks.serving.lower_bound.rows_of",
    ),
    "cache": ("redis.client.Redis.execute_command", "redis.client.Pipeline.execute"),
}
REST = "rest"
WARMING = 12


class PartTimes:
    """Times the functions of PARTS in this process, from `start` on, in processor time of the calling thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        # The parts that are running, each with when its own time began or went on.
        self._running: list[tuple[str, float]] = []

    def start(self) -> None:
        for part, names in PARTS.items():
            for name in names:
                owner, attribute = _resolved(name)
                setattr(owner, attribute, self.timed(part, getattr(owner, attribute)))

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed as a part."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._lap()
            self._running.append((part, time.thread_time()))
            try:
                return function(*args, **kwargs)
            finally:
                self._lap()
                self._running.pop()
                if self._running:
                    self._running[-1] = (self._running[-1][0], time.thread_time())

        return timed

    def _lap(self) -> None:
        if self._running:
            part, since = self._running[-1]
            now = time.thread_time()
            self.seconds[part] = self.seconds.get(part, 0.0) + now - since
            self._running[-1] = (part, now)

    def milliseconds(self, searches: int) -> dict[str, float]:
        """Return milliseconds a search, by part, and start over."""
        laps = {part: 1000 * seconds / searches for part, seconds in self.seconds.items()}
        self.seconds.clear()
        return laps


def _resolved(name: str) -> tuple[Any, str]:
    """Return the module or class that has what a dotted name ends with, and that end."""
    path, _, attribute = name.rpartition(".")
    try:
        return import_module(path), attribute
    except ModuleNotFoundError:
        module, _, owner = path.rpartition(".")
        return getattr(import_module(module), owner), attribute


def ask(application: Any, method: str, path: str, body: bytes = b"", query: str = "") -> Any:
    """Return the JSON of a response of a WSGI application. Raises RuntimeError unless it is 200."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": CONTENT_TYPE if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    response = application(environ, lambda status, headers, exc_info=None: statuses.append(status))
    content = b"".join(response)
    response.close()
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"{path} was answered with {statuses[0]}: {content[:300]!r}")
    return json.loads(content)


def measure(bodies: Sequence[bytes], requests: int) -> dict[str, dict[str, float]]:
    """Return milliseconds of processor time a search, by part: of searches by photo, and of the same by token."""
    application, times = get_wsgi_application(), PartTimes()
    times.start()

    def by_photo(number: int) -> Any:
        return ask(application, "POST", "/api/predict", bodies[number % len(bodies)])

    tokens = [by_photo(number)["token"] for number in range(max(len(bodies), WARMING))]

    def by_token(number: int) -> Any:
        return ask(application, "GET", "/api/search", query=urlencode({"token": tokens[number % len(tokens)]}))

    laps = {}
    for name, search in (("photo", by_photo), ("token", by_token)):
        for number in range(WARMING):
            search(number)
        times.seconds.clear()
        whole = times.timed(REST, search)
        for number in range(requests):
            whole(number)
        laps[name] = times.milliseconds(requests)
    return laps


def main() -> None:
    folder, requests = Path(sys.argv[1]), int(sys.argv[2])
    bodies = [file.read_bytes() for file in sorted(folder.iterdir())]
    print(json.dumps(measure(bodies, requests)))  # noqa: T201  (to the process that started it)


if __name__ == "__main__":
    main()
