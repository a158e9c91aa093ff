"""The pages as people see them, of a real shop with the demo's articles: `make show`.

Starts the shop's processes on a folder of their own, draws the demo, and then, in Chromium:
- writes screenshots of ten states into docs/pages/;
- prints what each page weighs as it is sent, and how it appears on a slow phone;
- prints what axe-core finds, by page, language and colour scheme.

The phone is Lighthouse's: 4 times slower than this machine, on slow 4G as its DevTools throttling makes it (1.6 Mbit/s
down, a round trip of 150 ms: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md).
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.browser.axe import PRACTICE, WCAG, violations
from visualsearch.evaluation.trial_shop import ROOT, TrialShop

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ROUNDS = 5
# 1.6 Mbit/s and 150 ms as a proxy in the browser has to make them.
SLOW_4G = {
    "offline": False,
    "latency": 150 * 3.75,
    "downloadThroughput": 1.6e6 * 0.9 / 8,
    "uploadThroughput": 0.75e6 * 0.9 / 8,
}
CPU_SLOWDOWN = 4
GOALS = {"first paint s": 1.8, "shift": 0.05, "page kB": 150, "script kB": 40}
OBSERVED = """
window.seen = { paint: null, shift: 0 };
new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) {
    if (name === "first-contentful-paint") window.seen.paint = startTime;
  }
}).observe({ type: "paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Loaded:
    """A page loaded once: kilobytes as sent by kind of resource, the largest script, first paint in s, layout shift."""

    sent: dict[str, float] = field(default_factory=dict)
    script: float = 0.0
    paint: float = 0.0
    shift: float = 0.0

    @property
    def page(self) -> float:
        return sum(size for kind, size in self.sent.items() if kind not in {"Image", "Media"})


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


# --- Screenshots -----------------------------------------------------------------------------------------------------


def take_screenshots(browser: Browser, shop: TrialShop, folder: Path) -> None:
    """Write ten states as WebP: shoppers' on a desktop and a phone side by side, staff's on a desktop."""
    folder.mkdir(parents=True, exist_ok=True)
    first = shop.client.get("/api/articles?ordering=price").json()["results"][0]
    states: dict[str, Callable[[Page], None]] = {
        "home": at(shop, "/"),
        "category": at(shop, category_of(shop)),
        "article": at(shop, first["url"]),
        "search": at(shop, "/search/"),
        "searching": searching(shop),
        "results": results(shop),
        "none": nothing_close(shop),
        "error": offline(shop),
    }
    for name, reach in states.items():
        pictures = []
        for size, scheme in ((DESKTOP, "light"), (PHONE, "dark" if name in {"article", "search"} else "light")):
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]  # plain values
            page = context.new_page()
            reach(page)
            page.wait_for_timeout(800)
            pictures.append(Image.open(io.BytesIO(page.screenshot())))
            context.close()
        write(side_by_side(pictures), folder / f"{name}.webp")
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")  # type: ignore[arg-type]  # a plain dict
    log_in(context, shop)
    page = context.new_page()
    for name, path in (("admin-list", "/admin/catalogue/article/"), ("admin-article", article_in_admin(shop))):
        page.goto(f"{shop.address}{path}")
        page.wait_for_timeout(800)
        write(Image.open(io.BytesIO(page.screenshot())), folder / f"{name}.webp")
    context.close()


def side_by_side(pictures: Sequence[Image.Image], gap: int = 32) -> Image.Image:
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (sum(picture.width + gap for picture in pictures) - gap, height), "#b9b4ad")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + gap
    return sheet


def write(picture: Image.Image, path: Path) -> None:
    picture.convert("RGB").save(path, "WEBP", quality=80, method=6)


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


def searching(shop: TrialShop) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.goto(f"{shop.address}/search/")
        page.wait_for_load_state("networkidle")
        # The answer does not come while it is looked at.
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", {**SLOW_4G, "latency": 20_000})
        page.locator(".example").first.click()
        page.locator(".busy-photo:visible").wait_for(timeout=60_000)

    return reach


def results(shop: TrialShop) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.goto(f"{shop.address}/search/")
        page.locator(".example").first.click()
        page.locator(".frame").wait_for()

    return reach


def nothing_close(shop: TrialShop) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.goto(f"{shop.address}/search/")
        picture = io.BytesIO()
        # Nothing that anybody wears.
        Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(picture, "PNG")
        page.set_input_files("#photo", {"name": "sky.png", "mimeType": "image/png", "buffer": picture.getvalue()})
        page.locator("#found").wait_for()

    return reach


def offline(shop: TrialShop) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        def refuse(route: Route) -> None:
            page.context.set_offline(True)
            route.abort()

        page.goto(f"{shop.address}/search/")
        page.route("**/api/predict", refuse)
        page.locator(".example").first.click()
        page.locator("#results h2").wait_for()

    return reach


# --- Weight and speed ------------------------------------------------------------------------------------------------


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
        "not found": "/nowhere/",
    }


def load(browser: Browser, address: str) -> Loaded:
    """Load a page on a slow phone whose cache is empty."""
    context = browser.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]  # a plain dict
    page = context.new_page()
    page.add_init_script(OBSERVED)
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    kinds: dict[str, str] = {}
    loaded = Loaded()

    def begun(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def done(event: dict[str, Any]) -> None:
        kind, size = kinds.get(event["requestId"], "Other"), event["encodedDataLength"] / 1000
        loaded.sent[kind] = loaded.sent.get(kind, 0.0) + size
        if kind == "Script":
            loaded.script = max(loaded.script, size)

    devtools.on("Network.responseReceived", begun)
    devtools.on("Network.loadingFinished", done)
    page.goto(address, wait_until="networkidle", timeout=60_000)
    # As far as a shopper scrolls, so that what comes late may shift what is there.
    page.mouse.wheel(0, 1_500)
    page.wait_for_timeout(1_500)
    seen = page.evaluate("window.seen")
    loaded.paint, loaded.shift = seen["paint"] / 1000, seen["shift"]
    context.close()
    return loaded


def print_timings(browser: Browser, shop: TrialShop) -> None:
    print(
        f"On a slow phone: {CPU_SLOWDOWN} times slower than this machine, slow 4G, nothing cached; medians of {ROUNDS}"
    )
    print(
        f"{'page':<14}{'first paint s':>14}{'highest':>9}{'shift':>8}{'page kB':>9}{'script kB':>11}{'pictures kB':>13}"
    )
    for name, path in pages_of(shop).items():
        rounds = [load(browser, shop.address + path) for _ in range(ROUNDS)]
        paints = [one.paint for one in rounds]
        shift, weight = max(one.shift for one in rounds), max(one.page for one in rounds)
        script = max(one.script for one in rounds)
        pictures = max(one.sent.get("Image", 0.0) for one in rounds)
        print(
            f"{name:<14}{statistics.median(paints):>14.2f}{max(paints):>9.2f}{shift:>8.3f}{weight:>9.1f}{script:>11.1f}"
            f"{pictures:>13.1f}",
            flush=True,
        )
    print("goals: " + ", ".join(f"{name} under {goal:g}" for name, goal in GOALS.items()))


# --- Accessibility ---------------------------------------------------------------------------------------------------


def print_accessibility(browser: Browser, shop: TrialShop) -> None:
    views = [(language, scheme) for language in ("en", "fr") for scheme in ("light", "dark")]
    print("Violations that axe-core finds (WCAG 2.2 AA and best practice)")
    print(f"{'page':<16}" + "".join(f"{language + ', ' + scheme:>12}" for language, scheme in views))
    staff = {
        "dashboard": ("/admin/", ".doing"),
        "import": ("/admin/catalogue/importrun/add/", "#content"),
        "by photo": ("/admin/catalogue/article/by-photo/", "#content"),
        "near-duplicates": ("/admin/visualsearch/nearduplicate/", "#content"),
        "photos": (article_in_admin(shop), "#photos-group"),
    }
    pages = {name: (path, "html") for name, path in pages_of(shop).items() if "," not in name} | staff
    counts: dict[str, list[int]] = {name: [] for name in pages}
    said: dict[str, None] = {}
    for language, scheme in views:
        context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", viewport=DESKTOP)  # type: ignore[arg-type]  # plain values
        log_in(context, shop)
        page = context.new_page()
        for name, (path, within) in pages.items():
            page.goto(shop.address + ("/fr" + path if language == "fr" else path))
            # Django's table of photos, with our cells: its headings are as it makes them.
            found = violations(page, within=within, tags=WCAG if name == "photos" else (*WCAG, PRACTICE))
            counts[name].append(len(found))
            said |= dict.fromkeys(f"{name}: {one}" for one in found)
        context.close()
    for name, numbers in counts.items():
        print(f"{name:<16}" + "".join(f"{count:>12}" for count in numbers))
    for one in said:
        print(one)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.show", description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=["screenshots", "timings", "accessibility"])
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "pages", help="of the screenshots")
    options = parser.parse_args()
    with demo_shop() as shop, chromium() as browser:
        if options.only in {None, "screenshots"}:
            take_screenshots(browser, shop, options.folder)
            print(f"Screenshots: {options.folder}")
        if options.only in {None, "timings"}:
            print_timings(browser, shop)
        if options.only in {None, "accessibility"}:
            print_accessibility(browser, shop)


if __name__ == "__main__":
    main()
