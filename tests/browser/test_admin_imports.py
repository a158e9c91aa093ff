"""Importing in the browser: the page follows the worker by itself. The test is the worker, one slice at a time."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue import imports
from catalogue.feeds import importing
from catalogue.imports import worker
from catalogue.models import Article, ImportRun
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.catalogue.imports.handed_in import checked, table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ADD = reverse("admin:catalogue_importrun_add")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "spring.csv"
    path.write_text(table(4, bad=1))
    return path


@pytest.fixture(autouse=True)
def two_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a worker write two rows and leave."""
    import_articles = importing.import_articles
    monkeypatch.setattr(worker.KIND, "TIMES_ITS_START", 0)
    monkeypatch.setattr(
        worker, "import_articles", lambda *args, **kwargs: import_articles(*args, batch_size=2, **kwargs)
    )


def work() -> bool:
    return imports.run_slice(ImportRun.objects.get().pk, for_s=0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shows_each_step_without_being_loaded_again(
    staff: Page, live_server: LiveServer, file: Path, tmp_path: Path, width: int
) -> None:
    staff.set_viewport_size({"width": width, "height": 844})
    staff.goto(live_server.url + ADD)
    assert sticks_out(staff) == 0
    staff.get_by_label("File:").set_input_files(file)
    staff.get_by_role("button", name="Check the file").click()

    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    staff.wait_for_load_state()
    loaded: list[str] = []
    staff.on("load", lambda page: loaded.append(page.url))
    assert work()
    expect(staff.get_by_role("heading", name="Being checked: 2 of 5 rows")).to_be_visible()
    expect(staff.get_by_role("progressbar")).to_have_js_property("value", 40)
    while work():
        pass
    expect(staff.get_by_role("heading", name="Checked", exact=True)).to_be_visible()
    expect(staff.locator("[data-announced]")).to_have_text("Checked")
    expect(staff.locator("[data-said=created]")).to_have_text("4")
    assert sticks_out(staff) == 0
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Download all rows with errors").click()
    download.value.save_as(tmp_path / "refused.csv")

    rows = list(csv.reader((tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()))
    assert [row[:2] for row in rows] == [["line", "sku"], ["6", "B-00000"]]
    assert loaded == []
    assert not Article.objects.exists()


def test_it_is_started_paused_and_continued_by_keyboard_and_goes_on_while_the_page_is_closed(
    staff: Page, live_server: LiveServer
) -> None:
    run = checked(table(6))
    address = live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk])
    staff.goto(address)

    staff.get_by_role("button", name="Import now").press("Enter")
    expect(staff.get_by_role("button", name="Pause")).to_be_visible()
    work()
    expect(staff.locator("[data-said=created]")).to_have_text("2")
    staff.get_by_role("button", name="Pause").press("Enter")
    expect(staff.get_by_role("heading", name="Paused: 2 of 6 rows")).to_be_visible()
    assert not work()
    staff.get_by_role("button", name="Continue").press("Enter")
    expect(staff.get_by_role("button", name="Pause")).to_be_visible()
    staff.get_by_role("button", name="Pause").focus()
    staff.goto("about:blank")
    while work():
        pass
    staff.goto(address)

    expect(staff.get_by_role("heading", name="Finished")).to_be_visible()
    assert Article.objects.count() == 6


def test_whoever_waits_at_the_buttons_keeps_the_focus_when_they_change(staff: Page, live_server: LiveServer) -> None:
    run = checked(table(2))
    imports.start(run)
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    staff.get_by_role("button", name="Pause").focus()

    while work():
        pass

    expect_focus(staff.get_by_role("heading", name="Finished"))


def test_whoever_waits_at_a_button_that_stays_keeps_it(staff: Page, live_server: LiveServer) -> None:
    run = checked(table(2))
    imports.start(run)
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    staff.get_by_role("button", name="Cancel").focus()

    imports.pause(run)

    expect(staff.locator("[data-announced]")).to_have_text("Paused: 0 of 2 rows")
    expect_focus(staff.get_by_role("button", name="Cancel"))


def test_cancelling_asks_first_and_says_what_stays(staff: Page, live_server: LiveServer) -> None:
    run = checked(table(6))
    imports.start(run)
    asked: list[str] = []
    answers = iter((False, True))

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    staff.on("dialog", answer)
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    work()
    staff.get_by_role("button", name="Cancel").click()
    assert ImportRun.objects.get().is_working
    staff.get_by_role("button", name="Cancel").click()

    expect(staff.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(staff.get_by_text("What was imported before stays")).to_be_visible()
    assert asked == ["Cancel the import? What was imported so far stays; the rest is not imported."] * 2
    assert Article.objects.count() == 2


def test_a_file_that_is_too_large_is_not_even_sent(staff: Page, live_server: LiveServer, file: Path) -> None:
    staff.goto(live_server.url + ADD)
    # A file of 100 MB takes the browser long to be handed.
    staff.locator("#import-form").evaluate("form => (form.dataset.maxBytes = 10)")

    staff.get_by_label("File:").set_input_files(file)
    staff.get_by_role("button", name="Check the file").click()

    expect(staff.get_by_label("File:")).to_have_js_property(
        "validationMessage", "This file is too large. Split it, or import it on the server."
    )
    assert not ImportRun.objects.exists()


def test_a_shop_that_does_not_answer_for_a_while_is_no_end(staff: Page, live_server: LiveServer) -> None:
    run = checked(table(2))
    imports.start(run)
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    staff.route("**/progress/", lambda route: route.abort())
    expect(staff.get_by_role("heading", name="Connection lost.")).to_be_visible()

    staff.unroute("**/progress/")

    expect(staff.get_by_role("heading", name="Being imported: 0 of 2 rows")).to_be_visible()
