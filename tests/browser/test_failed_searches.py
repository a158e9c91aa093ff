"""A search that fails, or is called off, in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from catalogue.models import Article
from tests.browser.search_page import FIRST, PHOTO_SENT, TEXT, choose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_a_file_that_is_no_photo_is_refused_in_words_and_the_next_one_works(at_search: Page, photo: Path) -> None:
    choose(at_search, TEXT)

    expect(at_search.get_by_role("alert")).to_contain_text("We couldn’t open this image.")
    expect(at_search.get_by_role("button", name="Try again")).to_be_hidden()
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")


def test_a_lost_connection_is_said_and_tried_again(at_search: Page, photo: Path) -> None:
    at_search.route(PHOTO_SENT, lambda route: route.abort())
    choose(at_search, photo)
    expect(at_search.get_by_role("alert")).to_contain_text("Something went wrong.")
    at_search.unroute(PHOTO_SENT)

    at_search.get_by_role("button", name="Try again").click()

    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")


def test_who_searches_too_often_is_told_how_long_to_wait(at_search: Page, photo: Path) -> None:
    problem = '<h2 class="problem-title">Too many requests.</h2><p class="problem-detail">Slowly.</p>'
    at_search.route(
        PHOTO_SENT,
        lambda route: route.fulfill(
            status=429, headers={"Retry-After": "7", "Content-Type": "text/html"}, body=problem
        ),
    )

    choose(at_search, photo)

    expect(at_search.get_by_role("alert")).to_contain_text("Slowly. Please try again in 7 seconds.")


def test_a_search_under_way_is_cancelled(at_search: Page, photo: Path) -> None:
    at_search.route(PHOTO_SENT, lambda route: None)
    choose(at_search, photo)
    expect(at_search.get_by_role("status")).to_have_text("Sending your photo…")

    at_search.get_by_role("button", name="Cancel").click()

    expect(at_search.get_by_role("status")).to_have_text("Search cancelled.")
    expect(at_search.get_by_text("No photo to hand?")).to_be_visible()


def test_a_cancelled_search_leaves_the_results_before_it(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    at_search.route(PHOTO_SENT, lambda route: None)
    choose(at_search, TEXT)
    choose(at_search, TEXT)

    at_search.get_by_role("button", name="Cancel").click()

    expect(at_search.locator(FIRST)).to_be_visible()


def test_without_a_model_shoppers_are_led_to_text_search(
    at_search: Page, photo: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.ARTEFACTS_DIR = tmp_path / "none"
    Article.objects.get(sku="P-1").photos.get().embeddings.get().model_version.delete()

    choose(at_search, photo)

    expect(at_search.get_by_role("alert")).to_contain_text("Search by photo isn’t available right now.")
    expect(at_search.get_by_role("alert").get_by_role("link", name="Search by word")).to_be_visible()
