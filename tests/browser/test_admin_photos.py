"""Staff and photos in the browser: piles of them, what they look like, and articles by photo."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out, wait_for_picture
from tests.browser.photos import BLUE_TROUSERS, GREEN_SHIRT, RED_DRESS
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory
from tests.visualsearch.catalogue import encoded
from tests.visualsearch.garments import draw_lifelike
from visualsearch.models import DuplicateReport, SearchDay
from visualsearch.services import duplicates
from visualsearch.services.indexing import embedding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ADD = reverse("admin:catalogue_article_add")
TROUSERS: FilePayload = {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS}
DRESS = encoded(draw_lifelike("DR01-03", "#2244aa"), "PNG")


def drop(page: Page, selector: str, photos: Sequence[bytes]) -> None:
    """Drop files onto an element, as from a folder."""
    files = page.evaluate_handle(
        """files => {
          const dropped = new DataTransfer();
          for (const [place, file] of files.entries()) {
            const bytes = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0));
            dropped.items.add(new File([bytes], `${place}.png`, { type: "image/png" }));
          }
          return dropped;
        }""",
        [base64.b64encode(photo).decode() for photo in photos],
    )
    page.dispatch_event(selector, "drop", {"dataTransfer": files})


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()


@pytest.mark.usefixtures("trousers")
def test_a_pile_of_photos_makes_an_article_whose_category_the_first_clear_one_suggests(
    staff: Page, live_server: LiveServer
) -> None:
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-2")
    staff.get_by_label("Name:", exact=True).fill("Blue dress")

    drop(staff, "#photos-group", [DRESS, GREEN_SHIRT, RED_DRESS])

    expect(staff.locator("#photos-group img.thumbnail[src^=blob]")).to_have_count(3)
    staff.get_by_role("button", name=re.compile("^Suggested by the photo: Dress")).click()
    expect(staff.locator("#select2-id_category-container")).to_contain_text("Dress")
    expect(staff.locator(".suggestion")).to_have_count(0)
    save(staff)
    article = Article.objects.get(sku="D-2")
    assert article.category is not None
    assert (article.category.slug, article.photos.count()) == ("dress", 3)


def test_a_photo_that_the_shop_has_already_is_warned_of_before_saving(
    staff: Page, live_server: LiveServer, trousers: Article
) -> None:
    staff.goto(live_server.url + ADD)

    staff.set_input_files("#pile", TROUSERS)

    warning = staff.get_by_role("link", name=re.compile("^Looks like P-1"))
    expect(warning).to_have_attribute("href", reverse("admin:catalogue_article_change", args=[trousers.pk]))
    staff.set_input_files("#id_photos-0-file", {"name": "d.png", "mimeType": "image/png", "buffer": DRESS})
    expect(warning).to_have_count(0)


def test_a_row_of_a_photo_that_is_removed_leads_to_the_link_that_adds_one(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    add = staff.locator("#photos-group .add-row a")
    add.press("Enter")
    expect(staff.locator("#photos-group tr.dynamic-photos")).to_have_count(2)

    staff.locator("#photos-group .inline-deletelink").last.press("Enter")

    expect(staff.locator("#photos-group tr.dynamic-photos")).to_have_count(1)
    expect_focus(add)


def test_a_suggested_category_is_taken_by_keyboard(staff: Page, live_server: LiveServer, trousers: Article) -> None:
    staff.goto(live_server.url + ADD)
    staff.set_input_files("#id_photos-0-file", {"name": "d.png", "mimeType": "image/png", "buffer": DRESS})

    staff.get_by_role("button", name=re.compile("^Suggested by the photo: Dress")).press("Enter")

    expect_focus(staff.locator("[aria-labelledby=select2-id_category-container]"))
    expect(staff.locator(".suggestion")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_articles_are_found_by_photo(staff: Page, live_server: LiveServer, trousers: Article, width: int) -> None:
    staff.set_viewport_size({"width": width, "height": 844})
    staff.goto(live_server.url + reverse("admin:catalogue_article_changelist"))
    staff.get_by_role("link", name="Find by photo").click()

    staff.set_input_files("#id_image", TROUSERS)

    first = staff.locator(".found-articles li").first
    expect(first).to_contain_text("P-1")
    # The photo itself, under the strict Content Security Policy.
    wait_for_picture(staff.locator(".searched img"))
    assert sticks_out(staff) <= 0
    first.get_by_role("link").click()
    expect(staff.locator("#id_sku")).to_have_value(trousers.sku)


def test_without_scripts_a_photo_is_sent_by_the_button(staff: Page, live_server: LiveServer, trousers: Article) -> None:
    context = staff.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    context.add_cookies(staff.context.cookies())  # type: ignore[arg-type]  # as they came
    page = context.new_page()
    page.goto(live_server.url + reverse("admin:catalogue_article_by_photo"))
    page.set_input_files("#id_image", TROUSERS)
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".found-articles li").first).to_contain_text("P-1")
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_pairs_that_look_alike_are_compared_and_settled(
    staff: Page, live_server: LiveServer, trousers: Article, width: int
) -> None:
    staff.set_viewport_size({"width": width, "height": 844})
    twin = PhotoFactory.create(article__sku="P-2", file=ContentFile(BLUE_TROUSERS, name="p.png"))
    embedding.embed_photos([twin.pk])
    staff.goto(live_server.url + reverse("admin:visualsearch_nearduplicate_changelist"))

    staff.get_by_role("button", name="Compare all photos").click()
    expect(staff.locator("[data-said=text]")).to_contain_text("Comparing photos")
    duplicates.run_slice(DuplicateReport.objects.get().pk, for_s=60)

    expect(staff.locator(".pairs > li")).to_have_count(1)
    expect(staff.locator("[data-announced]")).to_have_text("4 photos were compared.")
    assert sticks_out(staff) <= 0
    staff.get_by_role("button", name="Not a duplicate: P-1 and P-2").click()
    expect(staff.locator(".pairs > li")).to_have_count(0)
    staff.get_by_role("button", name="Undo").click()
    expect(staff.locator(".pairs > li")).to_have_count(1)


def test_prices_change_together_after_a_look_at_them(staff: Page, live_server: LiveServer) -> None:
    for sku in ("A-1", "A-2"):
        ArticleFactory.create(sku=sku, price="10.00", category=CategoryFactory.create())
    staff.goto(live_server.url + reverse("admin:catalogue_article_changelist"))
    staff.locator("#action-toggle").check()
    staff.locator("select[name=action]").select_option("change_prices")
    staff.get_by_role("button", name=re.compile("Run|Go")).click()

    staff.get_by_label("Value:").fill("-20")
    staff.get_by_role("button", name="Preview").click()
    expect(staff.locator("table")).to_contain_text("€8.00")
    staff.get_by_role("button", name="Change the prices").click()

    expect(staff.locator(".messagelist")).to_contain_text("2 prices changed.")
    assert {str(article.price) for article in Article.objects.all()} == {"8.00"}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_page_shows_how_the_shop_is_doing(
    staff: Page, live_server: LiveServer, trousers: Article, width: int
) -> None:
    SearchDay.objects.create(day=timezone.now().date(), close=18, none=2, durations={"43": 20})
    staff.set_viewport_size({"width": width, "height": 844})

    staff.goto(live_server.url + reverse("admin:index"))

    expect(staff.get_by_role("heading", name="Your shop in figures")).to_be_visible()
    bar = staff.locator(".plot-whole").nth(-2)
    assert bar.evaluate("bar => bar.getBoundingClientRect().height") > 60
    assert sticks_out(staff) <= 0
    staff.get_by_role("link", name="Products").first.click()
    expect(staff.locator("#result_list tbody tr")).to_have_count(Article.objects.count())
