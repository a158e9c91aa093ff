"""A feed in the browser: added, looked at, switched on, fetched, asked about and paused. The test is the worker."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article, ScheduledFeed
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.catalogue.scheduled_feeds.conftest import supplier  # noqa: F401  (a fixture)
from tests.catalogue.scheduled_feeds.supplier import Supplier, fetched, shown, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_feed_is_added_looked_at_and_switched_on(
    staff: Page,
    live_server: LiveServer,
    supplier: Supplier,  # noqa: F811
    width: int,
) -> None:
    supplier.has(*(f"A-{n}" for n in range(6)), more="B-1,Bad,dear")
    staff.set_viewport_size({"width": width, "height": 900})
    staff.goto(live_server.url + reverse("admin:catalogue_scheduledfeed_add"))
    assert sticks_out(staff) == 0
    staff.get_by_label("Name:").fill("Supplier")
    staff.get_by_label("Address:").fill(f"http://supplier.example:{supplier.server.port}/feed.csv")
    staff.get_by_role("button", name="Save", exact=True).click()

    expect(staff.get_by_role("heading", name="Not switched on yet")).to_be_visible()
    assert sticks_out(staff) == 0
    staff.get_by_role("button", name="Preview").click()
    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    work()
    expect(staff.get_by_role("heading", name="Checked: see the preview, then switch the feed on")).to_be_visible()
    staff.get_by_role("link", name="Preview: what would be added").click()
    expect(staff.locator("[data-said=created]")).to_have_text("6")
    assert not Article.objects.exists()
    staff.get_by_role("link", name="Supplier", exact=True).click()
    staff.get_by_role("button", name="Switch on").click()
    expect(staff.get_by_role("button", name="Pause")).to_be_visible()
    work()

    expect(staff.get_by_role("heading", name="Switched on", exact=True)).to_be_visible()
    expect(staff.get_by_role("cell", name="Imported.")).to_be_visible()
    assert sticks_out(staff) == 0
    assert len(shown()) == 6


def test_a_feed_that_lost_much_asks_and_is_answered_fetched_and_paused_by_keyboard(
    staff: Page,
    live_server: LiveServer,
    supplier: Supplier,  # noqa: F811
) -> None:
    supplier.has(*(f"A-{n}" for n in range(6)))
    feed = supplier.feed(leaving_percent=33)
    fetched(feed)
    supplier.has("A-0", "A-1")
    staff.goto(live_server.url + reverse("admin:catalogue_scheduledfeed_change", args=[feed.pk]))

    staff.get_by_role("button", name="Fetch now").press("Enter")
    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    staff.get_by_role("button", name="Pause").focus()
    work()
    question = staff.get_by_role("group", name="4 of 6 products are no longer in the feed")
    expect(question).to_be_visible()
    expect_focus(staff.get_by_role("button", name="Pause"))
    expect(staff.locator("[data-announced]")).to_have_text("Waiting for your answer")
    expect(question.get_by_role("row")).to_have_count(5)
    assert len(shown()) == 6
    question.get_by_role("button", name="Hide these 4 products").press("Enter")
    expect(staff.get_by_role("group")).to_have_count(0)
    work()
    expect(staff.get_by_text("4 products are no longer in the feed.")).to_be_visible()
    assert shown() == ["A-0", "A-1"]
    staff.get_by_role("button", name="Pause").press("Enter")

    expect(staff.get_by_role("button", name="Resume")).to_be_visible()
    assert ScheduledFeed.objects.get().state == "paused"
