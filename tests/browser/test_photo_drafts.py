"""An article's form in the browser loses no photo: after errors, without a connection, after the session's end."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Dialog, FilePayload, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article, PhotoDraft
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ADD = reverse("admin:catalogue_article_add")
DRAFTS = re.compile(r"/drafts/$")
FIVE = [drawn_picture(colour) for colour in ("#c0392b", "#27ae60", "#2980b9", "#f1c40f", "#8e44ad")]
DIGESTS = [hashlib.sha256(photo).hexdigest() for photo in FIVE]
ROWS = "#photos-group tr.dynamic-photos"


def chosen(*numbers: int) -> list[FilePayload]:
    return [{"name": f"view-{n}.png", "mimeType": "image/png", "buffer": FIVE[n]} for n in numbers]


def drop(page: Page, photos: list[FilePayload]) -> None:
    files = page.evaluate_handle(
        """files => {
          const dropped = new DataTransfer();
          for (const { name, type, data } of files) {
            dropped.items.add(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], name, { type }));
          }
          return dropped;
        }""",
        [
            {"name": photo["name"], "type": photo["mimeType"], "data": base64.b64encode(photo["buffer"]).decode()}
            for photo in photos
        ],
    )
    page.dispatch_event("#photos-group", "drop", {"dataTransfer": files})


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def expect_saved(page: Page) -> None:
    expect(page.locator(".messagelist .success")).to_be_visible()


def digests(article: Article) -> list[str]:
    return list(article.photos.values_list("sha256", flat=True))


def test_five_dropped_photos_outlast_a_refused_form_and_are_saved_in_order(
    staff: Page, live_server: LiveServer
) -> None:
    ArticleFactory.create(sku="TAKEN")
    staff.goto(live_server.url + ADD)
    staff.get_by_label("Name:", exact=True).fill("Dress")
    staff.get_by_label("SKU:").fill("TAKEN")
    drop(staff, chosen(0, 1, 2, 3, 4))
    expect(staff.locator(".upload", has_text="Uploaded.")).to_have_count(5)

    save(staff)

    summary = staff.locator(".error-summary")
    expect(summary).to_contain_text("SKU: Another product already has this SKU.")
    expect_focus(summary)
    expect(staff.locator(".draft-name")).to_have_text([f"view-{n}.png" for n in range(5)])
    for picture in staff.locator("#photos-group img.thumbnail").all():
        expect(picture).to_have_js_property("naturalWidth", 48)
    summary.get_by_role("link").click()
    expect_focus(staff.get_by_label("SKU:"))
    staff.get_by_label("SKU:").fill("D-1")
    save(staff)
    expect_saved(staff)
    assert digests(Article.objects.get(sku="D-1")) == DIGESTS


def test_a_forgotten_sku_is_said_before_anything_is_sent(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + "/fr" + ADD)
    staff.locator("#id_name").fill("Robe")
    staff.locator("#id_stock").fill("-1")

    staff.get_by_role("button", name="Enregistrer", exact=True).first.click()

    expect_focus(staff.locator("#id_sku"))
    expect(staff.locator("#id_sku_client_error")).to_have_text("Remplissez ce champ.")
    expect(staff.locator("#id_stock_client_error")).to_have_text("Saisissez 0 ou plus.")
    staff.locator("#id_sku").fill("D-1")
    expect(staff.locator("#id_sku_client_error")).to_have_count(0)
    assert not Article.objects.exists()


def test_a_broken_photo_among_five_is_named_and_the_others_are_saved(staff: Page, live_server: LiveServer) -> None:
    broken: FilePayload = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    drop(staff, [*chosen(0, 1), broken, *chosen(2, 3)])
    refusal = staff.locator(".upload.failed")
    expect(refusal).to_contain_text("broken.jpg: This file type isn’t supported.")
    expect(staff.locator(".upload", has_text="Uploaded.")).to_have_count(4)

    save(staff)
    expect_focus(staff.locator(f"{ROWS}:has(.upload.failed) input[type=file]"))
    assert not Article.objects.exists()
    staff.locator(f"{ROWS}:has(.upload.failed) .inline-deletelink").click()
    save(staff)

    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:4]


def test_a_photo_that_is_taken_away_is_not_kept(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    drop(staff, chosen(0, 1))
    expect(staff.locator(".upload", has_text="Uploaded.")).to_have_count(2)

    with staff.expect_response(re.compile(r"/drafts/[0-9a-f-]+/$")) as answer:
        staff.locator(f"{ROWS} .inline-deletelink").first.click()
    assert answer.value.status == 204

    assert [draft.sha256 for draft in PhotoDraft.objects.all()] == DIGESTS[1:2]


def test_the_new_file_of_a_saved_photo_replaces_it(staff: Page, live_server: LiveServer) -> None:
    photo = PhotoFactory.create(data=FIVE[4])
    staff.goto(live_server.url + reverse("admin:catalogue_article_change", args=[photo.article_id]))
    staff.set_input_files("#id_photos-0-file", chosen(0))
    expect(staff.locator(".upload")).to_contain_text("Uploaded.")

    save(staff)

    expect_saved(staff)
    assert digests(photo.article) == DIGESTS[:1]


def test_without_a_connection_photos_stay_chosen_and_are_sent_once_it_is_back(
    staff: Page, live_server: LiveServer
) -> None:
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    staff.context.set_offline(True)
    drop(staff, chosen(0, 1))
    expect(staff.locator(".upload.failed", has_text="No connection.")).to_have_count(2)

    save(staff)
    expect(staff.locator(".form-status")).to_contain_text("No connection to the shop: nothing was sent.")
    staff.context.set_offline(False)
    expect(staff.locator(".upload", has_text="Uploaded.")).to_have_count(2)
    save(staff)

    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:2]


def test_after_the_sessions_end_the_form_waits_for_a_new_login(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    drop(staff, chosen(0))
    expect(staff.locator(".upload")).to_contain_text("Uploaded.")
    Session.objects.all().delete()

    save(staff)
    expect(staff.locator(".form-status")).to_contain_text("You have been signed out: nothing was sent.")
    other = staff.context.new_page()
    other.goto(live_server.url + reverse("admin:login"))
    other.get_by_label("Username:").fill("staff")
    other.get_by_label("Password:").fill("secret")
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    save(staff)

    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:1]


def test_a_form_that_is_saved_while_photos_are_sent_waits_for_them(staff: Page, live_server: LiveServer) -> None:
    held: list[Route] = []
    staff.route(DRAFTS, lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    drop(staff, chosen(0))
    expect(staff.locator(".upload progress")).to_be_visible()

    save(staff)
    expect(staff.locator(".form-status")).to_contain_text("The photos are still being uploaded.")
    assert not Article.objects.exists()
    held[0].continue_()

    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:1]


def test_a_double_click_saves_once(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    drop(staff, chosen(0, 1))

    staff.get_by_role("button", name="Save", exact=True).first.dblclick()

    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:2]


def test_leaving_with_photos_that_are_not_saved_asks(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    # Browsers ask only where somebody has done something.
    staff.get_by_label("SKU:").click()
    drop(staff, chosen(0))
    expect(staff.locator(".upload")).to_contain_text("Uploaded.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    staff.on("dialog", stay)
    staff.get_by_role("link", name="Home").click()

    expect(staff.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("width", [1280, 390])
def test_publishing_without_a_photo_asks_in_view_and_leads_to_the_chooser(
    staff: Page, live_server: LiveServer, width: int
) -> None:
    staff.set_viewport_size({"width": width, "height": 844})
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")

    save(staff)

    question = staff.get_by_role("alertdialog", name="Publish without a photo?")
    expect_focus(question)
    expect(question).to_be_in_viewport()
    assert sticks_out(staff) <= 0
    with staff.expect_file_chooser() as chooser:
        question.get_by_role("link", name="Add photos").click()
    chooser.value.set_files(chosen(0))
    expect(staff.locator(".upload")).to_contain_text("Uploaded.")
    expect(staff.get_by_text("No photo: customers cannot find this product by photo.")).to_have_count(0)
    save(staff)
    expect_saved(staff)
    assert digests(Article.objects.get()) == DIGESTS[:1]


def test_a_product_is_published_without_a_photo_where_staff_say_so(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    staff.get_by_label("SKU:").fill("D-1")
    staff.get_by_label("Name:", exact=True).fill("Dress")
    save(staff)

    staff.get_by_role("button", name="Publish anyway").click()

    expect(staff.locator(".messagelist .warning")).to_contain_text("“Dress (D-1)” is published without a photo")
    assert Article.objects.get().published


def test_photos_of_a_window_that_was_closed_are_used_in_the_next(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)
    drop(staff, chosen(0, 1))
    expect(staff.locator(".upload", has_text="Uploaded.")).to_have_count(2)
    other = staff.context.new_page()
    staff.close()

    other.goto(live_server.url + ADD)
    other.get_by_role("link", name="Use them here").click()

    expect(other.locator(".draft-name")).to_have_text(["view-0.png", "view-1.png"])
    other.get_by_label("SKU:").fill("D-1")
    other.get_by_label("Name:", exact=True).fill("Dress")
    save(other)
    expect_saved(other)
    assert digests(Article.objects.get()) == DIGESTS[:2]


def test_without_scripts_five_photos_chosen_at_once_outlast_a_refused_form(
    staff: Page, live_server: LiveServer
) -> None:
    context = staff.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    context.add_cookies(staff.context.cookies())  # type: ignore[arg-type]  # as they came
    page = context.new_page()
    page.goto(live_server.url + ADD)
    page.get_by_label("Name:", exact=True).fill("Dress")
    page.set_input_files("#pile", chosen(0, 1, 2, 3, 4))
    save(page)
    expect(page.locator(".error-summary")).to_contain_text("SKU: This field is required.")
    expect(page.locator(".draft-name")).to_have_text([f"view-{n}.png" for n in range(5)])
    page.locator(".draft-remove input").nth(1).check()
    page.get_by_label("SKU:").fill("D-1")
    save(page)
    expect_saved(page)
    context.close()
    assert digests(Article.objects.get()) == [DIGESTS[0], *DIGESTS[2:]]
