"""What was looked at, and searching with a part of the photo."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import wait_for_picture
from tests.browser.photos import BLUE_TROUSERS, GREEN_SHIRT
from tests.browser.search_page import FIRST, choose

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


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def framed(request: pytest.FixtureRequest, at_search: Page, both: Path) -> Page:
    """The results of a photo of two garments, with the frame around what the model looked at."""
    width, height = request.param
    at_search.set_viewport_size({"width": width, "height": height})
    choose(at_search, both)
    wait_for_picture(at_search.locator(".query-photo"))
    expect(at_search.locator(".frame")).to_be_visible()
    return at_search


def frame_of(page: Page) -> list[float]:
    wait_for_picture(page.locator(".query-photo"))
    return list(map(float, page.locator(".frame").evaluate(FRAME)))


def drag(page: Page, handle: Locator, to: Sequence[float]) -> None:
    """Drag a handle to a place of the photo, in fractions of it."""
    photo, box = page.locator(".query-photo").bounding_box(), handle.bounding_box()
    assert photo is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(photo["x"] + photo["width"] * to[0], photo["y"] + photo["height"] * to[1], steps=4)
    page.mouse.up()


def test_the_frame_begins_where_the_model_looked_and_another_part_finds_another_article(framed: Page) -> None:
    box = framed.locator(".query-box rect").evaluate(
        "rect => ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)))"
    )
    assert frame_of(framed) == pytest.approx(box, abs=0.02)

    expect(framed.locator(FIRST)).to_have_text("Green T-shirt")

    drag(framed, framed.get_by_label("Top left corner of the frame"), (0, 0))
    drag(framed, framed.get_by_label("Bottom right corner of the frame"), (0.48, 1))

    expect(framed.locator(FIRST)).to_have_text("Blue trousers")
    assert frame_of(framed) == pytest.approx([0, 0, 0.48, 1], abs=0.03)
    address = framed.url
    framed.get_by_role("button", name="The whole photo").click()
    expect(framed.locator(FIRST)).to_have_text("Green T-shirt")
    framed.go_back()
    expect(framed).to_have_url(address)
    expect(framed.locator(FIRST)).to_have_text("Blue trousers")
    assert frame_of(framed) == pytest.approx([0, 0, 0.48, 1], abs=0.03)


def test_the_frame_is_moved_by_keys_and_keeps_the_focus(framed: Page) -> None:
    before, address = frame_of(framed), framed.url
    corner = framed.get_by_label("Top left corner of the frame")
    corner.focus()

    for _ in range(20):
        framed.keyboard.press("Shift+ArrowLeft")
        framed.keyboard.press("ArrowUp")

    expect(framed).not_to_have_url(address)
    left, top, width, _ = frame_of(framed)
    assert left == pytest.approx(0, abs=0.01)
    assert top <= before[1]
    assert width == pytest.approx(before[0] + before[2], abs=0.02)
    expect(corner).to_be_focused()


def test_what_was_looked_at_shows_on_request(framed: Page) -> None:
    look = framed.get_by_role("button", name="What was looked at")
    expect(framed.locator(".veil")).to_have_count(0)

    look.click()

    expect(look).to_have_attribute("aria-pressed", "true")
    veil = framed.locator(".veil")
    assert veil.evaluate("canvas => canvas.width") > 3
    seen = veil.evaluate("canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data]")
    assert len(set(seen[3::4])) > 1
    look.click()
    expect(framed.locator(".veil")).to_have_count(0)


def test_what_the_resizing_saved_is_said(at_search: Page, tmp_path: Path) -> None:
    large = Image.effect_noise((2400, 1800), 60).convert("RGB")
    large.save(tmp_path / "large.jpg", quality=95)

    choose(at_search, tmp_path / "large.jpg")

    expect(at_search.locator("[data-sent]")).to_have_text(re.compile(r"^[\d.,]+ kB instead of [\d.]+ MB\.$"))


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
    assert list(dict.fromkeys(told)) == ["Sending the photo", "Looking at the photo", "Nearest to your photo"]


def test_a_guess_narrows_to_its_category_and_back(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator("#matches > li")).to_have_count(3)
    guess = at_search.locator("[data-guesses]").get_by_role("link", name="Pants")

    guess.click()

    expect(at_search.locator("#matches h3")).to_have_text(["Blue trousers"])
    expect(at_search).to_have_url(re.compile("category=pants"))
    expect(guess).to_have_attribute("aria-current", "true")
    expect(guess).to_be_focused()
    expect(at_search.locator(".frame")).to_be_visible()
    guess.click()
    expect(at_search.locator("#matches > li")).to_have_count(3)


def test_what_counts_and_the_order_are_chosen_beside_the_results(at_search: Page, photo: Path) -> None:
    choose(at_search, photo)
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    at_search.get_by_label("Order", exact=True).select_option("price")
    expect(at_search.locator("#matches h3")).to_have_text(["Green T-shirt", "Blue trousers", "Red dress"])
    expect(at_search).to_have_url(re.compile("ordering=price"))
    at_search.get_by_label("What counts").focus()
    for _ in range(3):
        at_search.keyboard.press("ArrowRight")
    expect(at_search).to_have_url(re.compile(r"emphasis=0\.6"))
    expect(at_search.get_by_label("What counts")).to_be_focused()
    at_search.reload()

    expect(at_search.get_by_label("What counts")).to_have_value("0.6")
    expect(at_search.get_by_label("Order", exact=True)).to_have_value("price")
