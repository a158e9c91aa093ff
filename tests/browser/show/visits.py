"""The shop that is looked at, the browser that looks, and the addresses of its pages."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lab.harness.trial_shop import ROOT, TrialShop

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# 1.6 Mbit/s and 150 ms as a proxy in the browser has to make them.
SLOW_4G = {
    "offline": False,
    "latency": 150 * 3.75,
    "downloadThroughput": 1.6e6 * 0.9 / 8,
    "uploadThroughput": 0.75e6 * 0.9 / 8,
}


@contextmanager
def demo_shop() -> Iterator[TrialShop]:
    with TrialShop() as shop:
        shop.manage("load_demo", "--verbosity", "0")
        shop.manage("embed_waiting", "--verbosity", "0")
        shop.shell(
            "from django.contrib.auth import get_user_model as g; g().objects.create_superuser('show', password='show')"
        )
        yield shop


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", *sandbox])
        yield browser
        browser.close()


def log_in(context: BrowserContext, shop: TrialShop) -> None:
    page = context.new_page()
    page.goto(f"{shop.address}/admin/login/?next=/admin/")
    page.fill("#id_username", "show")
    page.fill("#id_password", "show")
    page.press("#id_password", "Enter")
    page.wait_for_load_state()
    page.close()


def category_of(shop: TrialShop) -> str:
    found = re.search(r'"(/categories/[\w-]+/)"', shop.client.get("/articles/").text)
    assert found
    return found[1]


def article_in_admin(shop: TrialShop) -> str:
    return f"/admin/catalogue/article/{shop.client.get('/api/articles').json()['results'][0]['id']}/change/"


def at(shop: TrialShop, path: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.goto(f"{shop.address}{path}")

    return reach


def pages_of(shop: TrialShop) -> dict[str, str]:
    """Return the pages that are measured, by name."""
    article = shop.client.get("/api/articles").json()["results"][0]
    token = shop.predict((ROOT / "static/search/examples/dress.webp").read_bytes())["token"]
    return {
        "home": "/",
        "home, French": "/fr/",
        "articles": "/articles/",
        "category": category_of(shop),
        "article": article["url"],
        "search": "/search/",
        "results": f"/search/?{httpx.QueryParams(token=token)}",
        "for apps": "/search/apps/",
        "not found": "/nowhere/",
    }
