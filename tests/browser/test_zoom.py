"""The viewer of an article's photos: the whole photo first, on any screen, then as close as one likes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import HeldRequests, expect_focus
from tests.browser.layout import sticks_out, wait_for_picture, wait_until_drawn
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

PHONE, TURNED, DESKTOP = (390, 844), (844, 390), (1280, 900)
# Among them what a desktop of 1,280 × 900 pixels has left at 200 and at 400 %.
SCREENS = [PHONE, TURNED, (320, 568), (768, 1024), (1280, 720), DESKTOP, (2560, 1300), (640, 450), (320, 225)]


@pytest.fixture
def dress(live_server: LiveServer) -> Article:
    """A dress with three photos, one of them wide."""
    dress = ArticleFactory.create(name="Linen dress")
    for position, size in enumerate(((900, 1200), (1200, 600), (300, 400))):
        PhotoFactory.create(
            article=dress, position=position, size=size, colour=("#a02020", "#20a020", "#2020a0")[position]
        )
    return dress


@pytest.fixture
def article(page: Page, live_server: LiveServer, dress: Article) -> Page:
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + dress.get_absolute_url())
    return page


def enlarge(page: Page, width: int, height: int, number: int = 1) -> Locator:
    """Open the viewer in a window of this size, and return its picture."""
    page.set_viewport_size({"width": width, "height": height})
    page.get_by_role("link", name=f"Zoom in on photo {number} of 3").press("Enter")
    return picture_of(page)


def picture_of(page: Page) -> Locator:
    picture = page.locator(".zoom-view img")
    wait_for_picture(picture)
    wait_until_drawn(page)
    return picture


def box_of(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box is not None
    return box


def point_at(box: FloatRect, x: float, y: float) -> tuple[float, float]:
    """Return the point of the window where these fractions of a box are."""
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def assert_whole(page: Page, picture: Locator) -> None:
    """Assert that all of the picture is seen, as large as the view allows, with nothing over it."""
    view, box = box_of(page.locator(".zoom-view")), box_of(picture)
    for start, size in (("x", "width"), ("y", "height")):
        assert box[start] >= view[start] - 0.5  # type: ignore[literal-required]
        assert box[start] + box[size] <= view[start] + view[size] + 0.5  # type: ignore[literal-required]
    assert box["width"] >= view["width"] - 1 or box["height"] >= view["height"] - 1
    window = page.viewport_size
    assert window is not None
    assert view["x"] >= 0 and view["y"] >= 0
    assert view["x"] + view["width"] <= window["width"] and view["y"] + view["height"] <= window["height"]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_whole_photo_is_seen_first_whatever_the_screen(article: Page, width: int, height: int) -> None:
    for number in (1, 2, 3):
        picture = enlarge(article, width, height, number)

        expect(picture).to_have_js_property("complete", value=True)
        assert_whole(article, picture)
        assert sticks_out(article) == 0
        article.keyboard.press("Escape")


def test_it_stays_whole_as_the_phone_is_turned(article: Page) -> None:
    picture = enlarge(article, *PHONE)

    article.set_viewport_size({"width": TURNED[0], "height": TURNED[1]})
    wait_until_drawn(article)

    assert_whole(article, picture)


@pytest.mark.parametrize("size", [PHONE, TURNED, DESKTOP])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.25, 0.7), (0.02, 0.02), (0.98, 0.97)])
def test_what_is_tapped_twice_comes_closer_and_stays_under_the_finger(
    article: Page, size: tuple[int, int], place: tuple[float, float]
) -> None:
    picture = enlarge(article, *size)
    before = box_of(picture)
    x, y = point_at(before, *place)

    article.mouse.dblclick(x, y)
    wait_until_drawn(article)

    after = box_of(picture)
    assert after["width"] > 2 * before["width"]
    assert point_at(after, *place) == pytest.approx((x, y), abs=1)
    article.mouse.dblclick(x, y)
    wait_until_drawn(article)
    assert_whole(article, picture)


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_it_is_panned_until_its_edges(article: Page, size: tuple[int, int]) -> None:
    picture, view = enlarge(article, *size), box_of(article.locator(".zoom-view"))
    article.mouse.dblclick(*point_at(view, 0.5, 0.5))
    wait_until_drawn(article)
    middle = point_at(view, 0.5, 0.5)

    for x, y in ((5000, 5000), (-5000, -5000)):
        article.mouse.move(*middle)
        article.mouse.down()
        article.mouse.move(middle[0] + x, middle[1] + y, steps=4)
        article.mouse.up()
        wait_until_drawn(article)

        box = box_of(picture)
        for start, length in (("x", "width"), ("y", "height")):
            seen, room = box[start], view[start]  # type: ignore[literal-required]
            size_of, room_of = box[length], view[length]  # type: ignore[literal-required]
            if size_of <= room_of:
                assert seen == pytest.approx(room + (room_of - size_of) / 2, abs=1)
            elif x > 0:
                assert seen == pytest.approx(room, abs=1)
            else:
                assert seen + size_of == pytest.approx(room + room_of, abs=1)


def test_a_whole_photo_is_not_moved(article: Page) -> None:
    picture = enlarge(article, *DESKTOP)
    before, middle = box_of(picture), point_at(box_of(picture), 0.5, 0.5)

    article.mouse.move(*middle)
    article.mouse.down()
    article.mouse.move(middle[0] + 20, middle[1] + 90)
    article.mouse.up()

    assert box_of(picture) == before


def test_the_wheel_zooms_at_the_pointer_and_back_to_the_whole(article: Page) -> None:
    picture = enlarge(article, *DESKTOP)
    before = box_of(picture)
    place = point_at(before, 0.3, 0.8)
    article.mouse.move(*place)

    article.mouse.wheel(0, -300)
    expect(article.get_by_role("button", name="Fit")).to_be_enabled()
    wait_until_drawn(article)
    after = box_of(picture)
    assert after["width"] > 1.3 * before["width"]
    assert point_at(after, 0.3, 0.8) == pytest.approx(place, abs=1)
    article.mouse.wheel(0, 5000)
    expect(article.get_by_role("button", name="Fit")).to_be_disabled()

    assert_whole(article, picture)


@pytest.fixture
def touched(browser: Browser, live_server: LiveServer, dress: Article) -> Any:
    """The viewer on a phone that is touched, and what sends touches to it."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce", locale="en-GB"
    )
    page = context.new_page()
    page.goto(live_server.url + dress.get_absolute_url())
    picture = enlarge(page, *PHONE)
    session = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]},
        )

    yield page, picture, touch
    context.close()


def test_two_fingers_pinch_it_and_carry_what_is_between_them(touched: Any) -> None:
    page, picture, touch = touched
    before = box_of(picture)
    (x, y), spread = point_at(before, 0.5, 0.5), 40

    touch("touchStart", (x - spread, y), (x + spread, y))
    for step in range(1, 6):
        touch("touchMove", (x - spread - 16 * step, y), (x + spread + 16 * step, y))
    touch("touchEnd")
    wait_until_drawn(page)

    after = box_of(picture)
    assert after["width"] == pytest.approx(3 * before["width"], rel=0.02)
    assert point_at(after, 0.5, 0.5) == pytest.approx((x, y), abs=2)
    assert page.evaluate("visualViewport.scale") == 1


def test_a_finger_taps_twice_pans_and_swipes_to_the_next_photo(touched: Any) -> None:
    page, picture, touch = touched
    before = box_of(picture)
    x, y = point_at(before, 0.3, 0.6)

    for _ in range(2):
        touch("touchStart", (x, y))
        touch("touchEnd")
    wait_until_drawn(page)
    assert point_at(box_of(picture), 0.3, 0.6) == pytest.approx((x, y), abs=1)
    zoomed = box_of(picture)
    touch("touchStart", (200, 400))
    touch("touchMove", (220, 380))
    touch("touchEnd")
    wait_until_drawn(page)
    assert (box_of(picture)["x"], box_of(picture)["y"]) == pytest.approx((zoomed["x"] + 20, zoomed["y"] - 20), abs=1)

    # The browser takes a tap right after for the end of the gesture.
    page.wait_for_timeout(600)
    fit = page.get_by_role("button", name="Fit")
    fit.click()
    expect(fit).to_be_disabled()
    touch("touchStart", (300, 400))
    touch("touchMove", (250, 402))
    touch("touchMove", (120, 405))
    touch("touchEnd")

    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Photo 2 of 3")
    assert_whole(page, picture_of(page))


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_keyboard_zooms_pans_and_puts_it_away(article: Page, size: tuple[int, int]) -> None:
    picture = enlarge(article, *size)
    expect_focus(article.locator(".zoom-view"))
    whole = box_of(picture)

    article.keyboard.press("+")
    article.keyboard.press("+")
    wait_until_drawn(article)
    closer = box_of(picture)
    assert closer["width"] == pytest.approx(2.25 * whole["width"], rel=0.01)
    article.keyboard.press("ArrowDown")
    article.keyboard.press("ArrowRight")
    assert box_of(picture)["y"] < closer["y"] and box_of(picture)["x"] < closer["x"]
    article.keyboard.press("-")
    assert box_of(picture)["width"] < closer["width"]
    article.keyboard.press("0")
    assert_whole(article, picture)
    article.keyboard.press("Escape")

    expect(article.get_by_role("dialog")).to_be_hidden()
    expect_focus(article.get_by_role("link", name="Zoom in on photo 1 of 3"))


def test_a_button_keeps_the_focus_where_it_can_do_no_more(article: Page) -> None:
    picture = enlarge(article, *DESKTOP)
    nearer, fit = article.get_by_role("button", name="Zoom in"), article.get_by_role("button", name="Fit")
    nearer.focus()

    for _ in range(5):
        article.keyboard.press("Enter")
    expect(nearer).to_be_disabled()
    width = box_of(picture)["width"]
    article.keyboard.press("Enter")

    expect_focus(nearer)
    assert box_of(picture)["width"] == width
    fit.focus()
    article.keyboard.press("Enter")
    expect(fit).to_be_disabled()
    expect_focus(fit)
    assert_whole(article, picture)


def test_one_steps_through_the_photos_and_comes_back_to_the_one_seen_last(article: Page) -> None:
    enlarge(article, *PHONE)
    dialog = article.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Previous photo")).to_be_disabled()

    dialog.get_by_role("button", name="Next photo").click()
    expect(dialog.get_by_role("status")).to_have_text("Photo 2 of 3")
    assert_whole(article, picture_of(article))
    article.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("status")).to_have_text("Photo 3 of 3")
    expect(dialog.get_by_role("button", name="Next photo")).to_be_disabled()
    dialog.get_by_role("button", name="Close").click()

    expect_focus(article.get_by_role("link", name="Zoom in on photo 3 of 3"))
    expect(article.locator(".gallery-views li").nth(2)).to_be_in_viewport(ratio=0.5)
    expect(article.locator(".gallery-thumbs [aria-current]")).to_have_accessible_name("Photo 3 of 3")


def test_what_is_seen_is_the_largest_picture(article: Page, dress: Article) -> None:
    picture = enlarge(article, *DESKTOP)

    expect(picture).to_have_attribute(
        "src", f"{article.url.partition('/articles')[0]}{dress.photos.all()[0].image_url(1280)}"
    )
    assert picture.evaluate("image => image.naturalWidth") == 900


def test_the_large_picture_that_comes_late_moves_nothing(page: Page, live_server: LiveServer, dress: Article) -> None:
    held = HeldRequests(page, "**/*-1280.webp")
    page.emulate_media(reduced_motion="reduce")
    # A screen on which the page itself shows a smaller one.
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(live_server.url + dress.get_absolute_url())
    wait_for_picture(page.locator(".gallery-views img").first)
    picture = enlarge(page, *PHONE)
    x, y = point_at(box_of(picture), 0.1, 0.2)
    page.mouse.dblclick(x, y)
    wait_until_drawn(page)
    before = box_of(picture)
    assert "-1280" not in (picture.get_attribute("src") or "")

    held.let_go()

    expect(picture).to_have_attribute("src", re.compile("-1280.webp$"))
    wait_for_picture(picture)
    wait_until_drawn(page)
    after = box_of(picture)
    assert (after["x"], after["y"], after["width"]) == pytest.approx(
        (before["x"], before["y"], before["width"]), abs=0.01
    )


def test_without_a_script_a_photo_is_a_link_to_the_largest_picture(
    browser: Browser, live_server: LiveServer, dress: Article
) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(live_server.url + dress.get_absolute_url())

        page.get_by_role("link", name="Zoom in on photo 1 of 3").click()

        expect(page).to_have_url(live_server.url + dress.photos.all()[0].image_url(1280))
