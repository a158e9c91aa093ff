"""What pages weigh as they are sent, and that nothing on them moves while they load."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.catalogue import query_for

pytestmark = pytest.mark.django_db(transaction=True)

MOST_PAGE, MOST_SCRIPT, MOST_SHIFT = 150_000, 40_000, 0.05
SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def paths(trousers: Article) -> list[str]:
    """The pages of a shop that fills a whole list."""
    for _ in range(24):
        PhotoFactory.create(article=ArticleFactory.create(category=trousers.category, description="Straight. " * 40))
    assert trousers.category is not None
    return [
        "/", "/fr/", reverse("catalogue:articles"), trousers.category.get_absolute_url(), trousers.get_absolute_url(),
        "/search/", f"/search/?token={query_for('#283cbe').token}", "/nowhere/",
    ]  # fmt: skip


def test_no_page_and_no_script_is_heavy(client: Client, paths: list[str]) -> None:
    static = Path(settings.BASE_DIR) / "static"
    scripts = {script: len(gzip.compress(script.read_bytes())) for script in static.rglob("*.js")}
    assert max(scripts.values()) < MOST_SCRIPT
    for path in paths:
        page = client.get(path, headers={"Accept-Encoding": "gzip"})
        sheets_and_scripts = re.findall(
            r'(?:href|src)="/static/([^"]+\.(?:js|css))"', gzip.decompress(page.content).decode()
        )
        assert sheets_and_scripts, path
        named = [static / name for name in set(sheets_and_scripts)]
        sent = len(page.content) + sum(len(gzip.compress(file.read_bytes())) for file in named)
        assert sent < MOST_PAGE, path


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_page_loads(page: Page, live_server: LiveServer, paths: list[str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(SHIFTS)
    for path in paths:
        page.goto(live_server.url + path, wait_until="networkidle")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("window.shift") < MOST_SHIFT, path
