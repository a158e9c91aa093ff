"""The admin in the shop's colours: readable in both schemes, by the system's and by its own switch, on every width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import ImportRun
from tests.browser.axe import violations
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory
from visualsearch.models import DuplicateReport, NearDuplicate

pytestmark = [pytest.mark.django_db(transaction=True)]

PAPER = {"light": "rgb(250, 247, 241)", "dark": "rgb(23, 20, 17)"}


@pytest.fixture(params=["light-1280", "dark-390", "dark-1280", "light-390"])
def view(request: pytest.FixtureRequest, browser: Browser, staff: Page) -> Iterator[tuple[Page, str]]:
    """A browser of a member of the staff, and its colour scheme. Nothing may be refused by the page's policy."""
    scheme, width = request.param.split("-")
    context = browser.new_context(
        locale="en-GB",
        color_scheme=scheme,
        viewport={"width": int(width), "height": 900},
        reduced_motion="reduce",
    )
    context.add_cookies(staff.context.cookies())  # type: ignore[arg-type]  # as they came
    page = context.new_page()
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", listen)
    yield page, scheme
    context.close()
    assert said == []


def test_every_page_is_readable_in_its_own_colours(view: tuple[Page, str], live_server: LiveServer) -> None:
    page, scheme = view
    first, second = PhotoFactory.create(), PhotoFactory.create()
    ArticleFactory.create(published=False)
    NearDuplicate.objects.create(
        first=first.article, second=second.article, first_photo=first, second_photo=second, similarity=0.97,
        found=timezone.now(),
    )  # fmt: skip
    DuplicateReport.objects.create(state="finished", looked_at=4)
    ImportRun.objects.create(name="shop.csv", size=1, state="checked", created=3)
    found: list[str] = []
    for name, args in (
        ("index", []),
        ("catalogue_article_changelist", []),
        ("catalogue_article_change", [first.article_id]),
        ("catalogue_article_delete", [first.article_id]),
        ("catalogue_article_merge", [first.article_id, second.article_id]),
        ("catalogue_article_by_photo", []),
        ("catalogue_category_changelist", []),
        ("catalogue_category_add", []),
        ("catalogue_importrun_changelist", []),
        ("catalogue_importrun_add", []),
        ("visualsearch_nearduplicate_changelist", []),
        ("auth_user_changelist", []),
        ("auth_user_add", []),
        ("password_change", []),
    ):
        page.goto(live_server.url + reverse(f"admin:{name}", args=args))
        expect(page.locator("#content")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
        found += [f"{name}: {one}" for one in violations(page, tags=["wcag2aa"]) if one.startswith("color-contrast")]
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{name}: {width} px wider than the screen"] if width > 0 else []

    assert not found, "\n".join(found)


def test_the_switch_of_theme_has_the_shops_colours_too(staff: Page, live_server: LiveServer) -> None:
    staff.emulate_media(color_scheme="light")
    staff.goto(live_server.url + reverse("admin:index"))
    shown = []
    for _ in range(3):
        staff.locator(".theme-toggle").click()
        theme = staff.evaluate("document.documentElement.dataset.theme")
        paper = staff.evaluate("getComputedStyle(document.body).backgroundColor")
        shown.append((theme, paper))
        assert [one for one in violations(staff, tags=["wcag2aa"]) if one.startswith("color-contrast")] == []

    assert sorted(shown) == [("auto", PAPER["light"]), ("dark", PAPER["dark"]), ("light", PAPER["light"])]


def test_a_phone_shows_what_is_edited_daily_without_scrolling_sideways(staff: Page, live_server: LiveServer) -> None:
    article = PhotoFactory.create(article__name="Long evening dress of linen", article__sku="D-17").article
    staff.set_viewport_size({"width": 390, "height": 844})
    staff.goto(live_server.url + reverse("admin:catalogue_article_changelist"))

    row = staff.locator("#result_list tbody tr")
    for field in ("price", "stock", "published"):
        box = row.locator(f".field-{field} input[type=checkbox], .field-{field} input[type=number]").bounding_box()
        assert box is not None and box["x"] + box["width"] <= 390, field
    expect(row.get_by_text("D-17").first).to_be_visible()
    row.locator(".field-stock input[type=number]").fill("4")
    staff.get_by_role("button", name="Save").click()

    expect(staff.locator(".messagelist .success")).to_be_visible()
    article.refresh_from_db()
    assert article.stock == 4


def test_the_language_is_switched_where_one_is(staff: Page, live_server: LiveServer) -> None:
    category = CategoryFactory.create(slug="dresses")
    for number in range(60):
        ArticleFactory.create(category=category, name=f"Dress {number}")
    there = f"{live_server.url}{reverse('admin:catalogue_article_changelist')}?category=dresses&q=Dress&p=2"
    staff.goto(there)

    staff.get_by_role("button", name="Français").click()

    expect(staff.get_by_role("heading", name="Articles", exact=True)).to_be_visible()
    assert staff.url == there
    expect(staff.locator("#result_list tbody tr")).to_have_count(10)
