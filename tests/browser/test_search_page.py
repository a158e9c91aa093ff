"""A shopper's search by photo, in the browser."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.layout import sticks_out, wait_for_picture
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import FIRST, HAND_OVER, KEEP_WHAT_IS_SENT, TEXT, WHAT_WAS_SENT, choose
from tests.catalogue.imaging.pictures import HEIC_TURNED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_a_chosen_photo_is_shown_with_its_category_and_its_own_article_first(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)

    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator(".badge").first).to_have_text(re.compile(r"^(9\d|100)% match$"))
    expect(at_search.locator(".query-photo")).to_be_visible()
    expect(at_search.locator(".query-photo")).to_have_js_property("naturalWidth", 360)
    expect(at_search.locator(".guesses p")).to_have_text("We think this is: Pants")


def test_an_iphones_photo_that_the_browser_cannot_show_is_searched(at_search: Page) -> None:
    choose(at_search, {"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": HEIC_TURNED})

    expect(at_search.locator(".guesses p")).not_to_be_empty()
    expect(at_search.locator("#found h2")).not_to_be_empty()
    expect(at_search.locator(".query-photo")).to_be_hidden()


def test_a_photo_is_sent_once_and_answered_with_its_results(at_search: Page, photo: Path) -> None:
    asked: list[tuple[str, str]] = []
    at_search.on("request", lambda request: asked.append((request.method, request.url.partition("://")[2])))

    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator(".query-photo")).to_be_visible()

    assert [method for method, _ in asked].count("POST") == 1
    assert [url for _, url in asked if "/api/" in url] == []
    assert [url.partition("/")[2] for _, url in asked if "fragment=1" in url] == ["search/?fragment=1"]


def test_what_happens_is_announced_and_the_results_get_the_focus(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)

    expect(at_search.get_by_role("heading", name="Similar products")).to_be_focused()
    expect(at_search.get_by_role("status")).to_have_text("Similar products")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photo_is_dropped_or_pasted(at_search: Page, way: str) -> None:
    at_search.evaluate(HAND_OVER, [".drop", way, base64.b64encode(BLUE_TROUSERS).decode()])

    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")


def test_an_example_is_one_click(at_search: Page) -> None:
    at_search.get_by_role("button", name="A dress on a hanger").click()

    expect(at_search.locator(".query-photo")).to_be_visible()
    expect(at_search.locator("#found h2")).not_to_be_empty()


def test_a_large_photo_is_sent_small_upright_and_without_its_metadata(at_search: Page, tmp_path: Path) -> None:
    turned = Image.new("RGB", (3000, 2000), "#c81e28")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Maker of the camera"
    turned.save(tmp_path / "large.jpg", exif=exif)
    at_search.evaluate(KEEP_WHAT_IS_SENT)

    choose(at_search, tmp_path / "large.jpg")
    expect(at_search.locator("#found h2")).not_to_be_empty()

    picture = Image.open(io.BytesIO(base64.b64decode(at_search.evaluate(WHAT_WAS_SENT))))
    assert (picture.format, picture.size) == ("JPEG", (683, 1024))
    assert not picture.getexif()


def test_a_link_shows_the_same_results_without_the_photo(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    address = at_search.url

    other = at_search.context.new_page()
    other.goto(address)

    expect(other.locator(FIRST)).to_have_text("Blue trousers")
    expect(other.locator(".query")).to_be_hidden()


def test_reload_and_back_bring_the_results_and_the_photo_without_sending_it_again(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    sent: list[str] = []
    at_search.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    at_search.reload()
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator(".query-photo")).to_be_visible()
    at_search.go_back()
    expect(at_search.locator("#found")).to_have_count(0)
    expect(at_search.get_by_text("No photo to hand?")).to_be_visible()
    at_search.go_forward()
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator(".query-photo")).to_be_visible()

    assert sent == []


def test_filters_narrow_at_once_and_are_part_of_the_address(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(3)

    at_search.locator("[data-category=pants]").click()
    expect(at_search.locator("#matches h3")).to_have_text(["Blue trousers"])
    expect(at_search).to_have_url(re.compile("category=pants"))
    at_search.get_by_label("Up to").fill("20")
    at_search.get_by_label("Up to").press("Enter")
    expect(at_search.locator("#found h2")).to_have_text("No close match")
    at_search.get_by_role("link", name="Reset filters").first.click()
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch.web.results.ARTICLES_A_PAGE", 2)


@pytest.mark.usefixtures("pages_of_two")
def test_more_articles_come_as_one_scrolls_and_are_there_after_a_reload(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(3)
    expect(at_search).to_have_url(re.compile("show=3"))
    expect(at_search.get_by_role("link", name="Show more")).to_have_count(0)

    at_search.reload()

    expect(at_search.locator("#matches > li")).to_have_count(3)


@pytest.mark.usefixtures("pages_of_two")
def test_a_button_brings_more_articles_to_whoever_does_not_scroll(at_search: Page, photo: Path) -> None:
    at_search.add_init_script("IntersectionObserver.prototype.observe = () => {}")
    at_search.reload()
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(2)

    at_search.get_by_role("link", name="Show more").press("Enter")

    expect(at_search.locator("#matches > li")).to_have_count(3)
    expect(at_search.locator("#matches > li:last-child a")).to_be_focused()
    expect(at_search.get_by_role("link", name="Show more")).to_have_count(0)


def test_a_link_within_the_page_leaves_the_results_as_they_are(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    at_search.evaluate("location.hash = 'main'")
    at_search.evaluate("new Promise((resolve) => setTimeout(resolve))")

    expect(at_search.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(at_search.locator(".query-photo")).to_be_visible()


def test_it_is_all_done_by_keyboard(at_search: Page, photo: Path) -> None:
    at_search.locator(".photo-head").click()
    with at_search.expect_file_chooser() as chooser:
        at_search.keyboard.press("Tab")
        expect(at_search.locator("#photo")).to_be_focused()
        at_search.keyboard.press("Enter")
    chooser.value.set_files(photo)
    expect(at_search.locator("#found h2")).to_be_focused()

    at_search.keyboard.press("Tab")
    expect(at_search.get_by_label("Refine: colour")).to_be_focused()
    at_search.keyboard.press("Tab")
    expect(at_search.get_by_role("button", name="Refine")).to_be_focused()
    at_search.keyboard.press("Tab")
    expect(at_search.get_by_role("link", name="Pants first: remove")).to_be_focused()
    at_search.keyboard.press("Tab")

    expect(at_search.locator("#matches > li:first-child a")).to_be_focused()


def test_the_kind_that_came_first_is_taken_back_and_put_first_again(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)

    at_search.get_by_role("link", name="Pants first: remove").press("Enter")
    again = at_search.get_by_role("link", name="Show Pants first")
    expect(again).to_be_visible()
    expect(at_search).to_have_url(re.compile("kind=any"))
    expect(at_search.locator(".query-photo")).to_be_visible()
    assert at_search.evaluate("document.activeElement !== document.body")

    again.press("Enter")
    expect(at_search.get_by_role("link", name="Pants first: remove")).to_be_visible()
    expect(at_search.locator("#matches > li")).to_have_count(3)


def test_without_javascript_the_form_finds_the_same(
    browser: Browser, live_server: LiveServer, trousers: Article, photo: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/search/")

    page.get_by_label("Choose a photo").set_input_files(photo)
    page.get_by_role("button", name="Search", exact=True).last.click()

    expect(page.locator(FIRST)).to_have_text("Blue trousers")
    expect(page.locator(".guesses p")).to_have_text("We think this is: Pants")
    page.locator("[data-category=pants]").click()
    page.locator(".filters").get_by_role("button", name="Apply").click()
    expect(page.locator("#matches h3")).to_have_text(["Blue trousers"])
    page.get_by_role("link", name="New photo").click()
    page.get_by_label("Choose a photo").set_input_files(TEXT)
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("We couldn’t open this image.")
    context.close()


def test_the_page_speaks_french(page: Page, live_server: LiveServer, trousers: Article, photo: Path) -> None:
    page.goto(f"{live_server.url}/fr/search/")

    choose(page, photo)

    expect(page.locator(FIRST)).to_have_text("Pantalon bleu")
    expect(page).to_have_url(re.compile(r"/fr/search/\?token="))
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_sticks_out_on_a_narrow_screen(at_search: Page, photo: Path, width: int) -> None:
    at_search.set_viewport_size({"width": width, "height": 844})
    assert sticks_out(at_search) == 0

    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    wait_for_picture(at_search.locator(".query-photo"))
    assert sticks_out(at_search) == 0
    at_search.get_by_role("button", name="Filters").click()
    expect(at_search.get_by_label("Sort by", exact=True)).to_be_visible()

    assert sticks_out(at_search) == 0
