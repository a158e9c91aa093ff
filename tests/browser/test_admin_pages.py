"""Staff's pages in the browser: what needs scripts, under the shop's Content-Security-Policy."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings as shop_settings
from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article, Category
from tests.browser.photos import BLUE_TROUSERS, GREEN_SHIRT, RED_DRESS
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

PHOTO: FilePayload = {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS}


def change(article: Article) -> str:
    return reverse("admin:catalogue_article_change", args=[article.pk])


def test_photos_are_dragged_into_order(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create()
    first, second, third = (PhotoFactory.create(article=article, position=n) for n in (1, 2, 3))
    staff.goto(live_server.url + change(article))
    handles = staff.locator("#photos-group tr.has_original td.original p")
    expect(handles).to_have_count(3)

    handles.nth(2).drag_to(handles.nth(0), target_position={"x": 5, "y": 2})
    staff.get_by_role("button", name="Save", exact=True).first.click()

    expect(staff.locator(".messagelist .success")).to_be_visible()
    assert list(article.photos.all()) == [third, first, second]


def test_photos_are_moved_into_order_by_arrow_keys(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create()
    first, second, third = (PhotoFactory.create(article=article, position=n) for n in (1, 2, 3))
    staff.goto(live_server.url + change(article))
    handle = staff.locator("#photos-group tr.has_original td.original p").nth(2)
    handle.focus()

    for _ in range(3):
        staff.keyboard.press("ArrowUp")
    expect(staff.locator("#photos-group [role=status]").last).to_have_text("Position 1 of 3")
    staff.get_by_role("button", name="Save", exact=True).first.click()

    expect(staff.locator(".messagelist .success")).to_be_visible()
    assert list(article.photos.all()) == [third, first, second]


def test_a_new_article_with_a_photo_is_saved_and_its_photo_is_shown_beforehand(
    staff: Page, live_server: LiveServer
) -> None:
    category = CategoryFactory.create(name="Trousers")
    staff.goto(live_server.url + reverse("admin:catalogue_article_add"))
    staff.get_by_label("SKU:").fill("P-1")
    staff.get_by_label("Name:", exact=True).fill("Blue trousers")
    staff.locator("[aria-labelledby=select2-id_category-container]").click()
    staff.locator(".select2-search__field").last.fill("trou")
    staff.locator(".select2-results__option", has_text="Trousers").click()

    staff.set_input_files("#id_photos-0-file", PHOTO)
    expect(staff.locator("#photos-0 img.thumbnail")).to_be_visible()
    staff.get_by_role("button", name="Save", exact=True).first.click()

    expect(staff.locator(".messagelist .success")).to_be_visible()
    article = Article.objects.get()
    assert (article.slug, article.category, article.photos.count()) == ("blue-trousers", category, 1)


def test_several_photos_are_chosen_at_once(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create()
    PhotoFactory.create(article=article, position=1)
    staff.goto(live_server.url + change(article))

    photos: list[FilePayload] = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": photo}
        for n, photo in enumerate((BLUE_TROUSERS, RED_DRESS, GREEN_SHIRT))
    ]
    staff.set_input_files("#id_photos-1-file", photos)
    expect(staff.locator("#photos-group img.thumbnail[src^=blob]")).to_have_count(3)
    staff.get_by_role("button", name="Save", exact=True).first.click()

    expect(staff.locator(".messagelist .success")).to_be_visible()
    digests = [hashlib.sha256(photo["buffer"]).hexdigest() for photo in photos]
    assert list(article.photos.values_list("sha256", flat=True))[1:] == digests


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + reverse("admin:catalogue_article_add"))
    staff.get_by_label("SKU:").fill("P-1")
    staff.get_by_label("Name:", exact=True).fill("Typed with care")

    field = staff.locator("#id_photos-0-file")
    expect(field).to_have_attribute("data-max-bytes", str(shop_settings.PHOTO_MAX_BYTES))
    # Sending a file of 20 MB to the browser takes it 20 seconds.
    field.evaluate("field => (field.dataset.maxBytes = 1000)")
    field.set_input_files(PHOTO)
    staff.get_by_role("button", name="Save", exact=True).first.click()

    expect(field).to_have_js_property("validationMessage", "p.png: This file is too large. Choose a smaller one.")
    expect(staff.get_by_label("Name:", exact=True)).to_have_value("Typed with care")
    assert not Article.objects.exists()


def test_a_category_is_dragged_below_another(staff: Page, live_server: LiveServer) -> None:
    women, dresses = CategoryFactory.create(name="Women"), CategoryFactory.create(name="Dresses")
    staff.goto(live_server.url + reverse("admin:catalogue_category_changelist"))
    rows = staff.locator("#result_list tbody tr")

    with staff.expect_response(lambda response: response.url.endswith("/move/")):
        rows.nth(1).locator(".drag-handler").drag_to(rows.nth(0).locator(".field-slug"))

    expect(staff.locator(".messagelist")).to_contain_text("Moved node")
    assert Category.objects.get_parent(Category.objects.get(pk=dresses.pk)) == women


@pytest.mark.parametrize(
    "page_of",
    ["catalogue_article", "catalogue_category", "catalogue_brand", "catalogue_colour", "visualsearch_labelmapping"],
)
def test_every_list_and_form_opens_without_a_complaint(staff: Page, live_server: LiveServer, page_of: str) -> None:
    PhotoFactory.create(article__colours=[ColourFactory.create()], article__brand=BrandFactory.create())

    staff.goto(live_server.url + reverse(f"admin:{page_of}_changelist"))
    expect(staff.locator("#changelist")).to_be_visible()
    staff.goto(live_server.url + reverse(f"admin:{page_of}_add"))
    expect(staff.get_by_role("button", name="Save", exact=True).last).to_be_visible()
