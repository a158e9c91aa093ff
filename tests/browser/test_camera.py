"""A photo taken in the page, with a made-up camera."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.photos import GREEN_SHIRT
from tests.browser.search_page import FIRST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

LIVE = "video => video.videoWidth > 0 && !video.paused && video.srcObject.active"
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
NONE = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
WITH_LIGHT = """
  MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
  MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => { window.light = advanced[0].torch; };
"""
ASKED_FOR = """
  window.asked = [];
  const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    window.asked.push(wanted.video.facingMode.ideal);
    return get(wanted);
  };
"""


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def at_width(request: pytest.FixtureRequest, at_search: Page) -> Page:
    width, height = request.param
    at_search.set_viewport_size({"width": width, "height": height})
    return at_search


def test_the_camera_shows_what_it_sees_and_what_it_takes_is_searched_for(at_width: Page) -> None:
    at_width.get_by_role("button", name="Use the camera").click()
    video = at_width.get_by_label("Camera preview")
    shutter = at_width.get_by_role("button", name="Take photo")
    expect(shutter).to_be_enabled()
    expect(shutter).to_be_focused()
    at_width.wait_for_function(LIVE, arg=video.element_handle())
    stream = video.evaluate_handle("video => video.srcObject")

    shutter.click()

    expect(at_width.locator("#found h2")).not_to_be_empty()
    expect(at_width.locator(".query-photo")).to_be_visible()
    expect(at_width.get_by_role("dialog")).to_be_hidden()
    at_width.wait_for_function("stream => !stream.active", arg=stream)


def test_the_other_camera_and_the_light(at_search: Page) -> None:
    at_search.add_init_script(WITH_LIGHT)
    at_search.add_init_script(ASKED_FOR)
    at_search.reload()
    at_search.get_by_role("button", name="Use the camera").click()

    at_search.get_by_role("button", name="Switch camera").click()
    light = at_search.get_by_role("button", name="Torch")
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    assert at_search.evaluate("window.light") is True
    light.click()
    expect(light).to_have_attribute("aria-pressed", "false")

    assert at_search.evaluate("window.asked") == ["environment", "user"]
    assert at_search.evaluate("window.light") is False
    at_search.keyboard.press("Escape")
    expect(at_search.get_by_role("dialog")).to_be_hidden()


def test_who_allows_no_camera_is_told_what_else_there_is(at_search: Page) -> None:
    at_search.add_init_script(REFUSED)
    at_search.reload()

    at_search.get_by_role("button", name="Use the camera").click()

    expect(at_search.get_by_text("We can’t use your camera.")).to_be_visible()
    with at_search.expect_file_chooser() as chooser:
        at_search.locator("[data-camera=chooser]").click()
    chooser.value.set_files({"name": "p.png", "mimeType": "image/png", "buffer": GREEN_SHIRT})
    expect(at_search.locator(FIRST)).to_have_text("Green T-shirt")


def test_a_phone_whose_browser_has_no_camera_offers_its_own(
    browser: Browser, live_server: LiveServer, trousers: Article
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.add_init_script(NONE)
    page = context.new_page()
    page.goto(f"{live_server.url}/search/")

    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(page.get_by_role("button", name="Use the camera")).to_be_hidden()
    expect(page.locator("#camera")).to_have_attribute("capture", "environment")
    page.set_input_files("#camera", {"name": "p.png", "mimeType": "image/png", "buffer": GREEN_SHIRT})

    expect(page.locator(FIRST)).to_have_text("Green T-shirt")
    context.close()
