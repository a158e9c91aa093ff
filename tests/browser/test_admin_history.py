"""Undo in the browser: bulk changes with progress, imports, single articles, and the bin. The test is the worker."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue import history, imports
from catalogue.jobs import running
from catalogue.models import Article, ChangeSet, Photo
from tests.browser.layout import sticks_out
from tests.catalogue.imports.handed_in import checked
from tests.factories import ArticleFactory, PhotoFactory
from visualsearch.models import PhotoEmbedding
from visualsearch.services.indexing import embedding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

LIST = reverse("admin:catalogue_article_changelist")


def work() -> bool:
    change = ChangeSet.objects.filter(state="running").get()
    return running.run_slice(history.KIND, change.pk, for_s=0)


@pytest.mark.parametrize("width", [1280, 390])
def test_1_500_articles_are_deleted_with_progress_and_come_back(
    staff: Page, live_server: LiveServer, width: int
) -> None:
    Article.objects.bulk_create(Article(sku=f"S{n}", name=f"Sock {n}", slug="sock") for n in range(1_500))
    staff.set_viewport_size({"width": width, "height": 844})
    staff.goto(live_server.url + LIST)
    staff.locator("#action-toggle").check()
    staff.get_by_text("Select all 1500 products").click()
    staff.get_by_label("Action:").select_option("delete_selected")
    staff.get_by_role("button", name="Go", exact=True).click()
    expect(staff.get_by_text("1500 products are selected.")).to_be_visible()
    assert sticks_out(staff) == 0
    staff.get_by_role("button", name="Move to the bin").click()

    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    assert work()
    expect(staff.get_by_role("heading", name="200 of 1500 done")).to_be_visible()
    while work():
        pass
    expect(staff.get_by_role("heading", name="Finished")).to_be_visible()
    expect(staff.locator("[data-said=changed]")).to_have_text("1500")
    assert sticks_out(staff) == 0
    assert Article.objects.count() == 0
    staff.get_by_role("link", name="Undo …").click()
    expect(staff.get_by_text("1500 items will be restored in the background.")).to_be_visible()
    staff.get_by_role("button", name="Undo", exact=True).click()
    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    while work():
        pass

    expect(staff.get_by_role("heading", name="Finished")).to_be_visible()
    assert Article.objects.count() == 1_500


def test_an_import_is_undone_from_its_page(staff: Page, live_server: LiveServer) -> None:
    article = ArticleFactory.create(sku="OLD", name="Hat")
    run = checked("sku,name\nOLD,Cap\nNEW,Bag")
    imports.start(run)
    imports.run_slice(run.pk, for_s=60)
    Article.objects.filter(sku="NEW").update(stock=7)

    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    staff.get_by_role("link", name="See what the import changed, or undo it").click()
    expect(staff.get_by_text("Name: Hat → Cap")).to_be_visible()
    staff.get_by_role("link", name="Undo …").click()
    expect(staff.get_by_text("NEW, Stock: It has been changed since")).to_be_visible()
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


def test_an_article_goes_into_the_bin_and_is_found_by_photo_again(
    staff: Page, live_server: LiveServer, trousers: Article
) -> None:
    photos = list(Photo.objects.filter(article=trousers).values_list("pk", flat=True))
    staff.goto(live_server.url + reverse("admin:catalogue_article_change", args=[trousers.pk]))
    staff.get_by_role("link", name="Delete").first.click()
    staff.get_by_role("button", name="Move to the bin").click()
    assert not PhotoEmbedding.objects.filter(photo__in=photos).exists()

    staff.goto(live_server.url + LIST)
    staff.get_by_role("link", name="Bin", exact=True).click()
    expect(staff.get_by_role("cell", name="P-1", exact=True)).to_be_visible()
    assert sticks_out(staff) == 0
    staff.locator("tr", has_text="P-1").get_by_role("checkbox").check()
    staff.get_by_label("Action:").select_option("restore")
    staff.get_by_role("button", name="Go", exact=True).click()
    expect(staff.get_by_text("1 product restored.")).to_be_visible()
    embedding.embed_photos(embedding.waiting_ids(limit=10))

    assert list(Article.objects.filter(pk=trousers.pk)) == [trousers]
    assert PhotoEmbedding.objects.filter(photo__in=photos).count() == len(photos)


def test_removing_one_photo_of_two_keeps_its_thumbnail_for_staff(staff: Page, live_server: LiveServer) -> None:
    photo = PhotoFactory.create()
    photo.delete()

    staff.goto(live_server.url + reverse("admin:catalogue_article_history", args=[photo.article_id]))

    thumbnail = staff.locator("img.thumbnail").first
    expect(thumbnail).to_be_visible()
    assert thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
