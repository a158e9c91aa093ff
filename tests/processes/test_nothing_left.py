"""A shopper's photo leaves nothing: no file, no key of the cache, no row, no line of a log has anything of it."""

from __future__ import annotations

import base64
import io
import json
import re
import sqlite3
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from redis import Redis

from tests.processes.shop import Shop, csrf_token

MARK = b"a-holiday-in-private"
FILE_NAME = "my-holiday-photo.jpg"
AGENT = "A-browser-of-mine"
# What a search changes: how many there were that day, and what the model was unsure of, as numbers.
ROWS_MAY_CHANGE = {"visualsearch_searchday", "visualsearch_versionday", "visualsearch_modelfailure", "sqlite_sequence"}
KEYS_MAY_COME = re.compile(
    rb"vitrine:(searches(-taken)?:[\d-]+|unsure)|vitrine:1:(window|asked):[0-9a-f]{64}.*|vitrine:1:(reconciled|queued:.*|only-one:.*)"
    rb"|_kombu\..*|unacked.*|photos|bulk"
)


def photo() -> bytes:
    """Return a photo of noise, so that it compresses to bytes like no others, with a mark in its EXIF."""
    noise = np.random.default_rng(5).integers(0, 255, (400, 300, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def contents(shop: Shop) -> dict[str, bytes]:
    return {str(path.relative_to(shop.data)): path.read_bytes() for path in shop.data.rglob("*") if path.is_file()}


def rows(shop: Shop) -> dict[str, list[str]]:
    with sqlite3.connect(f"file:{shop.data / 'shop.sqlite3'}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(str(row) for row in database.execute(f'SELECT * FROM "{name}"')) for name in tables}


def keys(shop: Shop) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for number in (0, 1):
        redis = Redis(unix_socket_path=str(shop.data / "run" / "valkey.sock"), db=number)
        if not Path(redis.connection_pool.connection_kwargs["path"]).exists():
            pytest.fail("the broker's socket is elsewhere")
        found |= {key: redis.dump(key) or b"" for key in redis.scan_iter("*")}
    return found


def pieces(content: bytes) -> list[bytes]:
    """Return parts of the photo, as they came and as base64, of which none may be found anywhere."""
    middle = len(content) // 2
    raw = [content[start : start + 48] for start in (middle, middle + 1_000, len(content) - 200)]
    text = base64.b64encode(content)
    return [*raw, text[len(text) // 2 : len(text) // 2 + 64]]


def test_searching_every_way_leaves_numbers_alone() -> None:
    with Shop(SHOP_LOG_LEVEL="DEBUG") as shop:
        content = photo()
        before_files, before_rows, before_keys = contents(shop), rows(shop), keys(shop)

        with httpx.Client(base_url=shop.address, headers={"User-Agent": AGENT}, timeout=30) as client:
            upload = client.post("/api/predict", files={"image": (FILE_NAME, content)})
            text = client.post("/api/predict", json={"image": base64.b64encode(content).decode()})
            refused = client.post("/api/predict", files={"image": (FILE_NAME, content[:3_000])})
            again = client.get("/api/search", params={"token": upload.json()["token"]})
            client.get("/search/")
            form = {"csrfmiddlewaretoken": csrf_token(client)}
            page = client.post("/search/", data=form, files={"image": (FILE_NAME, content)}, follow_redirects=True)
        shop.shell("from visualsearch.tasks import keep_search_counts; keep_search_counts()")
        after_files, after_rows, after_keys = contents(shop), rows(shop), keys(shop)
        token = upload.json()["token"]

        assert [answer.status_code for answer in (upload, text, refused, again, page)] == [200, 200, 400, 200, 200]
        new = {name.split("/")[0] for name in after_files.keys() - before_files.keys()}
        assert new <= {"run", "log", "broker"}, new
        for name, held in after_files.items():
            for piece in (*pieces(content), MARK, FILE_NAME.encode(), AGENT.encode()):
                assert piece not in held, f"{name} has something of the photo or of who sent it"
            if name.endswith(".log"):
                assert token.encode() not in held, f"{name} has the token"
        changed = {name for name in after_rows if after_rows[name] != before_rows.get(name)}
        assert changed <= ROWS_MAY_CHANGE, changed
        come = [key for key in after_keys.keys() - before_keys.keys() if not KEYS_MAY_COME.fullmatch(key)]
        assert come == []
        for key, held in after_keys.items():
            for piece in (*pieces(content), MARK, FILE_NAME.encode(), AGENT.encode(), b"127.0.0.1"):
                assert piece not in held, f"{key!r} has something of the photo or of who sent it"
        assert json.loads(refused.text)["code"] == "unreadable_image"
