"""A pile of photos in the browser: dropped, sorted, corrected with the keyboard, added, and found by photo."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.visualsearch.drawn_pile import drawn_pile
from visualsearch.models import Pile
from visualsearch.services import piles, versions
from visualsearch.services.indexing import embedding
from visualsearch.services.search.photo_search import search_photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ADD = reverse("admin:visualsearch_pile_add")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for name, content in drawn_pile().items():
        path = tmp_path / name
        path.write_bytes(content)
        paths.append(path)
    return paths


def sort() -> Pile:
    pile = Pile.objects.get()
    while piles.run_slice(pile.pk, for_s=60):
        pass
    return pile


def test_a_pile_becomes_articles_that_are_found_by_photo(
    staff: Page, live_server: LiveServer, files: list[Path]
) -> None:
    versions.serving_version()
    staff.goto(live_server.url + ADD)
    staff.get_by_label("Drop photos or a ZIP").set_input_files(files)
    staff.get_by_role("button", name="Sort these photos").click()
    expect(staff.get_by_role("heading", name="Analysing photos: 0 of 12.")).to_be_visible()
    sort()
    expect(staff.get_by_role("heading", name="Sorted")).to_be_visible()
    expect(staff.locator(".pile-table tbody tr")).to_have_count(5)

    # Names, column by column.
    first = staff.get_by_label("Name of product 1", exact=True)
    first.focus()
    for number, name in enumerate(["Red dress", "Trousers", "Green top", "Yellow dress", "Grey trousers"], start=1):
        staff.keyboard.press("ControlOrMeta+a")
        staff.keyboard.type(name)
        staff.keyboard.press("ArrowDown")
        if number < 5:
            expect_focus(staff.get_by_label(f"Name of product {number + 1}", exact=True))
    staff.get_by_label("SKU of product 1").fill("D-1")
    staff.get_by_label("Price of product 1").fill("39.90")
    staff.keyboard.press("Tab")
    expect(staff.locator("[data-state]")).to_have_text("Saved.")
    # What a reload loses: nothing.
    staff.reload()
    expect(staff.get_by_label("Name of product 5", exact=True)).to_have_value("Grey trousers")
    # The third photo of the dress goes to an article of its own, and the fourth article's photos to the first.
    staff.get_by_label("Product number of IMG_0003.jpg").fill("0")
    staff.get_by_label("Product number of IMG_0009.jpg").fill("1")
    staff.get_by_label("Product number of IMG_0010.jpg").fill("1")
    staff.get_by_label("Product number of IMG_0010.jpg").press("Enter")
    expect(staff.locator(".pile-table tbody tr img")).to_have_count(12)
    expect(staff.get_by_label("Add product 4")).to_have_count(0)
    staff.get_by_label("Add product 6").uncheck()
    staff.get_by_role("button", name="Add and publish ticked products").press("Enter")
    expect(staff.get_by_text("4 products added.")).to_be_visible()
    embedding.embed_photos(embedding.waiting_ids(limit=20))

    dress = Article.objects.get(sku="D-1")
    assert (dress.name, str(dress.price), dress.published, dress.photos.count()) == ("Red dress", "39.90", True, 4)
    assert sorted(Article.objects.values_list("name", flat=True)) == [
        "Green top", "Grey trousers", "Red dress", "Trousers",
    ]  # fmt: skip
    assert search_photo(drawn_pile()["IMG_0001.jpg"]).page.matches[0].article == dress


@pytest.mark.parametrize("width", [1280, 390])
def test_the_table_fits_the_screen(staff: Page, live_server: LiveServer, files: list[Path], width: int) -> None:
    staff.set_viewport_size({"width": width, "height": 844})
    staff.goto(live_server.url + ADD)
    assert sticks_out(staff) == 0
    staff.get_by_label("Drop photos or a ZIP").set_input_files(files[:4])
    staff.get_by_role("button", name="Sort these photos").click()
    expect(staff.get_by_role("heading", name="Analysing photos")).to_be_visible()
    sort()
    expect(staff.locator(".pile-table tbody tr")).to_have_count(2)

    assert sticks_out(staff) == 0
