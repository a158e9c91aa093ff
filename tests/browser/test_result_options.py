"""The messages and options beside the results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.search_page import FIRST, OTHER_LABELS, choose
from tests.factories import CategoryFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_what_happens_is_told_step_by_step(at_search: Page, photo: Path) -> None:
    at_search.evaluate(
        """() => {
          window.told = [];
          const progress = document.getElementById("progress");
          new MutationObserver(() => window.told.push(progress.textContent)).observe(progress, { childList: true });
        }"""
    )

    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    told = [re.sub("….*", "", one) for one in at_search.evaluate("window.told")]
    assert list(dict.fromkeys(told)) == ["Sending your photo", "Searching", "Similar products"]


def test_the_guess_narrows_to_its_category_and_back(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(3)
    guess = at_search.locator("[data-guesses] p").get_by_role("link", name="Pants")

    guess.click()

    expect(at_search.locator("#matches h3")).to_have_text(["Blue trousers"])
    expect(at_search).to_have_url(re.compile("category=pants"))
    expect(at_search.locator("[data-guesses] p")).to_have_text("You chose: Pants")
    expect(guess).to_have_attribute("aria-current", "true")
    expect(guess).to_be_focused()
    expect(at_search.locator(".query-photo")).to_be_visible()
    guess.click()
    expect(at_search.locator("#matches > li")).to_have_count(3)
    expect(at_search.locator("[data-guesses] p")).to_have_text("We think this is: Pants")


def test_another_guess_is_chosen_by_keyboard(at_search: Page, photo: Path) -> None:
    for label in OTHER_LABELS:
        CategoryFactory.create(slug=label, name=label.capitalize())
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(3)
    at_search.get_by_text("Change", exact=True).press("Enter")
    other = at_search.locator(".change").get_by_role("link").first
    name = other.evaluate("link => link.firstChild.textContent.trim()")

    other.press("Enter")

    expect(at_search.locator("[data-guesses] p")).to_have_text(f"You chose: {name}")
    expect(at_search.locator("[data-guesses] p").get_by_role("link")).to_be_focused()
    expect(at_search.locator(".change")).not_to_have_attribute("open", "")


def test_what_is_matched_by_and_the_order_are_chosen_beside_the_results(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    at_search.get_by_label("Sort by", exact=True).select_option("price")
    expect(at_search.locator("#matches h3")).to_have_text(["Green T-shirt", "Blue trousers", "Red dress"])
    expect(at_search).to_have_url(re.compile("ordering=price"))
    at_search.get_by_label("Match by").focus()
    for _ in range(3):
        at_search.keyboard.press("ArrowRight")
    expect(at_search).to_have_url(re.compile(r"emphasis=0\.6"))
    expect(at_search.get_by_label("Match by")).to_be_focused()
    at_search.reload()

    expect(at_search.get_by_label("Match by")).to_have_value("0.6")
    expect(at_search.get_by_label("Sort by", exact=True)).to_have_value("price")
