"""Undo in the browser: imports, single articles, and photos in the bin."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue import imports
from catalogue.models import Article
from tests.catalogue.imports.handed_in import checked
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_an_import_is_undone_from_its_page(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create(sku="OLD", name="Hat")
    run = checked("sku,name\nOLD,Cap\nNEW,Bag")
    imports.start(run)
    imports.run_slice(run.pk, for_s=60)
    Article.objects.filter(sku="NEW").update(stock=7)

    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    staff.get_by_role("link", name="What the import changed, and undo").click()
    expect(staff.get_by_text("Name: Hat → Cap")).to_be_visible()
    staff.get_by_role("link", name="Undo …").click()
    expect(staff.get_by_text("NEW, Stock: It was changed since")).to_be_visible()
    staff.get_by_role("button", name="Undo the rest").click()

    expect(staff.get_by_role("heading", name="Finished")).to_be_visible()
    expect(staff.locator("[data-said=left_out]")).to_have_text("1")
    article.refresh_from_db()
    assert (article.name, Article.objects.count()) == ("Hat", 2)


def test_one_article_is_undone_from_its_history(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create(sku="A-1", price="39.90")
    staff.goto(live_server.url + reverse("admin:catalogue_article_change", args=[article.pk]))
    staff.get_by_label("Price:", exact=True).fill("12.00")
    staff.get_by_role("button", name="Save and continue editing").first.click()

    staff.get_by_role("link", name="History").click()
    expect(staff.get_by_text("Price: 39.90 → 12.00")).to_be_visible()
    staff.get_by_role("link", name="Undo …").first.click()
    staff.get_by_role("button", name="Undo", exact=True).click()

    expect(staff.get_by_text("Price: 12.00 → 39.90")).to_be_visible()
    article.refresh_from_db()
    assert str(article.price) == "39.90"


def test_removing_one_photo_of_two_keeps_its_thumbnail_for_staff(staff: Page, live_server: LiveServer) -> None:
    photo = PhotoFactory.create()
    photo.delete()

    staff.goto(live_server.url + reverse("admin:catalogue_article_history", args=[photo.article_id]))

    thumbnail = staff.locator("img.thumbnail").first
    expect(thumbnail).to_be_visible()
    assert thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
