"""A photo that is dropped or pasted on any page of the shop is searched with, and kept nowhere."""

from __future__ import annotations

import base64
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import FIRST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

# Dispatches a drop or paste event with a file and a text, and returns whether the page took it.
HAND_OVER = """([selector, type, base64, mime, text]) => {
  const data = new DataTransfer();
  if (base64) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], "mine", { type: mime }));
  }
  if (text) data.items.add(text, "text/plain");
  const init = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent(type, { ...init, clipboardData: data })
    : new DragEvent(type, { ...init, dataTransfer: data });
  return !document.querySelector(selector).dispatchEvent(event);
}"""
KEPT = "async () => [(await indexedDB.databases()).map(({ name }) => name), { ...sessionStorage }]"
PHOTO = base64.b64encode(BLUE_TROUSERS).decode()


@pytest.fixture(params=["home", "listing", "article", "not found"])
def somewhere(request: pytest.FixtureRequest, page: Page, live_server: LiveServer, trousers: Article) -> Page:
    path = {
        "home": "/",
        "listing": reverse("catalogue:articles"),
        "article": trousers.get_absolute_url(),
        "not found": "/nowhere/",
    }[request.param]
    page.goto(live_server.url + path)
    page.wait_for_load_state("networkidle")
    return page


@pytest.fixture
def at_home(page: Page, live_server: LiveServer, trousers: Article) -> Page:
    page.goto(live_server.url)
    page.wait_for_load_state("networkidle")
    return page


def test_a_dropped_photo_leads_to_its_results(somewhere: Page) -> None:
    assert somewhere.evaluate(HAND_OVER, ["main", "drop", PHOTO, "image/png", ""])

    expect(somewhere.locator(FIRST)).to_have_text("Blue trousers")
    expect(somewhere).to_have_url(re.compile(r"/search/\?token="))
    expect(somewhere.locator(".query-photo")).to_be_visible()
    expect(somewhere.get_by_role("button", name="Rotate", exact=True)).to_be_visible()
    assert somewhere.evaluate(KEPT) == [[], {}]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_pasted_photo_does_too_and_going_back_leads_to_the_page_before(at_home: Page, width: int) -> None:
    at_home.set_viewport_size({"width": width, "height": 844})
    before = at_home.url

    assert at_home.evaluate(HAND_OVER, ["body", "paste", PHOTO, "image/png", ""])

    expect(at_home.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_home.locator("#found h2")).to_be_focused()
    at_home.go_back()
    expect(at_home).to_have_url(before)
    assert at_home.evaluate(KEPT) == [[], {}]


def test_the_french_page_leads_to_the_french_results(page: Page, live_server: LiveServer, trousers: Article) -> None:
    page.goto(f"{live_server.url}/fr/")
    page.wait_for_load_state("networkidle")

    page.evaluate(HAND_OVER, ["main", "drop", PHOTO, "image/png", ""])

    expect(page.locator(FIRST)).to_have_text("Pantalon bleu")
    expect(page).to_have_url(re.compile(r"/fr/search/\?token="))


@pytest.mark.parametrize("refused", ["indexedDB.open = undefined", "Storage.prototype.setItem = undefined"])
def test_a_browser_that_keeps_nothing_finds_the_same(
    page: Page, live_server: LiveServer, trousers: Article, refused: str
) -> None:
    page.add_init_script(f"{{ const indexedDB = IDBFactory.prototype; {refused}; }}")
    page.goto(live_server.url)
    page.wait_for_load_state("networkidle")

    page.evaluate(HAND_OVER, ["main", "drop", PHOTO, "image/png", ""])

    expect(page.locator(FIRST)).to_have_text("Blue trousers")
    expect(page).to_have_url(re.compile(r"/search/\?token="))


def test_a_photo_that_never_arrived_is_deleted_by_the_next_page(at_home: Page) -> None:
    at_home.evaluate(
        """async (photo) => {
          const { handOver } = await import("/static/search/handover.js");
          Date.now = () => new Date().getTime() - 120_000;
          await handOver(new Blob([photo]));
          sessionStorage.clear();
        }""",
        PHOTO,
    )
    assert at_home.evaluate(KEPT) == [["photo-handover"], {}]

    at_home.reload()

    at_home.wait_for_function("async () => !(await indexedDB.databases()).length")


def test_a_page_says_where_a_photo_may_be_let_go(at_home: Page) -> None:
    overlay = at_home.get_by_text("Drop your photo to search")
    expect(overlay).to_be_hidden()

    at_home.evaluate(HAND_OVER, ["main", "dragenter", PHOTO, "image/png", ""])
    expect(overlay).to_be_in_viewport()

    at_home.evaluate(HAND_OVER, ["main", "dragleave", PHOTO, "image/png", ""])
    expect(overlay).to_be_hidden()


def test_what_is_no_picture_is_left_alone(at_home: Page) -> None:
    before = at_home.url

    taken = [
        at_home.evaluate(HAND_OVER, ["main", way, file, "application/pdf", "blue shirt"])
        for way in ("paste", "dragover", "drop")
        for file in (PHOTO, "")
    ]

    assert taken == [False] * 6
    expect(at_home.get_by_text("Drop your photo to search")).to_be_hidden()
    expect(at_home).to_have_url(before)


def test_text_is_pasted_into_fields_as_ever_even_with_a_picture_of_it(at_home: Page) -> None:
    before = at_home.url

    assert not at_home.evaluate(HAND_OVER, ["#q", "paste", PHOTO, "image/png", "blue shirt"])
    assert not at_home.evaluate(HAND_OVER, ["#q", "paste", "", "", "blue shirt"])

    expect(at_home).to_have_url(before)


def test_a_picture_of_the_page_itself_that_is_dragged_is_no_new_photo(at_home: Page) -> None:
    at_home.evaluate("document.querySelector('img').dispatchEvent(new DragEvent('dragstart', { bubbles: true }))")

    assert not at_home.evaluate(HAND_OVER, ["main", "dragenter", PHOTO, "image/png", ""])
    assert not at_home.evaluate(HAND_OVER, ["main", "drop", PHOTO, "image/png", ""])
