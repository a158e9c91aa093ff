"""The client: a method for what an app does, on one connection that is kept."""

from __future__ import annotations

import mimetypes
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import httpx

from vitrine_client.models import (
    Article,
    ArticleDetail,
    Batch,
    Branch,
    Health,
    Link,
    Match,
    Photo,
    Result,
    SearchAnswer,
    SimilarPage,
    WebhookSecret,
)
from vitrine_client.transport import Transport

# A photo as a file, its bytes, or where it can be fetched from.
PhotoLike = Path | bytes | str
ASKED_AGAIN_EVERY_S = 1.0
# Results of one request for a list.
PAGE = 100


class Vitrine:
    """A shop. `key` is a partner's, `token` a member of staff's; `visitor` stays the same for one installation.

    Every method raises Problem where the shop refuses, ConnectionFailed where it cannot be reached, and TimedOut where
    it is silent for `timeout_s`. What may be repeated is sent again after 429 and 503, up to `retries` times, where
    Retry-After asks to wait for `longest_wait_s` at the most. A parameter that the shop did not use is warned of.
    """

    def __init__(  # noqa: PLR0913  (each is a choice of its own)
        self,
        address: str,
        *,
        key: str = "",
        token: str = "",
        visitor: str = "",
        language: str = "en",
        timeout_s: float = 30,
        retries: int = 2,
        longest_wait_s: float = 30,
    ) -> None:
        if not address.lower().startswith(("http://", "https://")):
            # Said here, by name: else each request would fail as if there were no connection.
            raise ValueError(f"“{address}” is not an address of a shop. Write it as https://shop.example.")
        headers = {"Accept-Language": language}
        if key or token:
            headers["Authorization"] = f"Api-Key {key.removeprefix('Api-Key ')}" if key else f"Token {token}"
        if visitor:
            headers["X-Visitor"] = visitor
        self._transport = Transport(
            address, headers, timeout_s=timeout_s, retries=retries, longest_wait_s=longest_wait_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    # Searching.

    def predict(self, photo: PhotoLike, **options: Any) -> SearchAnswer:
        """Return what a photo shows and which articles look like it. Text is the address of a photo.

        Options are those of the API: limit, crop, q, category, colour, brand, price_min, price_max, in_stock, emphasis,
        facets, fields, explain.
        """
        if isinstance(photo, str):
            return cast(
                SearchAnswer, self._json("POST", "/api/predict", repeatable=True, json={"url": photo, **options})
            )
        sent = {"image": file_of(photo)}
        return cast(SearchAnswer, self._json("POST", "/api/predict", repeatable=True, files=sent, data=texts(options)))

    def search(self, token: str, **options: Any) -> SearchAnswer:
        """Return the same for a search made before, by its token: other filters, or more of it with `offset`."""
        return cast(SearchAnswer, self._json("GET", "/api/search", params={"token": token, **texts(options)}))

    def make_link(self, token: str) -> Link:
        """Return a short address of a search, to share. The shop keeps the token for 30 days, and never the photo."""
        return cast(Link, self._json("POST", "/api/links", repeatable=True, json={"token": token}))

    def feedback(
        self, token: str, kind: str, *, article: int | None = None, rank: int | None = None, category: str | None = None
    ) -> None:
        """Tell what a shopper did with a search's results: kind is clicked, basket, not_similar or category."""
        told = {"token": token, "kind": kind, "article": article, "rank": rank, "category": category}
        # The same of the same search counts once.
        self._send(
            "POST",
            "/api/feedback",
            repeatable=True,
            json={name: value for name, value in told.items() if value is not None},
        )

    # The catalogue.

    def articles(self, **options: Any) -> Iterator[Article]:
        """Yield all articles that pass: q, ordering and the filters, page by page as they are asked for."""
        yield from self._pages("/api/articles", texts(options))

    def article(self, article_id: int) -> ArticleDetail:
        return cast(ArticleDetail, self._json("GET", f"/api/articles/{article_id}"))

    def similar(self, article_id: int, *, limit: int = 12, offset: int = 0) -> list[Match]:
        asked = {"limit": limit, "offset": offset}
        page = cast(SimilarPage, self._json("GET", f"/api/articles/{article_id}/similar", params=asked))
        return page["results"]

    def categories(self) -> list[Branch]:
        return cast(list[Branch], self._json("GET", "/api/categories"))

    def health(self) -> Health:
        """Return the state of every part, also where the shop is down."""
        return cast(Health, self._transport.ask("GET", "/api/health").json())

    # Writing, with a token of staff.

    def add_article(self, *, idempotency_key: str = "", **fields: Any) -> ArticleDetail:
        """Add an article. Sent again with the same key, it is added once; without one, each call has its own."""
        return cast(
            ArticleDetail,
            self._json("POST", "/api/articles", repeatable=True, json=fields, headers=once(idempotency_key)),
        )

    def change_article(self, article_id: int, **fields: Any) -> ArticleDetail:
        return cast(ArticleDetail, self._json("PATCH", f"/api/articles/{article_id}", json=fields))

    def delete_article(self, article_id: int) -> None:
        self._send("DELETE", f"/api/articles/{article_id}")

    def add_photo(self, article_id: int, photo: Path | bytes, *, alt: str = "", idempotency_key: str = "") -> Photo:
        sent, headers = {"image": file_of(photo)}, once(idempotency_key)
        path = f"/api/articles/{article_id}/photos"
        more: dict[str, Any] = {"files": sent, "data": {"alt": alt}, "headers": headers}
        return cast(Photo, self._json("POST", path, repeatable=True, **more))

    def order_photos(self, article_id: int, photo_ids: Sequence[int]) -> list[Photo]:
        path = f"/api/articles/{article_id}/photos/order"
        return cast(list[Photo], self._json("PUT", path, json={"photos": list(photo_ids)}))

    def delete_photo(self, article_id: int, photo_id: int) -> None:
        self._send("DELETE", f"/api/articles/{article_id}/photos/{photo_id}")

    # Batches, with a partner's key or a token of staff.

    def begin_batch(self, photos: Sequence[PhotoLike], *, idempotency_key: str = "", **options: Any) -> Batch:
        """Have up to 1,000 photos searched for in the background: all files or bytes, or all addresses.

        With `webhook`, an https address, its end is posted there (`new_webhook_secret`, `is_from_the_shop`).
        """
        headers = once(idempotency_key)
        if len({isinstance(photo, str) for photo in photos}) > 1:
            raise ValueError("Send files and bytes in one batch, and addresses in another.")
        if photos and all(isinstance(photo, str) for photo in photos):
            sent = {"urls": list(photos), **options}
            return cast(Batch, self._json("POST", "/api/batches", repeatable=True, json=sent, headers=headers))
        files = [("images", file_of(photo)) for photo in photos if not isinstance(photo, str)]
        more: dict[str, Any] = {"files": files, "data": texts(options), "headers": headers}
        return cast(Batch, self._json("POST", "/api/batches", repeatable=True, **more))

    def batch(self, batch_id: str) -> Batch:
        return cast(Batch, self._json("GET", f"/api/batches/{batch_id}"))

    def wait_for_batch(self, batch_id: str, *, within_s: float = 600) -> Batch:
        """Return a batch once it ended. Raises TimeoutError if it does not in time."""
        until = time.monotonic() + within_s
        while (batch := self.batch(batch_id))["state"] == "running":
            if time.monotonic() > until:
                raise TimeoutError(f"The batch has {batch['done']} of {batch['photos']} photos after {within_s:g} s.")
            time.sleep(ASKED_AGAIN_EVERY_S)
        return batch

    def batch_results(self, batch_id: str) -> Iterator[Result]:
        """Yield what became of each photo, in the order in which they were sent."""
        yield from self._pages(f"/api/batches/{batch_id}/results", {})

    def cancel_batch(self, batch_id: str) -> Batch:
        return cast(Batch, self._json("POST", f"/api/batches/{batch_id}/cancel", repeatable=True))

    def delete_batch(self, batch_id: str) -> None:
        self._send("DELETE", f"/api/batches/{batch_id}")

    def new_webhook_secret(self) -> str:
        """Return a new secret for the webhooks of batches; the one before signs for a day more."""
        return str(cast(WebhookSecret, self._json("POST", "/api/webhook-secret"))["secret"])

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the results of all pages of a list, each page as it is reached."""
        query, offset = dict(query), int(query.get("offset", 0))
        while True:
            page = self._json("GET", path, params={**query, "limit": query.get("limit", PAGE), "offset": offset})
            yield from page["results"]
            offset += len(page["results"])
            if not page["next"]:
                return

    def _json(self, method: str, path: str, **more: Any) -> Any:
        return self._send(method, path, **more).json()

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._transport.send(method, path, **more)


def once(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def file_of(photo: Path | bytes) -> tuple[str, bytes, str]:
    """Return a photo as a part of a form."""
    name = photo.name if isinstance(photo, Path) else "photo"
    content = photo.read_bytes() if isinstance(photo, Path) else photo
    return name, content, mimetypes.guess_type(name)[0] or "application/octet-stream"


def texts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as a form or a query writes them."""

    def text(value: Any) -> Any:
        return str(value).lower() if isinstance(value, bool) else value

    return {name: text(value) for name, value in options.items() if value is not None}
