"""A photo of several garments: dots on it, links beside it, and a search for each, in both languages."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.search_page import choose
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory
from visualsearch.services import versions
from visualsearch.services.examples import EXAMPLES_FOLDER
from visualsearch.services.indexing import embedding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints", "stocked")]

EXAMPLES = Path(settings.BASE_DIR) / "static" / EXAMPLES_FOLDER


@pytest.fixture
def outfit() -> FilePayload:
    """A photo with a dress on its left and shoes on its right."""
    parts = [Image.open(EXAMPLES / f"{name}.webp").convert("RGB") for name in ("dress", "shoes")]
    picture = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    for place, part in enumerate(parts):
        picture.paste(part, (place * parts[0].width, 0))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return {"name": "outfit.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@pytest.fixture
def stocked(live_server: LiveServer) -> None:
    """A shop with the dress, and with the shoes."""
    versions.serving_version()
    for label, name in (("dress", "Dresses"), ("shoes", "Shoes")):
        category = CategoryFactory.create(slug=label, name=name)
        article = ArticleFactory.create(name=f"The {label}", category=category, stock=3)
        picture = ContentFile((EXAMPLES / f"{label}.webp").read_bytes(), name=f"{label}.webp")
        PhotoFactory.create(article=article, file=picture)
    embedding.embed_photos(embedding.waiting_ids(limit=10))


NAMES = "#matches > li h3"


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=lambda size: f"{size[0]} × {size[1]}")
def test_each_garment_of_a_photo_is_one_press_away(
    page: Page, live_server: LiveServer, outfit: FilePayload, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{live_server.url}/search/")
    choose(page, outfit)
    links, dots = page.locator(".garments a"), page.locator(".query-frame .dot")
    expect(links).to_have_text(["Dresses", "Shoes"])
    expect(page.locator(NAMES).first).to_have_text("The dress")
    expect(dots).to_have_count(2)
    boxes = [dots.nth(place).bounding_box() for place in range(2)]
    photo = page.locator(".query-photo").bounding_box()
    assert photo is not None
    halves = [(box["x"] + box["width"] / 2 - photo["x"]) / photo["width"] for box in boxes if box is not None]
    # One on the dress, one on the shoes.
    assert 0.1 < halves[0] < 0.4
    assert 0.6 < halves[1] < 0.9

    links.nth(1).click()

    expect(page.locator(NAMES).first).to_have_text("The shoes")
    expect(page.locator(".guesses p").first).to_contain_text("Shoes")
    expect(page.locator(".garments a[aria-current]")).to_have_text("Shoes")
    expect(links.nth(1)).to_be_focused()
    # The frame is around the shoes now.
    assert float(page.locator(".query-box rect").get_attribute("x") or 0) > 0.45

    dots.first.click()

    expect(page.locator(NAMES).first).to_have_text("The dress")
    assert float(page.locator(".query-box rect").get_attribute("x") or 1) < 0.2
    page.go_back()
    expect(page.locator(NAMES).first).to_have_text("The shoes")
    page.reload()
    expect(page.locator(NAMES).first).to_have_text("The shoes")


def test_filters_and_further_pages_are_of_the_chosen_garment(
    page: Page, live_server: LiveServer, outfit: FilePayload
) -> None:
    page.goto(f"{live_server.url}/fr/search/")
    choose(page, outfit)
    page.locator(".garments a").nth(1).click()
    expect(page.locator(NAMES).first).to_have_text("The shoes")

    page.get_by_label("En stock uniquement").check()

    expect(page.locator(".chips")).to_be_visible()
    expect(page.locator(NAMES).first).to_have_text("The shoes")
    assert "garment=2" in page.url


def test_without_a_script_each_garment_is_a_link(live_server: LiveServer, outfit: FilePayload, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(f"{live_server.url}/search/")
        choose(plain, outfit)
        plain.locator(".drop-go").click()
        expect(plain.locator(NAMES).first).to_have_text("The dress")

        plain.get_by_role("navigation", name="In your photo").get_by_role("link", name="Shoes").click()

        expect(plain.locator(NAMES).first).to_have_text("The shoes")


def test_a_photo_of_one_garment_has_no_such_links(page: Page, live_server: LiveServer, photo: Path) -> None:
    page.goto(f"{live_server.url}/search/")
    choose(page, photo)

    expect(page.locator("#found h2")).not_to_be_empty()
    expect(page.locator(".garments")).to_have_count(0)
