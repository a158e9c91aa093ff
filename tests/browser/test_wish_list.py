"""The wish list and what was viewed, which the browser keeps and nobody else."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.axe import violations
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import FIRST
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True)]

BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"


@pytest.fixture(params=[390, 1280])
def shopper(request: pytest.FixtureRequest, page: Page, complaints: list[str]) -> Page:
    """A browser of a phone's and of a desktop's size."""
    page.set_viewport_size({"width": request.param, "height": 844})
    return page


@pytest.fixture
def articles(live_server: LiveServer) -> list[Article]:
    """Three articles with photos."""
    return [PhotoFactory.create(article=ArticleFactory.create(name=name)).article for name in ("Coat", "Dress", "Hat")]


def heart(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=f"Save to wish list: {name}")


def names(page: Page) -> Locator:
    return page.locator("[data-wish-cards] h3")


def keep(page: Page, wishes: list[int]) -> None:
    page.evaluate("ids => localStorage.setItem('vitrine.wishes', JSON.stringify(ids))", wishes)


def test_hearts_put_products_on_the_list_and_another_page_shows_them(
    shopper: Page, live_server: LiveServer, articles: list[Article]
) -> None:
    shopper.goto(f"{live_server.url}/articles/")
    expect(heart(shopper, "Coat")).to_have_attribute("aria-pressed", "false")
    heart(shopper, "Coat").click()
    heart(shopper, "Hat").press("Enter")
    expect(heart(shopper, "Hat")).to_have_attribute("aria-pressed", "true")
    link = shopper.get_by_role("banner").get_by_role("link", name="Wish list")
    expect(link).to_have_accessible_name("Wish list 2")
    shopper.goto(live_server.url + articles[1].get_absolute_url())
    shopper.get_by_role("button", name="Save to wish list", exact=True).click()
    expect(shopper.get_by_role("button", name="Saved to wish list", exact=True)).to_be_visible()

    link.click()

    expect(names(shopper)).to_have_text(["Dress", "Hat", "Coat"])
    assert sticks_out(shopper) == 0
    assert violations(shopper) == []


def test_nothing_but_ids_of_products_is_sent(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(f"{live_server.url}/articles/")
    sent: list[tuple[str, str, str | None]] = []

    def note(request: Request) -> None:
        if "/static/" not in request.url:
            sent.append((request.method, request.url, request.post_data))

    page.on("request", note)
    heart(page, "Coat").click()
    heart(page, "Hat").click()
    assert sent == []

    page.goto(f"{live_server.url}/wish-list/")
    expect(names(page)).to_have_count(2)

    (asked,) = [url for _, url, _ in sent if "/articles/cards" in url]
    assert parse_qs(urlsplit(asked).query) == {"ids": [f"{articles[2].pk},{articles[0].pk}"]}
    assert all(method == "GET" and body is None for method, _, body in sent)
    assert [cookie["name"] for cookie in page.context.cookies() if "wish" in cookie["name"]] == []


def test_what_is_taken_off_can_be_put_back_where_it_was(
    shopper: Page, live_server: LiveServer, articles: list[Article]
) -> None:
    shopper.goto(live_server.url)
    keep(shopper, [one.pk for one in articles])
    shopper.goto(f"{live_server.url}/wish-list/")

    heart(shopper, "Dress").click()

    expect(names(shopper)).to_have_text(["Coat", "Hat"])
    expect(shopper.get_by_text("Removed: Dress")).to_be_visible()
    undo = shopper.get_by_role("button", name="Undo")
    expect_focus(undo)
    undo.press("Enter")
    expect(names(shopper)).to_have_text(["Coat", "Dress", "Hat"])
    expect_focus(heart(shopper, "Dress"))
    heart(shopper, "Hat").click()
    shopper.reload()
    expect(names(shopper)).to_have_text(["Coat", "Dress"])


def test_the_list_is_cleared_at_once_and_restored(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(live_server.url)
    keep(page, [one.pk for one in articles])
    page.goto(f"{live_server.url}/wish-list/")

    page.get_by_role("button", name="Clear wish list").click()

    expect(page.get_by_text("Your wish list has been cleared.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('vitrine.wishes')") is None
    expect_focus(page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["Coat", "Dress", "Hat"])
    expect_focus(page.get_by_role("button", name="Clear wish list"))


@pytest.mark.parametrize(
    ("prefix", "said"), [("", "2 products are no longer sold."), ("/fr", "2 articles ne sont plus en vente.")]
)
def test_what_is_no_longer_sold_is_said_and_removed(
    page: Page, live_server: LiveServer, articles: list[Article], prefix: str, said: str
) -> None:
    page.goto(live_server.url)
    keep(page, [articles[0].pk, 999_999, articles[1].pk])
    articles[1].delete()

    page.goto(f"{live_server.url}{prefix}/wish-list/")

    expect(page.locator("[data-wish-gone]")).to_contain_text(said)
    expect(names(page)).to_have_count(1)
    page.locator("[data-wish-drop]").click()
    expect(page.locator("[data-wish-gone]")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('vitrine.wishes')") == json.dumps([articles[0].pk])
    expect_focus(page.get_by_role("heading", level=1))


def test_an_empty_list_says_how_it_is_filled(shopper: Page, live_server: LiveServer) -> None:
    shopper.goto(f"{live_server.url}/wish-list/")

    expect(shopper.get_by_role("heading", name="Your wish list is empty")).to_be_visible()
    expect(shopper.get_by_role("link", name="See all products")).to_be_visible()
    assert violations(shopper) == []


@pytest.mark.parametrize("kept", ["nonsense", "{}", '[1.5, -1, null, "x", [2]]', "[[[]]]", "9"])
def test_what_is_damaged_counts_as_nothing(
    page: Page, live_server: LiveServer, complaints: list[str], kept: str
) -> None:
    page.goto(live_server.url)
    page.evaluate(
        "text => { for (const key of ['wishes', 'viewed']) localStorage.setItem(`vitrine.${key}`, text); }", kept
    )

    page.goto(f"{live_server.url}/wish-list/")

    expect(page.get_by_role("heading", name="Your wish list is empty")).to_be_visible()


def test_a_list_has_a_hundred_products_at_most(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(live_server.url)
    keep(page, list(range(1000, 1100)))
    page.goto(f"{live_server.url}/articles/")

    heart(page, "Coat").click()

    expect(page.locator("[data-toast]")).to_have_text("Your wish list is full (100 products). Remove one first.")
    expect(heart(page, "Coat")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("script", [BLOCKED, FULL])
def test_a_browser_that_keeps_nothing_says_so_and_nothing_breaks(
    page: Page, live_server: LiveServer, articles: list[Article], complaints: list[str], script: str
) -> None:
    page.add_init_script(script)
    page.goto(live_server.url + articles[0].get_absolute_url())
    page.get_by_role("button", name="Save to wish list", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("Your browser doesn’t let this shop save anything")
    page.goto(f"{live_server.url}/articles/")
    expect(page.locator(".card")).to_have_count(3)

    page.goto(f"{live_server.url}/wish-list/")

    expect(page.get_by_role("alert")).to_contain_text("Your browser doesn’t let this shop save anything")
    expect(page.get_by_role("heading", name="Recently viewed")).to_be_hidden()


def test_without_a_script_there_are_no_hearts(
    browser: Browser, live_server: LiveServer, articles: list[Article]
) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        for path in ("/articles/", articles[0].get_absolute_url(), "/"):
            page.goto(live_server.url + path)
            expect(page.get_by_role("button", name="wish list")).to_have_count(0)
            expect(page.get_by_role("link", name="Wish list")).to_have_count(0)
            expect(page.get_by_role("heading", name="Recently viewed")).to_have_count(0)

        page.goto(f"{live_server.url}/wish-list/")
        expect(page.get_by_text("The wish list needs JavaScript")).to_be_visible()


def test_a_server_that_cannot_be_reached_is_said_and_tried_again(
    page: Page, live_server: LiveServer, articles: list[Article]
) -> None:
    page.goto(live_server.url)
    keep(page, [articles[0].pk])
    page.route("**/articles/cards*", lambda route: route.abort())
    page.goto(f"{live_server.url}/wish-list/")
    expect(page.get_by_text("We couldn’t load your wish list.")).to_be_visible()

    page.unroute("**/articles/cards*")
    page.get_by_role("button", name="Try again").click()

    expect(names(page)).to_have_text(["Coat"])


def test_another_tab_shows_the_change(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(f"{live_server.url}/articles/")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/articles/")

    heart(other, "Coat").click()

    expect(heart(page, "Coat")).to_have_attribute("aria-pressed", "true")


def test_results_of_a_photo_have_hearts_too(at_search: Page, trousers: Article) -> None:
    at_search.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS})
    expect(at_search.locator(FIRST)).to_have_text("Blue trousers")

    heart(at_search, "Blue trousers").click()

    expect(heart(at_search, "Blue trousers")).to_have_attribute("aria-pressed", "true")
    expect(at_search.locator("[data-wish-count]")).to_have_text("1")
    assert "/search/" in at_search.url


def wait_for_viewed(page: Page, beginning: str) -> None:
    """Wait until the browser remembers what was viewed. wait_for_function() polls by what the pages' policy forbids."""
    for _ in range(200):
        if (page.evaluate("localStorage.getItem('vitrine.viewed')") or "-").startswith(beginning or "["):
            return
        page.wait_for_timeout(50)
    raise AssertionError(beginning)


def test_what_was_viewed_is_shown_the_latest_first_but_for_the_product_of_the_page(
    shopper: Page, live_server: LiveServer, articles: list[Article]
) -> None:
    coat, dress, hat = articles
    for article in (coat, dress, coat, hat):
        shopper.goto(live_server.url + article.get_absolute_url())
        wait_for_viewed(shopper, f"[[{article.pk},")

    viewed = shopper.locator("[data-viewed] h3")
    expect(viewed).to_have_text(["Coat", "Dress"])
    shopper.goto(live_server.url)
    expect(viewed).to_have_text(["Hat", "Coat", "Dress"])
    dress.delete()
    shopper.reload()
    expect(viewed).to_have_text(["Hat", "Coat"])


def test_what_was_viewed_is_cleared(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(live_server.url + articles[0].get_absolute_url())
    wait_for_viewed(page, "")
    page.goto(live_server.url)

    page.get_by_role("button", name="Clear recently viewed").click()

    expect(page.get_by_role("heading", name="Recently viewed")).to_be_hidden()
    expect(page.locator("[data-toast]")).to_have_text("Recently viewed products cleared.")
    expect_focus(page.get_by_role("main"))
    assert page.evaluate("localStorage.getItem('vitrine.viewed')") is None


def test_what_was_viewed_a_month_ago_is_forgotten(page: Page, live_server: LiveServer, articles: list[Article]) -> None:
    page.goto(live_server.url)
    coat, dress, _ = articles
    page.evaluate(
        """([old, late]) => {
          const day = Math.floor(Date.now() / 86400000);
          localStorage.setItem("vitrine.viewed", JSON.stringify([[old, day - 30], [late, day - 29]]));
        }""",
        [coat.pk, dress.pk],
    )

    page.reload()

    expect(page.locator("[data-viewed] h3")).to_have_text(["Dress"])
