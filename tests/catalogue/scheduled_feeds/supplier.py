"""A supplier whose feed changes, and a shop's worker that fetches it."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

import pytest

from catalogue import imports, scheduled_feeds
from catalogue.models import Article, FeedArticle, FeedFetch, ImportRun, ScheduledFeed
from catalogue.scheduled_feeds import fetching
from tests.catalogue.imaging.web_servers import Server, send, serving

State = FeedFetch.State


def feed_of(*skus: str, more: str = "") -> str:
    """Return a feed of these articles, and of more lines after them."""
    return "\n".join(["sku,name,price", *(f"{sku},Article {sku},9.90" for sku in skus), *filter(None, [more])])


class Supplier:
    """A server on 127.0.0.1 with a feed, known by ETag."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.content: bytes = b""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.with_etag = True
        # The statuses of the answers, and what was sent to be let in.
        self.statuses: list[int] = []
        self.logins: list[str | None] = []
        self._stack = ExitStack()
        self._patch = monkeypatch
        self.server: Server

    def __enter__(self) -> Self:
        self.server = self._stack.enter_context(serving(self._answer))
        reach = self.server.reach(resolve=lambda host, port: ["127.0.0.1"])
        self._patch.setattr(fetching, "fetch_policy", lambda: reach)
        return self

    def __exit__(self, *args: object) -> None:
        self._stack.close()

    def has(self, *skus: str, more: str = "") -> None:
        self.content = feed_of(*skus, more=more).encode()

    def feed(self, *, state: str = "on", path: str = "feed.csv", **values: Any) -> ScheduledFeed:
        """Return a feed of the shop that is at this supplier's."""
        values = {"name": "Supplier", "leaving_percent": 50, **values}
        return ScheduledFeed.objects.create(
            url=f"http://supplier.example:{self.server.port}/{path}", state=state, **values
        )

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        etag = f'"{hashlib.sha256(self.content).hexdigest()[:8]}"' if self.with_etag else ""
        status = self.status
        if status == 200 and etag and handler.headers.get("If-None-Match") == etag:
            status = 304
        self.statuses.append(status)
        self.logins.append(handler.headers.get("Authorization"))
        headers = {**self.headers, **({"ETag": etag} if etag else {})}
        send(handler, self.content if status == 200 else b"", status, **headers)


def work() -> None:
    """Be the worker until nothing is left to do now."""
    busy = True
    while busy:
        busy = False
        for fetch in FeedFetch.objects.due():
            busy = True
            while scheduled_feeds.run_slice(fetch.pk, for_s=60):
                pass
        for run in ImportRun.objects.due():
            busy = True
            while imports.run_slice(run.pk, for_s=60):
                pass


def fetched(feed: ScheduledFeed) -> FeedFetch:
    """Fetch a feed to the end, and return what came of it."""
    fetch = scheduled_feeds.fetch_now(feed)
    assert fetch is not None
    work()
    feed.refresh_from_db()
    return FeedFetch.objects.select_related("run").get(pk=fetch.pk)


def shown() -> list[str]:
    """Return the skus of the published articles."""
    return sorted(Article.objects.published().values_list("sku", flat=True))


def present(feed: ScheduledFeed) -> list[str]:
    """Return the skus of the articles that have not left a feed."""
    return sorted(FeedArticle.objects.present().filter(feed=feed).values_list("article__sku", flat=True))
