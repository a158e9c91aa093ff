"""What a shopper does with results, and says of them, in the browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import FIRST, choose
from tests.visualsearch.catalogue import query_for
from visualsearch.models import Feedback, ModelFailure
from visualsearch.services.rollout.feedback import note_failure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def wait_for(page: Page, there: Callable[[], bool]) -> None:
    for _ in range(100):
        if there():
            return
        page.wait_for_timeout(50)
    pytest.fail("it was not told within 5 s")


def given() -> list[Path]:
    return [path for path in (Path(settings.DATA_DIR) / "given").rglob("*") if path.is_file()]


def test_the_article_that_is_opened_is_told_with_its_rank(at_search: Page, photo: Path, trousers: Article) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    at_search.locator(f"{FIRST} a").click()
    at_search.wait_for_url("**/articles/**")

    wait_for(at_search, Feedback.objects.exists)
    row = Feedback.objects.get()
    assert (row.kind, row.article_id, row.rank) == ("clicked", trousers.pk, 1)


@pytest.mark.parametrize("agreed", [False, True])
def test_results_that_are_no_good_are_told_and_the_photo_stays_unless_it_is_given(
    at_search: Page, photo: Path, agreed: bool
) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    at_search.get_by_text("Not what you were looking for?").click()
    give = at_search.get_by_label("Keep my photo")
    expect(give).to_be_visible()
    if agreed:
        give.check()
    at_search.get_by_role("button", name="These don’t match").click()

    expect(at_search.locator("[data-said]")).to_have_text("Thank you for your feedback.")
    expect(at_search.locator("[data-said]")).to_be_focused()
    assert ModelFailure.objects.get().kind == "not_similar"
    assert len(given()) == int(agreed)


def test_a_category_is_corrected_and_after_a_reload_no_photo_is_asked_for(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    at_search.reload()

    at_search.get_by_text("Not what you were looking for?").click()
    expect(at_search.get_by_label("Keep my photo")).to_be_hidden()
    at_search.get_by_label("My photo shows").select_option("skirt")
    at_search.get_by_role("button", name="Send").click()

    expect(at_search.locator("[data-said]")).to_have_text("Thank you for your feedback.")
    assert ModelFailure.objects.get().corrected == "skirt"


@pytest.mark.parametrize("page_name", ["visualsearch_modelfailure_changelist", "index"])
def test_staff_see_what_a_stranger_left_only_when_they_ask_for_it(
    staff: Page, live_server: LiveServer, trousers: Article, page_name: str
) -> None:
    with Image.open(io.BytesIO(BLUE_TROUSERS)) as left:
        note_failure(query_for("#283cbe"), "not_similar", "one", photo=left.convert("RGB"))
    staff.goto(live_server.url + reverse(f"admin:{page_name}"))
    picture = staff.locator(".veiled img")
    expect(picture).to_have_css("filter", re.compile("blur"))

    # By the keyboard.
    staff.get_by_role("checkbox", name="Show the photo").press("Space")

    expect(picture).to_have_css("filter", "none")
