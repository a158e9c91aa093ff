"""Examples of search by photo in the OpenAPI document. Tests hold them against the schemas."""

from __future__ import annotations

from typing import Any

from catalogue.api.examples import ARTICLE_VALUE, SITE, answer_of, request_of

FORM = "multipart/form-data"
TOKEN = "eyJ2IjoxLC4uLg"  # noqa: S105  (the token of a search, and no secret)
BATCH_ID = "0b1f3c52-5d55-4a2c-9a54-6f3d6a7b1c1e"
_FILE = "(the file)"
_DRESS: dict[str, Any] = {
    "category": "dress", "label": "Dress", "probability": 0.93, "catalogue_category": "dresses",
}  # fmt: skip
_MATCH: dict[str, Any] = {**ARTICLE_VALUE, "similarity": 0.87}
_MODEL: dict[str, Any] = {"name": "mobilenetv2-clothing-int8", "version": "2", "fallback": False}
_INDEX: dict[str, Any] = {"vectors": 4407, "sequence": 4931, "pending": 0}

PREDICT_UPLOAD = request_of("A file", {"image": _FILE, "limit": 5, "category": ["dress"]}, FORM)
PREDICT_BODY = request_of(
    "A photo at an address",
    {"url": "https://example.com/photo.jpg", "limit": 5, "category": ["dress"], "price_max": "50.00"},
)
SEARCH_ANSWER = answer_of(
    "A dress that is there",
    {
        "token": TOKEN,
        "model": _MODEL,
        "predictions": [_DRESS],
        "box": [0.18, 0.09, 0.64, 0.86],
        "garments": [{**_DRESS, "box": [0.18, 0.09, 0.64, 0.86]}],
        "garment": 1,
        "match": "close",
        "count": 31,
        "next": f"{SITE}/api/search?token={TOKEN}&limit=5&offset=5",
        "previous": None,
        "articles": [_MATCH],
        "index": _INDEX,
        "timings_ms": {
            "receive": 0.4, "decode": 3.1, "inference": 6.2, "search": 0.8, "articles": 1.9, "total": 12.6,
        },
    },
)  # fmt: skip
SIMILAR_PAGE = answer_of("One that looks like it", {"count": 1, "next": None, "previous": None, "results": [_MATCH]})
LINK_BODY = request_of("A search", {"token": TOKEN})
LINK = answer_of("Its address", {"address": f"{SITE}/s/3pYq0dJmW1nKx7Zb", "expires": "2026-12-30T09:00:00Z"}, 201)
FEEDBACK_BODY = request_of("An article was opened", {"token": TOKEN, "kind": "clicked", "article": 17, "rank": 1})
FEEDBACK_UPLOAD = request_of(
    "Nothing looks like the photo", {"token": TOKEN, "kind": "not_similar", "agreed": True, "image": _FILE}, FORM
)
BATCH_UPLOAD = request_of("Two files", {"images": [_FILE, _FILE], "limit": 3}, FORM)
BATCH_BODY = request_of(
    "Two pictures at addresses",
    {
        "urls": ["https://example.com/one.jpg", "https://example.com/two.jpg"],
        "limit": 3,
        "webhook": "https://app.example/vitrine",
    },
)
_WEBHOOK: dict[str, Any] = {
    "url": "https://app.example/vitrine",
    "status": "waiting",
    "attempts": 0,
    "last_error": None,
    "next_attempt": None,
}
_BATCH: dict[str, Any] = {
    "id": BATCH_ID,
    "state": "running",
    "photos": 2,
    "done": 0,
    "failed": 0,
    "created": "2026-11-30T09:00:00Z",
    "expires": "2026-12-01T09:00:00Z",
    "results": f"/api/batches/{BATCH_ID}/results",
    "webhook": _WEBHOOK,
}
_DELIVERED: dict[str, Any] = {**_WEBHOOK, "status": "delivered", "attempts": 1}
BATCH_BEGUN = answer_of("It runs", _BATCH, 202)
BATCH = answer_of("It is done", {**_BATCH, "state": "finished", "done": 2, "webhook": _DELIVERED})
BATCH_CANCELLED = answer_of(
    "It is cancelled", {**_BATCH, "state": "cancelled", "done": 2, "failed": 1, "webhook": None}
)
RESULT_PAGE = answer_of(
    "A photo that was found, and one that could not be opened",
    {
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {
                "number": 0,
                "name": "one.jpg",
                "state": "done",
                "error": None,
                "found": {"token": TOKEN, "match": "close", "articles": [_MATCH]},
            },
            {
                "number": 1,
                "name": "two.txt",
                "state": "failed",
                "error": {"code": "unreadable_image", "detail": "This file type isn’t supported."},
                "found": None,
            },
        ],
    },
)
WEBHOOK_SECRET = answer_of("Shown this once", {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}, 201)
HEALTH = answer_of(
    "All is well",
    {
        "status": "ok",
        "model": {**_MODEL, "predicts": True, "loaded": True, "intact": True},
        "index": {**_INDEX, "articles": 1204, "snapshot_sequence": 4900, "failed": 0, "intact": True},
        "database": "ok",
        "broker": "ok",
        "workers": "ok",
        "disk": "ok",
        "store": "ok",
        "version": "0.1.0",
    },
)
HEALTH_DOWN = answer_of(
    "No search can be answered",
    {
        "status": "down",
        "model": None,
        "index": None,
        "database": "down",
        "broker": "ok",
        "workers": "ok",
        "disk": "ok",
        "store": "ok",
        "version": "0.1.0",
    },
    503,
)
READY = answer_of("It is", {"status": "ok"})
STARTING = answer_of("Not yet", {"status": "starting"}, 503)
