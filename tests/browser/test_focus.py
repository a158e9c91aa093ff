"""Whoever uses the search page by keyboard always stands somewhere, whatever is hidden, disabled or replaced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import HeldRequests, expect_focus
from tests.browser.search_page import FIRST, PHOTO_SENT, choose
from visualsearch.models import ModelFailure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

FRAGMENTS = "**/search/?*fragment=1*"
NO_TORCH = """
  MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
  MediaStreamTrack.prototype.applyConstraints = () => Promise.reject(new DOMException("", "OverconstrainedError"));
"""
NO_CAMERA = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"


@pytest.fixture
def at_results(at_search: Page, photo: Path) -> Page:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator("#found h2")).to_be_focused()
    return at_search


def test_a_search_by_an_example_leads_to_its_cancelling_and_that_to_the_chooser(at_search: Page) -> None:
    held = HeldRequests(at_search, PHOTO_SENT)
    example = at_search.get_by_role("button", name="A dress on a hanger")
    example.press("Enter")
    expect_focus(at_search.get_by_role("button", name="Cancel"))
    expect(at_search.get_by_role("status")).to_have_text(re.compile("^(Sending your photo|Searching)"))

    at_search.keyboard.press("Enter")

    expect(at_search.get_by_role("status")).to_have_text("Search cancelled.")
    expect_focus(at_search.locator("#photo"))
    at_search.keyboard.press("Tab")
    expect_focus(at_search.get_by_role("button", name="Use the camera"))
    held.let_go()
    example.press("Enter")
    expect_focus(at_search.locator("#found h2"))


def test_trying_again_leads_to_the_cancelling_and_then_to_the_results(at_search: Page, photo: Path) -> None:
    at_search.route(PHOTO_SENT, lambda route: route.abort())
    choose(at_search, photo)
    expect_focus(at_search.get_by_role("heading", name="Something went wrong."))
    at_search.unroute(PHOTO_SENT)
    held = HeldRequests(at_search, PHOTO_SENT)

    at_search.get_by_role("button", name="Try again").press("Enter")

    expect_focus(at_search.get_by_role("button", name="Cancel"))
    held.let_go()
    expect_focus(at_search.get_by_role("heading", name="Similar products"))


def test_going_back_from_a_result_leads_to_the_chooser(at_results: Page) -> None:
    at_results.locator(f"{FIRST} a").focus()

    at_results.go_back()

    expect(at_results.get_by_text("No photo to hand?")).to_be_visible()
    expect_focus(at_results.locator("#photo"))


def test_filters_taken_back_lead_to_the_next_one_and_the_last_one_to_the_results(at_results: Page) -> None:
    at_results.locator("[data-category=pants]").click()
    expect(at_results.get_by_role("link", name="Remove filter: Pants")).to_be_visible()
    at_results.get_by_label("In stock only").check()
    expect(at_results.get_by_role("link", name="Remove filter: In stock")).to_be_visible()
    expect_focus(at_results.get_by_label("In stock only"))

    at_results.get_by_role("link", name="Remove filter: Pants").press("Enter")

    expect(at_results.locator("#matches > li")).to_have_count(3)
    expect_focus(at_results.get_by_role("link", name="Remove filter: In stock"))
    at_results.keyboard.press("Enter")
    expect(at_results.locator(".chips")).to_have_count(0)
    expect_focus(at_results.get_by_role("heading", name="Similar products"))
    expect(at_results.locator(".query-photo")).to_be_visible()


def test_what_is_typed_while_an_answer_comes_is_kept_and_searched_with_on_leaving(at_results: Page) -> None:
    held = HeldRequests(at_results, FRAGMENTS)
    at_results.get_by_label("Sort by", exact=True).select_option("price")
    most = at_results.get_by_label("Up to")
    most.press_sequentially("20")

    held.let_go()

    expect(at_results.locator("#matches h3")).to_have_text(["Green T-shirt", "Blue trousers", "Red dress"])
    expect(most).to_have_value("20")
    expect_focus(most)
    at_results.keyboard.press("Tab")
    expect(at_results).to_have_url(re.compile(r"price_max=20\b"))
    expect(at_results.locator("#matches h3")).to_have_text(["Green T-shirt"])
    expect_focus(at_results.get_by_label("In stock only"))


def test_reaching_the_button_for_more_as_more_come_leads_to_the_first_of_them(
    at_search: Page, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualsearch.web.results.ARTICLES_A_PAGE", 2)
    held = HeldRequests(at_search, "**/search/?*offset=2*")
    choose(at_search, photo)
    at_search.get_by_role("link", name="Show more").focus()

    held.let_go()

    expect(at_search.locator("#matches > li")).to_have_count(3)
    expect_focus(at_search.locator("#matches > li:last-child a"))


def test_going_back_to_the_whole_photo_leads_to_the_frame(at_results: Page) -> None:
    frame = at_results.get_by_role("button", name="Crop")
    frame.press("Enter")
    expect_focus(at_results.get_by_label("Selection: the part to search for"))
    at_results.get_by_role("button", name="Search", exact=True).last.press("Enter")
    whole = at_results.get_by_role("button", name="Whole photo")
    expect(whole).to_be_visible()
    expect_focus(frame)

    whole.press("Enter")

    expect(whole).to_be_hidden()
    expect_focus(frame)


def test_what_is_said_of_results_is_told_once_and_its_answer_has_the_focus(at_results: Page) -> None:
    at_results.get_by_text("Not what you were looking for?").press("Enter")
    button = at_results.get_by_role("button", name="These don’t match")
    held = HeldRequests(at_results, "**/api/feedback")
    button.press("Enter")
    expect_focus(button)

    at_results.keyboard.press("Enter")
    expect_focus(button)
    assert len(held.routes) == 1
    held.let_go()

    expect_focus(at_results.get_by_text("Thank you for your feedback."))
    assert ModelFailure.objects.count() == 1


def test_cameras_are_changed_to_and_fro_and_closed_by_keyboard(at_search: Page) -> None:
    at_search.add_init_script(NO_TORCH)
    at_search.reload()
    at_search.get_by_role("button", name="Use the camera").press("Enter")
    shutter = at_search.get_by_role("button", name="Take photo")
    other, light = at_search.get_by_role("button", name="Switch camera"), at_search.get_by_role("button", name="Torch")
    expect(light).to_be_visible()
    expect_focus(shutter)

    for _ in range(2):
        other.press("Enter")
        expect_focus(other)
        expect(shutter).to_be_enabled()
        expect(light).to_be_visible()
    expect_focus(other)
    light.press("Enter")
    expect(light).to_be_hidden()
    expect_focus(shutter)
    at_search.keyboard.press("Escape")

    expect_focus(at_search.get_by_role("button", name="Use the camera"))


def test_where_no_camera_is_allowed_a_photo_is_chosen_by_keyboard(at_search: Page, photo: Path) -> None:
    at_search.add_init_script(NO_CAMERA)
    at_search.reload()
    at_search.get_by_role("button", name="Use the camera").press("Enter")
    expect_focus(at_search.locator("[data-camera=refused]"))

    # Playwright does not wait until it listens for the chooser: what is awaited within gives it the time.
    with at_search.expect_file_chooser() as chooser:
        at_search.keyboard.press("Tab")
        expect_focus(at_search.locator("[data-camera=chooser]"))
        at_search.keyboard.press("Enter")
    expect_focus(at_search.get_by_role("button", name="Use the camera"))
    chooser.value.set_files(photo)

    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")


def test_who_is_there_before_the_script_keeps_the_photo_and_the_focus(
    page: Page, live_server: LiveServer, trousers: Article, photo: Path
) -> None:
    held = HeldRequests(page, "**/search/search*.js")
    page.goto(f"{live_server.url}/search/", wait_until="commit")
    page.locator(".drop-go").focus()
    held.let_go()
    expect(page.locator(".drop-go")).to_be_hidden()
    expect_focus(page.locator("#photo"))

    held = HeldRequests(page, "**/search/search*.js")
    page.reload(wait_until="commit")
    choose(page, photo)
    held.let_go()

    expect(page.locator(FIRST)).to_have_text("Blue trousers")
