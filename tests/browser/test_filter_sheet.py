"""The filters on a phone, in a sheet over the results; on a desktop they stand beside them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.keyboard import HeldRequests, expect_focus
from tests.browser.search_page import FIRST, choose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.fixture
def phone(at_search: Page, photo: Path) -> Page:
    """The results on a phone."""
    at_search.set_viewport_size({"width": 390, "height": 844})
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    return at_search


def opener(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Filters"))


def opened(page: Page) -> Locator:
    opener(page).click()
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet).to_be_visible()
    return sheet


def test_each_change_shows_at_once_how_many_articles_there_are(phone: Page) -> None:
    sheet = opened(phone)
    expect(sheet.get_by_role("button", name="Show 3 products")).to_be_visible()

    sheet.get_by_label(re.compile("^Blue")).check()

    show = sheet.get_by_role("button", name="Show 1 product")
    expect(show).to_be_visible()
    expect(phone.locator("#matches h3")).to_have_text(["Blue trousers"])
    expect(phone).to_have_url(re.compile("colour=blue"))
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("status")).to_have_text("Show 1 product")
    expect_focus(sheet.get_by_label(re.compile("^Blue")))
    show.click()
    expect(sheet).to_be_hidden()
    expect(opener(phone)).to_have_text(re.compile(r"Filters\s+1"))
    expect_focus(opener(phone))


def test_the_counts_are_of_the_articles_that_come(phone: Page) -> None:
    sheet = opened(phone)
    for name, count in (("Category", 1), ("Up to", 0)):
        if name == "Category":
            sheet.get_by_role("link", name="Dress").click()
        else:
            sheet.get_by_label("Up to").fill("1")
            sheet.get_by_label("Up to").press("Enter")
        expect(phone.locator("#matches > li")).to_have_count(count)

    expect(sheet.get_by_role("button", name="No matching products")).to_be_visible()
    sheet.get_by_text("Reset filters").click()
    expect(sheet.get_by_role("button", name="Show 3 products")).to_be_visible()
    expect(phone.locator("#matches > li")).to_have_count(3)
    expect(sheet.get_by_text("Reset filters")).to_be_hidden()
    expect_focus(sheet.get_by_role("button", name="Show 3 products"))


@pytest.mark.parametrize("way", ["Escape", "backdrop", "button"])
def test_it_closes_and_the_focus_returns_to_what_opened_it(phone: Page, way: str) -> None:
    sheet = opened(phone)
    sheet.get_by_label("In stock only").check()
    expect(phone).to_have_url(re.compile("in_stock=true"))

    if way == "Escape":
        phone.keyboard.press("Escape")
    elif way == "backdrop":
        phone.mouse.click(195, 20)
    else:
        sheet.get_by_role("button", name="Close").click()

    expect(sheet).to_be_hidden()
    expect_focus(opener(phone))
    # The form is where it was: a second time works as the first.
    expect(opened(phone).get_by_label("In stock only")).to_be_checked()


def test_a_photo_that_is_pasted_while_it_is_open_closes_it(phone: Page, photo: Path) -> None:
    sheet = opened(phone)

    choose(phone, photo)

    expect(phone.locator(FIRST)).to_have_text("Blue trousers")
    expect(sheet).to_be_hidden()
    expect(phone.locator("#found h2")).to_be_focused()
    opener(phone).click()
    expect(phone.get_by_role("dialog", name="Filters")).to_be_visible()


def test_a_refusal_closes_it_and_is_read(phone: Page) -> None:
    sheet = opened(phone)
    phone.route("**/search/?*fragment=1*", lambda route: route.abort())

    sheet.get_by_label("In stock only").click()

    expect(phone.get_by_role("heading", name="Something went wrong.")).to_be_focused()


def test_on_a_wider_window_it_gives_way_to_the_column_beside_the_results(phone: Page) -> None:
    sheet = opened(phone)
    held = HeldRequests(phone, "**/search/?*fragment=1*")

    phone.set_viewport_size({"width": 1280, "height": 900})

    expect(sheet).to_be_hidden()
    held.let_go()
    expect(opener(phone)).to_be_hidden()
    expect(phone.get_by_label("In stock only")).to_be_visible()
    phone.get_by_label("In stock only").check()
    expect(phone).to_have_url(re.compile("in_stock=true"))
    expect(phone.locator("#found .chips")).to_contain_text("In stock")


def test_the_sheet_speaks_french_and_nothing_of_it_sticks_out(phone: Page, photo: Path) -> None:
    phone.set_viewport_size({"width": 360, "height": 640})
    phone.goto(phone.url.replace("/search/", "/fr/search/"))
    phone.get_by_role("button", name="Filtres").click()

    show = phone.get_by_role("button", name="Voir 3 articles")
    expect(show).to_be_in_viewport(ratio=1)
    sheet = phone.get_by_role("dialog", name="Filtres")
    assert sheet.evaluate("sheet => sheet.querySelector('[data-sheet-body]').scrollWidth - sheet.clientWidth") <= 0
