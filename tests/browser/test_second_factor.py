"""The second factor by keyboard alone, readable to everybody, on pages whose policy allows nothing inline."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, ConsoleMessage, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import violations

pytestmark = [pytest.mark.django_db(transaction=True)]


def code() -> str:
    return f"{totp(TOTPDevice.objects.get().bin_key):06}"


def test_it_is_set_up_and_passed_by_keyboard(browser: Browser, live_server: LiveServer) -> None:
    User.objects.create_superuser("anna", password="right")
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    def log_in() -> None:
        page.goto(f"{live_server.url}/admin/login/")
        # The browser gives the focus in the frame after it loaded the page: what is typed before is lost.
        expect(page.get_by_label("Username")).to_be_focused()
        page.keyboard.type("anna")
        page.keyboard.press("Tab")
        page.keyboard.type("right")
        page.keyboard.press("Enter")

    log_in()
    page.on("console", listen)
    page.get_by_role("link", name="Two-step login").press("Enter")
    page.get_by_role("button", name="Set it up").press("Enter")
    expect(page.get_by_role("img", name="QR code with the key below")).to_be_visible()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    expect(page.get_by_role("textbox", name="Code")).to_have_accessible_description(
        "Enter the six digits that the app shows:"
    )
    # axe-core itself tries styles that the policy refuses.
    page.remove_listener("console", listen)
    found = violations(page)
    page.keyboard.type(code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    recovery = page.locator(".codes code").first.inner_text()
    found += violations(page)

    context.clear_cookies()
    log_in()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    found += violations(page)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_role("link", name="Use a recovery code").press("Enter")
    expect(page.get_by_text("Enter one of your recovery codes.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    page.keyboard.type(recovery)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    assert (found, said) == ([], [])
    context.close()
