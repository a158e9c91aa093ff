"""The browser, and a shop with three articles that search by photo finds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from playwright.sync_api import ConsoleMessage, Error, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.photos import BLUE_TROUSERS, GREEN_SHIRT, RED_DRESS
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory, PhotoFactory
from visualsearch.services import versions
from visualsearch.services.indexing import embedding

# Playwright's synchronous API keeps an event loop in the tests' thread, and Django forbids its ORM where one runs.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Playwright gives up after 5 s. A machine that is busy with other tests searches and draws several times slower than an
# idle one; a longer wait costs nothing where what is expected comes.
expect.set_options(timeout=20_000)


# In place of pytest-playwright's own, which pytest 9 warns of; the tests name whole addresses.
@pytest.fixture(scope="session")
def base_url() -> str:
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the system's Chromium, silent on the network, with made-up cameras."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("These tests need Chromium, and none is installed. `make browser` installs it.")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    # Two, and nobody is asked whether they may be used.
    cameras = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium, "args": [*quiet, *cameras, *sandbox]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: errors of scripts, and violations of the Content-Security-Policy.

    A refusal that a test provokes is logged as a resource that failed to load; that is no complaint.
    """
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            said.append(message.text)

    def fail(error: Error) -> None:
        said.append(str(error))

    page.on("console", listen)
    page.on("pageerror", fail)
    yield said
    assert said == []


@pytest.fixture
def trousers(live_server: LiveServer) -> Article:
    """The article of BLUE_TROUSERS, beside two others that can be found as well."""
    versions.serving_version()
    dress = ArticleFactory.create(sku="D-1", name="Red dress", price="80.00", category=category("dress"))
    shirt = ArticleFactory.create(sku="T-1", name="Green T-shirt", price="15.00", category=category("t-shirt"))
    trousers = ArticleFactory.create(
        sku="P-1", name="Blue trousers", name_fr="Pantalon bleu", price="39.90", category=category("pants"),
        colours=[ColourFactory.create(name="Blue", slug="blue", hex="#283cbe")],
    )  # fmt: skip
    for article, photo in ((dress, RED_DRESS), (shirt, GREEN_SHIRT), (trousers, BLUE_TROUSERS)):
        PhotoFactory.create(article=article, file=ContentFile(photo, name="p.png"))
    embedding.embed_photos(embedding.waiting_ids(limit=10))
    return trousers


def category(slug: str) -> Any:
    return CategoryFactory.create(slug=slug, name=slug.capitalize())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A shopper's photo of the trousers, as a file to choose."""
    path = tmp_path / "mine.png"
    path.write_bytes(BLUE_TROUSERS)
    return path


@pytest.fixture
def at_search(page: Page, live_server: LiveServer, trousers: Article) -> Page:
    """The search page, in a shop whose articles can be found."""
    page.goto(f"{live_server.url}/search/")
    return page


@pytest.fixture
def staff(page: Page, live_server: LiveServer) -> Page:
    """A browser in which a superuser is logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("staff", password="secret"))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page
