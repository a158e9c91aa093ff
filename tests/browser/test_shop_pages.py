"""The shop's own pages in a real browser: photos, filters, languages, narrow screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import expect_focus
from tests.browser.layout import wait_for_pictures
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dress(live_server: LiveServer) -> Article:
    """A dress with three photos, in a shop with other articles."""
    category = CategoryFactory.create(slug="dress", name="Dresses and overlong skirts", name_fr="Robes")
    red = ColourFactory.create(slug="red", name="Red", hex="#a02020")
    dress = ArticleFactory.create(
        name="Linen dress", name_fr="Robe en lin", category=category, colours=[red], brand=BrandFactory.create()
    )
    for position, colour in enumerate(("#a02020", "#20a020", "#2020a0")):
        PhotoFactory.create(article=dress, colour=colour, position=position, size=(300, 400))
    ArticleFactory.create_batch(3, name="Skirt", category=category)
    return dress


def test_photos_are_paged_by_thumbnails_and_by_arrow_keys(
    page: Page, live_server: LiveServer, dress: Article, complaints: list[str]
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + dress.get_absolute_url())
    photos, thumbnails = page.locator(".gallery-views li"), page.locator(".gallery-thumbs a")
    marked = page.locator(".gallery-thumbs [aria-current]")
    expect(marked).to_have_accessible_name("Photo 1 of 3")

    thumbnails.nth(2).click()
    expect(marked).to_have_accessible_name("Photo 3 of 3")
    expect(photos.nth(2)).to_be_in_viewport(ratio=0.7)

    page.keyboard.press("ArrowLeft")
    expect(marked).to_have_accessible_name("Photo 2 of 3")
    expect(marked).to_be_focused()

    page.locator(".gallery-views a").nth(1).focus()
    page.keyboard.press("ArrowLeft")
    expect(marked).to_have_accessible_name("Photo 1 of 3")
    page.keyboard.press("ArrowLeft")
    expect(marked).to_have_accessible_name("Photo 1 of 3")


def test_arrow_keys_that_come_faster_than_photos_scroll_lead_as_far(
    page: Page, live_server: LiveServer, dress: Article, complaints: list[str]
) -> None:
    page.goto(live_server.url + dress.get_absolute_url())
    page.get_by_role("link", name="Zoom in on photo 1 of 3").focus()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")

    third = page.get_by_role("link", name="Zoom in on photo 3 of 3")
    expect(third).to_be_in_viewport(ratio=0.7)
    expect_focus(third)
    expect(page.locator(".gallery-thumbs [aria-current]")).to_have_accessible_name("Photo 3 of 3")


def test_without_javascript_photos_and_filters_work(browser: Browser, live_server: LiveServer, dress: Article) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(live_server.url + dress.get_absolute_url())
        page.locator(".gallery-thumbs a").nth(1).click()
        expect(page.locator(".gallery-views li").nth(1)).to_be_in_viewport(ratio=0.5)

        page.goto(live_server.url + "/articles/")
        page.locator("summary").click()
        page.get_by_label("Red").check()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("heading", level=3)).to_have_text(["Linen dress"])

        page.get_by_role("link", name="Remove filter: Red").click()
        expect(page.get_by_role("heading", level=3)).to_have_count(4)


def test_filters_stand_open_beside_a_wide_list(
    page: Page, live_server: LiveServer, dress: Article, complaints: list[str]
) -> None:
    page.goto(live_server.url + "/articles/")

    expect(page.get_by_label("Red")).to_be_visible()
    expect(page.locator("summary")).to_be_hidden()


def test_the_language_is_changed_on_the_spot_and_kept(
    browser: Browser, live_server: LiveServer, dress: Article
) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(live_server.url + "/")
        expect(page.get_by_role("heading", level=2, name="Nouveautés")).to_be_visible()

        page.goto(f"{live_server.url}/fr{dress.get_absolute_url()}?seen=1")
        expect(page.get_by_role("heading", level=1)).to_have_text("Robe en lin")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Linen dress")
        expect(page).to_have_url(f"{live_server.url}{dress.get_absolute_url()}?seen=1")

        page.get_by_role("banner").get_by_role("link", name="Vitrine").click()
        expect(page.get_by_role("heading", level=2, name="Just in")).to_be_visible()
        expect(page).to_have_url(f"{live_server.url}/")


def test_the_first_key_leads_to_the_content(page: Page, live_server: LiveServer, complaints: list[str]) -> None:
    page.goto(live_server.url + "/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_sticks_out_and_every_picture_comes(
    page: Page, live_server: LiveServer, dress: Article, complaints: list[str], width: int
) -> None:
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/fr/articles/?q=lin&price_min=1", "/categories/dress/", dress.get_absolute_url()):
        page.goto(live_server.url + path)
        expect(page.locator("h1")).to_be_visible()
        wait_for_pictures(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
    assert [url for url in failed if not re.search(r"/favicon", url)] == []


def test_what_is_typed_is_suggested(page: Page, live_server: LiveServer, dress: Article, complaints: list[str]) -> None:
    page.goto(live_server.url)
    field = page.get_by_role("combobox", name="Search products")

    field.press_sequentially("lin")

    option = page.locator("#suggestions option")
    expect(option).to_have_count(1)
    expect(option).to_have_attribute("value", "Linen dress")


def test_an_articles_photo_is_searched_with(page: Page, live_server: LiveServer, trousers: Article) -> None:
    page.goto(live_server.url + trousers.get_absolute_url())

    page.get_by_role("button", name="Find similar products by photo").click()

    expect(page.locator("#matches > li:first-child h3")).to_have_text("Blue trousers")
