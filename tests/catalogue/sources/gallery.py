"""A web server whose pictures come, change and go; and what a shop makes of them."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Self

from catalogue.models import Article, PhotoSource
from catalogue.sources import Counts, fetch_waiting
from tests.catalogue.feeds.rows import bring_in, content_of, row
from tests.catalogue.imaging.web_servers import Server, send, serving


class Gallery:
    """A server on 127.0.0.1 that knows its pictures by ETag, under any name of a host."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        # Paths that are answered with a status, and what goes with it.
        self.refusals: dict[str, tuple[int, dict[str, str]]] = {}
        self.slow_s = 0.0
        self.statuses: list[tuple[str, int]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self.server: Server

    def __enter__(self) -> Self:
        self.server = self._stack.enter_context(serving(self._answer))
        return self

    def __exit__(self, *args: object) -> None:
        self._stack.close()

    def url(self, name: str, host: str = "pictures.example") -> str:
        return f"http://{host}:{self.server.port}/{name}"

    def import_article(self, *names: str, sku: str = "D-1", host: str = "pictures.example") -> Article:
        """Import an article that is to have just these pictures."""
        progress = bring_in(row(sku, photo_urls=tuple(self.url(name, host) for name in names)))
        assert progress.awaited == len(names)
        return Article.objects.get(sku=sku)

    def fetch(self, for_s: float = 20.0) -> Counts:
        reach = self.server.reach(resolve=lambda host, port: ["127.0.0.1"])
        return fetch_waiting(for_s=for_s, policy=reach)

    def bring(self, *names: str) -> Article:
        article = self.import_article(*names)
        self.fetch()
        return article

    def asked(self) -> list[tuple[str, int]]:
        """Return what was asked since the last time, and the statuses of the answers."""
        asked, self.statuses = self.statuses, []
        return asked

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(self.slow_s)
        name = handler.path.removeprefix("/")
        content = self.pictures.get(name, b"")
        etag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'
        status, headers = self.refusals.get(name, (200 if content else 404, {}))
        if status == 200 and handler.headers.get("If-None-Match") == etag:
            status, content = 304, b""
        with self._lock:
            self._at_once -= 1
            self.statuses.append((name, status))
        send(handler, content if status == 200 else b"", status, ETag=etag, **headers)


def shown(article: Article) -> list[bytes]:
    """Return what an article's photos hold, in their order."""
    return [content_of(photo) for photo in article.photos.all()]


def ids(article: Article) -> list[int]:
    return [photo.pk for photo in article.photos.all()]


def source_of(name: str) -> PhotoSource:
    return PhotoSource.objects.get(url__endswith=f"/{name}")
