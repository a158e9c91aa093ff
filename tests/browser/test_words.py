"""A photo refined by words, in the browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import HeldRequests, expect_focus
from tests.browser.layout import sticks_out
from tests.browser.search_page import FIRST, choose
from tests.visualsearch.catalogue import query_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

FIELD = "Refine: colour, fabric, occasion"


@pytest.fixture
def at_results(at_search: Page, photo: Path) -> Page:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    return at_search


def test_words_narrow_at_once_by_keyboard_alone_and_are_lifted_one_by_one(at_results: Page) -> None:
    field = at_results.get_by_label(FIELD)

    field.press_sequentially("green blues")
    field.press("Enter")
    expect(at_results.locator("#matches h3")).to_have_text(["Blue trousers"])
    expect(at_results).to_have_url(re.compile(r"q=green\+blues"))
    expect_focus(field)
    expect(at_results.get_by_role("status")).to_contain_text("No results mention “green”, so it was ignored.")
    at_results.get_by_role("link", name="Remove filter: Blue").press("Enter")

    expect(at_results.locator("#matches > li")).to_have_count(3)
    expect(at_results.locator(FIRST)).to_have_text("Green T-shirt")
    expect(field).to_have_value("green")
    at_results.get_by_role("link", name="Products with “green” first: remove").press("Enter")
    expect(at_results.locator(FIRST)).to_have_text("Blue trousers")
    expect(field).to_have_value("")
    assert "q=" not in at_results.url


def test_what_is_typed_while_a_search_is_under_way_is_kept_and_searched_with_on_leaving(at_results: Page) -> None:
    field = at_results.get_by_label(FIELD)
    held = HeldRequests(at_results, re.compile("fragment=1"))
    field.press_sequentially("red")
    field.press("Enter")
    field.press_sequentially(" green")

    held.let_go()
    expect(at_results.locator(FIRST)).to_have_text("Red dress")

    expect(field).to_have_value("red green")
    expect_focus(field)
    at_results.keyboard.press("Tab")
    expect(at_results).to_have_url(re.compile(r"q=red\+green"))
    expect(at_results.get_by_role("link", name="Products with “green” first: remove")).to_be_visible()


def test_words_stay_beside_other_filters_and_after_a_reload(at_results: Page) -> None:
    at_results.get_by_label(FIELD).fill("dress")
    at_results.get_by_label(FIELD).press("Enter")
    expect(at_results.locator("#matches h3")).to_have_text(["Red dress"])

    at_results.get_by_label("Sort by", exact=True).select_option("price")
    expect(at_results).to_have_url(re.compile("ordering=price"))
    at_results.reload()

    expect(at_results.get_by_label(FIELD)).to_have_value("dress")
    expect(at_results.locator("#matches h3")).to_have_text(["Red dress"])
    at_results.go_back()
    at_results.go_back()
    expect(at_results.locator("#matches > li")).to_have_count(3)


def test_without_javascript_words_are_sent_with_the_filters(
    browser: Browser, live_server: LiveServer, trousers: Article
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/search/?token={query_for('#283cbe').token}&price_max=50")

    page.get_by_label(FIELD).fill("green linnen")
    page.get_by_role("button", name="Refine").click()

    expect(page.locator(FIRST)).to_have_text("Green T-shirt")
    expect(page).to_have_url(re.compile("price_max=50"))
    expect(page.get_by_text("No results mention “linnen”, so it was ignored.")).to_be_visible()
    page.get_by_role("link", name="Products with “green” first: remove").click()
    expect(page.get_by_label(FIELD)).to_have_value("linnen")
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_long_words_do_not_stick_out(at_results: Page, width: int) -> None:
    at_results.set_viewport_size({"width": width, "height": 844})

    at_results.get_by_label(FIELD).fill("blue " + "x" * 190)
    at_results.get_by_label(FIELD).press("Enter")
    expect(at_results.get_by_role("link", name="Remove filter: Blue")).to_be_visible()

    assert sticks_out(at_results) == 0
