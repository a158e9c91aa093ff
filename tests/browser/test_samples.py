"""The samples for developers are copied by a press, which is announced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.layout import sticks_out

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_a_sample_is_copied_with_the_keyboard_and_announced(page: Page, live_server: LiveServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/search/apps/")

    page.get_by_role("button", name="Copy the sample: curl").first.press("Enter")

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"curl -F image=@photo.jpg {live_server.url}/api/predict"


def test_without_a_clipboard_a_sample_is_selected(page: Page, live_server: LiveServer) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{live_server.url}/search/apps/")

    page.get_by_role("button", name="Copy the sample: .env").press("Space")

    expect(page.get_by_role("status").filter(has_text="Selected.")).to_be_visible()
    assert "SHOP_CORS_ORIGINS=" in page.evaluate("getSelection().toString()")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_samples_scroll_and_the_page_does_not(page: Page, live_server: LiveServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/fr/search/apps/")

    assert sticks_out(page) == 0
