"""What is seen of the results without scrolling, on phones and on a desktop, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.layout import sticks_out, wait_for_picture, wait_for_pictures
from tests.browser.search_page import FIRST, OTHER_LABELS, choose
from tests.factories import CategoryFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

SIZES = [(390, 844), (360, 640), (1280, 900)]
# Words that are wider than their box are broken or cut off.
TOO_WIDE = """() => [...document.querySelectorAll("#results :is(a, button, summary, h2, label, p)")]
  .filter((part) => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1
    && getComputedStyle(part).display !== "inline" && !part.matches(".hidden"))
  .map((part) => part.outerHTML.slice(0, 120))"""


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]} × {size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    width, height = request.param
    return width, height


@pytest.mark.parametrize("path", ["/search/", "/fr/search/"])
def test_the_first_row_of_results_is_on_the_first_screen(
    page: Page, live_server: LiveServer, trousers: Article, photo: Path, size: tuple[int, int], path: str
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live_server.url + path)
    choose(page, photo)
    expect(page.locator(FIRST)).to_be_visible()
    wait_for_picture(page.locator(".query-photo"))
    wait_for_pictures(page)

    for place in range(2):
        expect(page.locator("#matches .view").nth(place)).to_be_in_viewport(ratio=0.99)
    expect(page.locator(".query-photo")).to_be_in_viewport(ratio=0.99)
    expect(page.locator("[data-guesses]")).to_be_in_viewport(ratio=0.99)
    assert sticks_out(page) == 0
    assert page.evaluate(TOO_WIDE) == []


def test_it_is_so_after_a_reload_too(
    page: Page, live_server: LiveServer, trousers: Article, photo: Path, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{live_server.url}/search/")
    choose(page, photo)
    expect(page.locator(FIRST)).to_be_visible()

    page.reload()
    page.evaluate("scrollTo(0, 0)")
    wait_for_picture(page.locator(".query-photo"))

    expect(page.locator("#matches .card").first).to_be_in_viewport(ratio=0.3)


def test_what_asks_for_a_photo_gives_way_to_the_results_and_another_photo_is_one_press_away(
    at_search: Page, photo: Path, size: tuple[int, int]
) -> None:
    at_search.set_viewport_size({"width": size[0], "height": size[1]})
    expect(at_search.locator(".drop")).to_be_visible()

    choose(at_search, photo)

    expect(at_search.locator(FIRST)).to_be_visible()
    expect(at_search.locator(".drop")).to_be_hidden()
    with at_search.expect_file_chooser() as chooser:
        at_search.get_by_role("link", name="New photo").press("Enter")
    chooser.value.set_files(photo)
    expect(at_search.locator(FIRST)).to_be_visible()


def test_no_bytes_are_counted_before_a_shopper(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_be_visible()

    assert " kB" not in at_search.locator("main").inner_text()


def test_a_model_that_is_unsure_says_so_and_names_two(
    at_search: Page, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualsearch.services.rollout.feedback.UNSURE_BELOW", 1.0)

    choose(at_search, photo)

    line = at_search.locator("[data-guesses] p")
    expect(line).to_contain_text("We are not sure what this is: Pants or ")
    assert line.inner_text().endswith("?")


def test_no_guess_is_of_nothing(at_search: Page, photo: Path) -> None:
    for label in OTHER_LABELS:
        CategoryFactory.create(slug=label, name=label.capitalize())
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_be_visible()
    at_search.get_by_text("Change", exact=True).click()

    shares = at_search.locator(".change .count").all_inner_texts()

    assert shares
    assert "0%" not in shares


def test_without_javascript_a_phone_has_the_first_row_and_the_filters(
    browser: Browser, live_server: LiveServer, trousers: Article, photo: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/search/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    page.get_by_role("button", name="Search", exact=True).last.click()

    expect(page.locator("#matches .view").first).to_be_in_viewport(ratio=0.99)
    expect(page.get_by_role("button", name="Filters")).to_be_hidden()
    page.locator(".filters > summary").click()
    page.get_by_label("In stock only").check()
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("#found .chips")).to_contain_text("In stock")
    expect(page.locator(".filters > summary")).to_have_text("Filters 1")
    expect(page.locator("#matches .view").first).to_be_in_viewport(ratio=0.5)
    context.close()
