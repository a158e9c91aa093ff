"""The filters of a list, which act as those of the results of a photo: at once, and on a phone in a sheet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import violations
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory
from tests.visualsearch.catalogue import query_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.fixture
def shop(live_server: LiveServer) -> str:
    """The address of a list with two categories, two colours, sizes and brands."""
    tops = CategoryFactory.create(slug="tops", name="Tops")
    red, blue = (ColourFactory.create(slug=slug, name=slug.capitalize()) for slug in ("red", "blue"))
    brand = BrandFactory.create(name="Claire", slug="claire")
    for name, category, colour, price in (
        ("Shirt", CategoryFactory.create(slug="shirt", name="Shirts", parent=tops), red, "30.00"),
        ("Jumper", tops, blue, "60.00"),
        ("Cap", CategoryFactory.create(slug="hat", name="Hats"), red, "15.00"),
    ):
        ArticleFactory.create(
            name=name, category=category, colours=[colour], price=price, brand=brand, sizes=["S", "M"]
        )
    return f"{live_server.url}/articles/"


@pytest.fixture
def phone(page: Page, shop: str) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shop)
    return page


@pytest.fixture
def desktop(page: Page, shop: str) -> Page:
    page.goto(shop)
    return page


def products(page: Page) -> Locator:
    return page.locator(".list-body h3")


def opened(page: Page) -> Locator:
    page.get_by_role("button", name=re.compile("^Filters")).click()
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet).to_be_visible()
    return sheet


def test_on_a_phone_each_change_shows_at_once_how_many_products_there_are(phone: Page) -> None:
    sheet = opened(phone)
    expect(sheet.get_by_role("button", name="Show 3 products")).to_be_visible()
    assert violations(phone) == []

    sheet.get_by_label(re.compile("^Red")).check()

    show = sheet.get_by_role("button", name="Show 2 products")
    expect(show).to_be_visible()
    expect(products(phone)).to_have_text(["Cap", "Shirt"])
    expect(phone).to_have_url(re.compile(r"/articles/\?colour=red$"))
    expect(sheet.get_by_role("status")).to_have_text("Show 2 products")
    expect_focus(sheet.get_by_label(re.compile("^Red")))
    sheet.get_by_role("link", name="Hats").click()
    expect(phone).to_have_url(re.compile(r"/categories/hat/\?colour=red$"))
    expect_focus(sheet.get_by_role("link", name="Hats"))
    sheet.get_by_role("button", name="Show 1 product").click()
    expect(sheet).to_be_hidden()
    opener = phone.get_by_role("button", name=re.compile("^Filters"))
    expect_focus(opener)
    expect(opener).to_have_text(re.compile(r"Filters\s+1"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Hats")
    assert sticks_out(phone) == 0


@pytest.mark.parametrize("way", ["Escape", "backdrop", "button"])
def test_the_sheet_closes_and_the_focus_returns(phone: Page, way: str) -> None:
    sheet = opened(phone)
    if way == "Escape":
        phone.keyboard.press("Escape")
    elif way == "backdrop":
        phone.mouse.click(195, 20)
    else:
        sheet.get_by_role("button", name="Close").click()

    expect(sheet).to_be_hidden()
    expect_focus(phone.get_by_role("button", name=re.compile("^Filters")))


def test_filters_that_leave_nothing_are_reset_in_the_sheet(phone: Page) -> None:
    sheet = opened(phone)
    sheet.get_by_label("Up to").fill("1")
    sheet.get_by_label("Up to").press("Enter")
    expect(sheet.get_by_role("button", name="No matching products")).to_be_visible()

    sheet.get_by_role("link", name="Reset filters").click()

    expect(sheet.get_by_role("button", name="Show 3 products")).to_be_visible()
    expect(products(phone)).to_have_count(3)


def test_beside_a_wide_list_they_act_at_once_and_go_back(desktop: Page) -> None:
    desktop.get_by_label(re.compile("^Blue")).check()
    expect(products(desktop)).to_have_text(["Jumper"])
    expect(desktop.locator(".list-title .count")).to_have_text("1 product")
    expect_focus(desktop.get_by_label(re.compile("^Blue")))
    expect(desktop.locator(".chips .chip")).to_have_text("Blue")

    desktop.get_by_label("Sort by").select_option("price")
    expect(desktop).to_have_url(re.compile(r"\?ordering=price&colour=blue$"))
    desktop.go_back()
    desktop.go_back()

    expect(products(desktop)).to_have_count(3)
    expect(desktop.get_by_label(re.compile("^Blue"))).not_to_be_checked()
    desktop.go_forward()
    expect(products(desktop)).to_have_text(["Jumper"])


def test_chips_are_removed_one_by_one_and_lead_to_the_next(desktop: Page) -> None:
    for colour in ("Blue", "Red"):
        desktop.get_by_label(re.compile(f"^{colour}")).check()
        expect(desktop.get_by_role("link", name=f"Remove filter: {colour}")).to_be_visible()

    desktop.get_by_role("link", name="Remove filter: Blue").press("Enter")
    expect(products(desktop)).to_have_text(["Cap", "Shirt"])
    expect_focus(desktop.get_by_role("link", name="Remove filter: Red"))
    desktop.keyboard.press("Enter")

    expect(products(desktop)).to_have_count(3)
    expect_focus(desktop.get_by_role("heading", level=1))


def test_a_price_that_is_no_number_is_ignored_and_said(desktop: Page) -> None:
    desktop.get_by_label("Up to").fill("cheap")
    desktop.get_by_label("Up to").press("Enter")

    expect(desktop.get_by_role("alert")).to_have_text("Unknown value ignored: Price to")
    expect(products(desktop)).to_have_count(3)


def test_the_other_language_shows_the_same_list(desktop: Page) -> None:
    desktop.get_by_label(re.compile("^Blue")).check()
    expect(products(desktop)).to_have_text(["Jumper"])

    desktop.get_by_role("button", name="Français").click()

    expect(desktop).to_have_url(re.compile(r"/fr/articles/\?colour=blue$"))
    expect(desktop.locator(".list-title .count")).to_have_text("1 article")


def test_a_server_that_fails_is_shown_as_the_browser_shows_it(desktop: Page) -> None:
    desktop.route(
        "**/articles/?colour=blue",
        lambda route: route.fulfill(
            status=503,
            body="<style>@view-transition { navigation: auto; }</style><h1>Back soon</h1>",
            content_type="text/html",
        ),
    )

    desktop.get_by_label(re.compile("^Blue")).check()

    expect(desktop.get_by_role("heading", name="Back soon")).to_be_visible()


CONTROLS = """form => [...form.querySelectorAll("label, legend, h2, nav a, button")]
  .filter((part) => getComputedStyle(part).display !== "none" && !part.closest("[hidden]"))
  .map((part) => part.textContent.replace(/\\s+/g, " ").trim())"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("prefix", ["", "/fr"])
def test_a_list_and_the_results_of_a_photo_have_the_same_controls_in_the_same_order(
    page: Page, live_server: LiveServer, trousers: object, width: int, prefix: str
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    seen = []
    for path in ("/articles/?colour=blue", f"/search/?token={query_for('#283cbe').token}&colour=blue"):
        page.goto(live_server.url + prefix + path)
        expect(page.locator(".card").first).to_be_visible()
        if width == 390:
            page.locator("[data-sheet-open]").click()
        form = page.locator("[data-filters]")
        expect(form).to_be_visible()
        words = [page.locator(part).inner_text() for part in (".list-title .count", ".chips")]
        seen.append([*words, page.locator("[data-sheet-total]").text_content(), *form.evaluate(CONTROLS)])

    # A search by photo alone can weigh shape and colour.
    by_photo = [text for text in seen[1] if text not in {"Match by", "Privilégier"}]
    assert seen[0] == by_photo


def test_without_a_script_the_form_has_a_button_and_links_are_links(browser: Browser, shop: str) -> None:
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="en-GB"
    ) as context:
        page = context.new_page()
        page.goto(shop)
        page.locator(".filters > summary").click()
        page.get_by_label(re.compile("^Red")).check()
        page.get_by_role("button", name="Apply").click()
        expect(products(page)).to_have_text(["Cap", "Shirt"])

        page.locator(".filters > summary").click()
        page.get_by_role("link", name="Hats").click()

        expect(products(page)).to_have_text(["Cap"])
        expect(page).to_have_url(re.compile(r"/categories/hat/\?colour=red&ordering=newest$"))
