"""A whole shop as its processes, and what tests do with it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import numpy as np
from PIL import Image

from lab.harness.trial_shop import ROOT, TrialShop

# Holds the log of vectors until its input ends: SQLite locks the whole database at a write, PostgreSQL the table.
LOCK = """
import sys
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute("DELETE FROM visualsearch_logentry WHERE 0")
    else:
        cursor.execute("LOCK TABLE visualsearch_logentry IN ACCESS EXCLUSIVE MODE")
    print("locked", flush=True)
    sys.stdin.read()
"""


def csrf_token(client: httpx.Client) -> str:
    (token,) = (value for name, value in client.cookies.items() if name.startswith("csrftoken"))
    return token


def garment(number: int) -> bytes:
    """Return a photo like no other: a figure in a pattern of its own."""
    rng = np.random.default_rng(number)
    tiles = rng.integers(0, 255, (6, 5, 3), dtype=np.uint8)
    picture = Image.new("RGB", (300, 360), "#f4f1ec")
    picture.paste(Image.fromarray(tiles).resize((200, 260), Image.Resampling.NEAREST), (50, 50))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


class Shop(TrialShop):
    """A shop that reconciles often, and members of staff who write into it."""

    def __init__(self, **environment: str) -> None:
        super().__init__(**{"SHOP_RECONCILE_INTERVAL_S": "2", **environment})

    def finds_first(self, photo: bytes, sku: str, *, times: int = 1) -> bool:
        """Whether the article comes first, in each of so many searches on connections of their own."""
        for _ in range(times):
            articles = self.predict(photo, limit=1)["articles"]
            if not articles or articles[0]["sku"] != sku:
                return False
        return True

    def log(self, name: str) -> str:
        """Return what a process has written so far."""
        return (self.data / f"{name}.log").read_text()

    @contextmanager
    def photos_locked(self) -> Iterator[None]:
        """Let no worker write a vector meanwhile, so that a task that has begun does not end."""
        holding = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", LOCK],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holding.stdout is not None
        assert holding.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            holding.communicate()

    @contextmanager
    def admin(self) -> Iterator[httpx.Client]:
        """Yield a client that is logged in to the admin."""
        self.shell(
            "from django.contrib.auth import get_user_model as g;"
            "g().objects.filter(username='t').exists() or g().objects.create_superuser('t', password='t')"
        )
        with httpx.Client(base_url=self.address, follow_redirects=True, timeout=60) as client:
            client.get("/admin/login/")
            logged_in = client.post(
                "/admin/login/?next=/admin/",
                data={"username": "t", "password": "t", "csrfmiddlewaretoken": csrf_token(client)},
            )
            assert "logout" in logged_in.text
            yield client

    def add_in_admin(self, client: httpx.Client, sku: str, photo: bytes) -> float:
        """Add an article with one photo as staff do. Returns how many seconds the save took."""
        client.get("/admin/catalogue/article/add/")
        started = time.monotonic()
        saved = client.post(
            "/admin/catalogue/article/add/",
            data={
                "csrfmiddlewaretoken": csrf_token(client),
                "sku": sku,
                "name": sku,
                "currency": "EUR",
                "sizes": "[]",
                "published": "on",
                "photos-TOTAL_FORMS": "1",
                "photos-INITIAL_FORMS": "0",
                "photos-MIN_NUM_FORMS": "0",
                "photos-MAX_NUM_FORMS": "1000",
                "photos-0-position": "0",
                "variants-TOTAL_FORMS": "0",
                "variants-INITIAL_FORMS": "0",
            },
            files={"photos-0-file": ("photo.jpg", photo, "image/jpeg")},
        )
        took = time.monotonic() - started
        assert saved.status_code == 200, saved.text
        assert "errornote" not in saved.text, saved.text
        assert saved.url.path == "/admin/catalogue/article/", saved.text
        return took
