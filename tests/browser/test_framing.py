"""Searching with a part of the photo, or with the photo turned."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import wait_for_picture
from tests.browser.photos import BLUE_TROUSERS, GREEN_SHIRT
from tests.browser.search_page import FIRST, KEEP_WHAT_IS_SENT, WHAT_WAS_SENT, choose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

FRAME = """element => {
  const [frame, photo] = [element, element.parentElement].map((each) => each.getBoundingClientRect());
  return [(frame.left - photo.left) / photo.width, (frame.top - photo.top) / photo.height,
    frame.width / photo.width, frame.height / photo.height];
}"""


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """A photo of two garments: trousers on the left, a T-shirt on the right."""
    sheet = Image.new("RGB", (1200, 800))
    for place, file in enumerate((BLUE_TROUSERS, GREEN_SHIRT)):
        sheet.paste(Image.open(io.BytesIO(file)), (600 * place, 0))
    path = tmp_path / "both.png"
    sheet.save(path)
    return path


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def results(at_search: Page, both: Path, width: int) -> Page:
    """The results of a photo of two garments."""
    at_search.set_viewport_size({"width": width, "height": 844})
    choose(at_search, both)
    wait_for_picture(at_search.locator(".query-photo"))
    expect(at_search.get_by_role("button", name="Crop", exact=True)).to_be_visible()
    return at_search


def box_of(page: Page) -> list[float]:
    """Return what was searched with, as the page draws it."""
    box = "rect => ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)))"
    return list(map(float, page.locator(".query-box rect").evaluate(box)))


def inside(box: list[float], frame: list[float]) -> bool:
    """Whether the first garment's box, if there are several, or the frame, is within the frame."""
    ends = [[side[place] + side[place + 2] for place in (0, 1)] for side in (box, frame)]
    starts = all(one >= other - 0.03 for one, other in zip(box[:2], frame[:2], strict=True))
    return starts and all(one <= other + 0.03 for one, other in zip(*ends, strict=True))


def frame_of(page: Page) -> list[float]:
    return list(map(float, page.locator(".frame").evaluate(FRAME)))


def drag(page: Page, handle: Locator, to: Sequence[float]) -> None:
    """Drag a handle to a place of the photo, in fractions of it."""
    photo, box = page.locator(".editor-photo").bounding_box(), handle.bounding_box()
    assert photo is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(photo["x"] + photo["width"] * to[0], photo["y"] + photo["height"] * to[1], steps=4)
    page.mouse.up()


def edited(page: Page) -> Page:
    """Open the photo, large, with its frame."""
    page.get_by_role("button", name="Crop", exact=True).click()
    expect(page.get_by_role("dialog", name="Select what you are looking for")).to_be_visible()
    expect(page.locator(".frame")).to_be_visible()
    return page


def search_again(page: Page) -> None:
    page.locator("[data-editor=search]").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_frame_begins_where_the_model_looked_and_another_part_finds_another_article(results: Page) -> None:
    box = box_of(results)
    expect(results.locator(FIRST)).to_have_text("Blue trousers")
    # The trousers are on the left.
    assert box[0] + box[2] < 0.55
    assert frame_of(edited(results)) == pytest.approx(box, abs=0.02)

    drag(results, results.get_by_label("Bottom right corner of the selection"), (1, 1))
    drag(results, results.get_by_label("Top left corner of the selection"), (0.52, 0))
    search_again(results)

    expect(results.locator(FIRST)).to_have_text("Green T-shirt")
    assert inside(box_of(results), [0.52, 0, 0.48, 1])
    address = results.url
    results.get_by_role("button", name="Whole photo").click()
    expect(results.locator(FIRST)).to_have_text("Blue trousers")
    results.go_back()
    expect(results).to_have_url(address)
    expect(results.locator(FIRST)).to_have_text("Green T-shirt")
    assert inside(box_of(results), [0.52, 0, 0.48, 1])


def test_what_is_sent_is_exactly_what_is_framed(results: Page, both: Path) -> None:
    """The photo's left half is white around blue trousers, its right half around a green T-shirt."""
    results.evaluate(KEEP_WHAT_IS_SENT)
    edited(results)
    results.get_by_role("button", name="Rotate", exact=True).last.click()
    canvas = results.locator(".editor-photo > canvas").first
    assert canvas.evaluate("canvas => canvas.width < canvas.height")

    drag(results, results.get_by_label("Bottom right corner of the selection"), (1, 1))
    drag(results, results.get_by_label("Top left corner of the selection"), (0.25, 0.5))
    left, top, width, height = frame_of(results)
    search_again(results)

    expect(results.locator("#results")).not_to_have_attribute("aria-busy", "true")
    results.wait_for_function("window.sent")
    sent = Image.open(io.BytesIO(base64.b64decode(results.evaluate(WHAT_WAS_SENT))))
    # Turned, the photo has 800 × 1,200 pixels.
    assert sent.size == pytest.approx((width * 800, height * 1200), abs=3)
    assert (left, top) == pytest.approx((0.25, 0.5), abs=0.01)
    expected = Image.open(both).rotate(-90, expand=True)
    part = expected.crop((round(left * 800), round(top * 1200), 800, 1200)).resize(sent.size)
    apart = ImageChops.difference(part, sent.convert("RGB")).convert("L")
    assert ImageStat.Stat(apart).mean[0] < 4


def test_a_photo_that_lies_on_its_side_is_turned_at_once(at_search: Page, tmp_path: Path, width: int) -> None:
    at_search.set_viewport_size({"width": width, "height": 844})
    Image.open(io.BytesIO(BLUE_TROUSERS)).rotate(90, expand=True).save(tmp_path / "lying.png")
    choose(at_search, tmp_path / "lying.png")
    picture = at_search.locator(".query-photo")
    wait_for_picture(picture)
    assert picture.evaluate("picture => picture.naturalWidth > picture.naturalHeight")
    address = at_search.url

    at_search.get_by_role("button", name="Rotate", exact=True).click()

    expect(at_search).not_to_have_url(address)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")
    expect(at_search.locator(".badge").first).to_have_text(re.compile(r"^(9\d|100)% match$"))
    wait_for_picture(picture)
    assert picture.evaluate("picture => picture.naturalWidth < picture.naturalHeight")
    expect(at_search.get_by_role("button", name="Rotate", exact=True)).to_be_focused()
    at_search.go_back()
    expect(at_search).to_have_url(address)
    expect(picture).to_have_js_property("naturalWidth", 480)


def test_the_frame_is_moved_by_keys_and_searched_with_by_keys(results: Page) -> None:
    before, address = frame_of(edited(results)), results.url
    corner = results.get_by_label("Top left corner of the selection")
    corner.focus()

    for _ in range(20):
        results.keyboard.press("Shift+ArrowLeft")
        results.keyboard.press("ArrowUp")

    left, top, width, _ = frame_of(results)
    assert left == pytest.approx(0, abs=0.01)
    assert top <= before[1]
    assert width == pytest.approx(before[0] + before[2], abs=0.02)
    expect(corner).to_be_focused()
    results.locator("[data-editor=search]").press("Enter")
    expect(results).not_to_have_url(address)
    expect(results.get_by_role("button", name="Crop", exact=True)).to_be_focused()


def test_closing_the_frame_changes_nothing(results: Page) -> None:
    address = results.url
    edited(results)
    drag(results, results.get_by_label("Top left corner of the selection"), (0, 0))

    results.keyboard.press("Escape")

    expect(results.get_by_role("dialog")).to_be_hidden()
    expect(results.get_by_role("button", name="Crop", exact=True)).to_be_focused()
    expect(results).to_have_url(address)
    expect(results.get_by_role("button", name="Whole photo")).to_be_hidden()


def test_after_a_reload_the_photo_is_seen_but_not_to_be_changed(results: Page) -> None:
    results.reload()

    expect(results.locator(".query-photo")).to_be_visible()
    expect(results.get_by_role("button", name="Rotate", exact=True)).to_be_hidden()
    expect(results.get_by_role("button", name="Crop", exact=True)).to_be_hidden()
    expect(results.get_by_role("link", name="New photo")).to_be_visible()


def test_what_the_model_focused_on_shows_on_request(results: Page) -> None:
    focus = edited(results).get_by_role("button", name="Show what we focused on")
    expect(results.locator(".veil")).to_have_count(0)

    focus.click()

    expect(focus).to_have_attribute("aria-pressed", "true")
    veil = results.locator(".veil")
    assert veil.evaluate("canvas => canvas.width") > 3
    seen = veil.evaluate("canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data]")
    assert len(set(seen[3::4])) > 1
    focus.click()
    expect(results.locator(".veil")).to_have_count(0)
    # Of the photo turned, it is not known.
    results.get_by_role("button", name="Rotate", exact=True).last.click()
    expect(focus).to_be_hidden()
