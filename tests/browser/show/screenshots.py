"""Screenshots of states, for docs/pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Route

from lab.harness.trial_shop import TrialShop
from tests.browser.search_page import PHOTO_SENT
from tests.browser.show.visits import DESKTOP, PHONE, SLOW_4G, article_in_admin, at, category_of, log_in

# The pictures in view are there, nothing is replaced, and nothing moves but what never ends, as what turns while one
# waits.
SETTLED = """() => [...document.images].every((image) => {
    const { top, bottom, width } = image.getBoundingClientRect();
    return image.complete || !width || top > innerHeight || bottom < 0;
  })
  && !document.querySelector("#results[aria-busy=true]:has(#found), [data-list][aria-busy=true]")
  && document.getAnimations().every(({ playState, effect }) =>
    playState !== "running" || !Number.isFinite(effect.getComputedTiming().endTime))"""
SETTLED_TRIES = 600


def take_screenshots(browser: Browser, shop: TrialShop, folder: Path) -> None:
    """Write states as WebP: shoppers' on a desktop and a phone side by side, staff's on a desktop."""
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
        "apps": at(shop, "/search/apps/"),
    }
    for name, reach in states.items():
        pictures = []
        for size, scheme in ((DESKTOP, "light"), (PHONE, "dark" if name in {"article", "search"} else "light")):
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]  # plain values
            page = context.new_page()
            reach(page)
            settle(page)
            pictures.append(Image.open(io.BytesIO(page.screenshot())))
            context.close()
        write(side_by_side(pictures), folder / f"{name}.webp")
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")  # type: ignore[arg-type]  # a plain dict
    log_in(context, shop)
    page = context.new_page()
    for name, path in (
        ("admin-list", "/admin/catalogue/article/"),
        ("admin-article", article_in_admin(shop)),
        ("admin-versions", "/admin/visualsearch/modelversion/"),
    ):
        page.goto(f"{shop.address}{path}")
        settle(page)
        write(Image.open(io.BytesIO(page.screenshot())), folder / f"{name}.webp")
    context.close()


def settle(page: Page) -> None:
    """Wait until a page looks as it will stay: on a busy machine that takes seconds."""
    page.wait_for_timeout(800)
    # Asked from here: waiting in the page evaluates strings there, which its Content-Security-Policy forbids.
    for _ in range(SETTLED_TRIES):
        if page.evaluate(SETTLED):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{page.url} does not settle.")


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
        page.locator(".query-photo").wait_for()

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
        page.route(PHOTO_SENT, refuse)
        page.locator(".example").first.click()
        page.locator("#results h2").wait_for()

    return reach
