"""Sharing a search by a short link, in the browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.layout import sticks_out
from tests.browser.search_page import FIRST, choose
from tests.visualsearch.catalogue import query_for
from visualsearch.models import SearchLink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

# A device that shares, of which desktop Chromium on Linux is none.
SHARING_DEVICE = "navigator.share = async (data) => { window.shared = data; }"
UNWILLING_DEVICE = "navigator.share = async () => { throw new DOMException('', 'AbortError'); }"
# An address without HTTPS has no clipboard.
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


def at_results(page: Page, photo: Path) -> Page:
    choose(page, photo)
    expect(page.locator(FIRST)).to_have_text("Blue trousers")
    return page


def ask_for_a_link(page: Page) -> None:
    page.get_by_text("Share this search").click()
    expect(page.get_by_text("we keep a numerical description of your photo for 30 days")).to_be_visible()
    page.get_by_role("button", name="Get a link").press("Enter")


def test_a_link_is_copied_and_shows_just_these_results_without_the_photo(at_search: Page, photo: Path) -> None:
    at_search.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = at_results(at_search, photo)
    page.locator("[data-category=dress]").click()
    expect(page.locator("#matches h3")).to_have_text(["Red dress"])

    ask_for_a_link(page)
    expect(page.locator("[data-share-said]")).to_have_text(re.compile(r"^Link copied\. It works until .* 20\d\d\.$"))
    copied = page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_label("Link to these results")).to_have_value(copied)
    assert re.search(r"/s/[\w-]{16}\?category=dress$", copied)

    other: Page = page.context.new_page()
    other.goto(copied)
    expect(other.locator("#matches h3")).to_have_text(["Red dress"])
    expect(other.get_by_text("The photo itself was not stored.")).to_be_visible()
    expect(other.locator(".query")).to_be_hidden()


@pytest.mark.parametrize(
    ("ability", "said"), [(SHARING_DEVICE, True), (UNWILLING_DEVICE, False), (NO_CLIPBOARD, False)]
)
def test_a_device_that_shares_is_handed_the_link_and_what_fails_leaves_it_to_be_copied(
    at_search: Page, photo: Path, ability: str, said: bool
) -> None:
    at_search.add_init_script(ability)
    at_search.reload()
    page = at_results(at_search, photo)

    ask_for_a_link(page)
    expect(page.locator("[data-share-said]")).to_have_text(re.compile("^Here is your link. It works until "))

    address = page.get_by_label("Link to these results").input_value()
    assert address.endswith(f"/s/{SearchLink.objects.get().pk}")
    if said:
        assert page.evaluate("window.shared") == {"title": "Search by photo", "url": address}
    else:
        assert page.evaluate("getSelection().toString() || document.activeElement.value") == address


def test_a_link_that_cannot_be_made_is_told(at_search: Page, photo: Path, settings: Any, valkey: object) -> None:
    page = at_results(at_search, photo)
    page.context.set_offline(True)

    ask_for_a_link(page)

    expect(page.locator("[data-share-said]")).to_have_text("We couldn’t create the link. Please try again in a moment.")
    page.context.set_offline(False)
    settings.RATE_LIMITS = {"links": "0/min"}
    page.get_by_role("button", name="Get a link").click()
    expect(page.locator("[data-share-said]")).to_contain_text("Too many requests.")
    assert SearchLink.objects.count() == 0


def test_from_a_link_one_filters_goes_back_and_searches_on(
    page: Page, live_server: LiveServer, trousers: Article, photo: Path
) -> None:
    link = SearchLink.objects.create(
        token=query_for("#283cbe").token, search_sha256="x", expires="2126-01-01T00:00:00Z"
    )
    page.goto(f"{live_server.url}/s/{link.pk}")
    expect(page.locator("#matches > li")).to_have_count(3)

    page.locator("[data-category=dress]").click()
    expect(page.locator("#matches h3")).to_have_text(["Red dress"])
    page.go_back()
    expect(page).to_have_url(f"{live_server.url}/s/{link.pk}")
    expect(page.locator("#matches > li")).to_have_count(3)
    choose(page, photo)
    expect(page.locator(FIRST)).to_have_text("Blue trousers")

    expect(page.get_by_text("The photo itself was not stored.")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/search/\?token="))


def test_without_javascript_the_form_shows_the_link(
    browser: Browser, live_server: LiveServer, trousers: Article
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/search/?token={query_for('#283cbe').token}&category=dress")

    ask_for_a_link(page)

    field = page.get_by_label("Link to these results")
    expect(field).to_be_visible()
    expect(page.get_by_text("Here is your link. It works until ")).to_be_visible()
    page.goto(field.input_value())
    expect(page.locator("#matches h3")).to_have_text(["Red dress"])
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_an_open_share_does_not_stick_out(at_search: Page, photo: Path, width: int) -> None:
    at_search.add_init_script(NO_CLIPBOARD)
    at_search.set_viewport_size({"width": width, "height": 844})
    at_search.reload()
    page = at_results(at_search, photo)

    ask_for_a_link(page)
    expect(page.get_by_label("Link to these results")).to_be_visible()

    assert sticks_out(page) == 0


def test_sharing_speaks_french(page: Page, live_server: LiveServer, trousers: Article) -> None:
    page.goto(f"{live_server.url}/fr/search/?token={query_for('#283cbe').token}")

    page.get_by_text("Partager cette recherche").click()
    page.get_by_role("button", name="Obtenir un lien").click()

    expect(page.locator("[data-share-said]")).to_have_text(re.compile(r"valable jusqu’au \d+ \S+ 20\d\d\.$"))
    assert "/fr/s/" in page.get_by_label("Lien vers ces résultats").input_value()
