"""The columns of a foreign table in the browser: guessed, chosen, and found again with the next file."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue import imports
from catalogue.models import Article, ImportRun
from tests.browser.keyboard import expect_focus
from tests.browser.layout import sticks_out
from tests.catalogue.imports.handed_in import checked, handed_in
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ADD = reverse("admin:catalogue_importrun_add")
HEADINGS = "Kode;Libellé du modèle;Prix TTC (€);Prix barré;Coloris;Pointures;Rayon;Famille;Visuel 1;Visuel 2;Poids"


def french(rows: int) -> str:
    lines = [
        f"R-{n:03d};Robe d’été en lin numéro {n};{n},90;99,00;rouge|bleu;36|38;Femme;Robes;"
        f"https://pictures.example/{n}-front.jpg;https://pictures.example/{n}-back.jpg;90 g"
        for n in range(1, rows)
    ]
    return "\n".join([HEADINGS, *lines, "R-999;Robe;cher;;;;;;;;"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "printemps.csv"
    path.write_text(french(12))
    return path


def work() -> None:
    """Be the worker."""
    while imports.run_slice(ImportRun.objects.latest("pk").pk, for_s=60):
        pass


def hand_in(staff: Page, live_server: LiveServer, file: Path) -> None:
    staff.goto(live_server.url + ADD)
    staff.locator("[name=file]").set_input_files(file)
    staff.locator("#import-form [type=submit]").click()
    staff.wait_for_load_state()


@pytest.mark.parametrize("width", [1280, 390])
def test_columns_are_guessed_corrected_looked_at_imported_and_remembered(
    staff: Page, live_server: LiveServer, file: Path, width: int
) -> None:
    ArticleFactory.create(sku="R-001", name="Ancienne robe", price="5.00")
    staff.set_viewport_size({"width": width, "height": 844})

    # No column is known to be the number.
    hand_in(staff, live_server, file)
    expect(staff.get_by_text("We could not tell which column is the SKU")).to_be_visible()
    expect(staff.get_by_label("Prix TTC (€)")).to_have_value("price")
    expect(staff.get_by_label("Prix barré")).to_have_value("regular_price")
    expect(staff.get_by_label("Poids")).to_have_value("")
    expect(staff.get_by_label("Rayon")).to_have_value("category")
    expect(staff.get_by_label("Visuel 2")).to_have_value("photo_url")
    expect(staff.locator("#id_column_0_samples")).to_have_text("R-001R-002R-003")
    assert sticks_out(staff) == 0

    staff.get_by_role("button", name="Check the file").click()
    expect(staff.locator(".column.errors")).to_contain_text("No column is chosen as the SKU.")
    staff.get_by_label("Kode").select_option("sku")
    staff.get_by_label("Libellé du modèle").select_option("name")
    staff.get_by_role("button", name="Check the file").click()
    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    work()

    rows = staff.locator(".first-rows tbody tr")
    expect(rows).to_have_count(12)
    expect(rows.first).to_contain_text("R-001")
    expect(rows.first.locator("del").first).to_have_text("Ancienne robe")
    expect(rows.first).to_contain_text("Femme > Robes")
    expect(rows.first.get_by_role("link", name="Photo 2 of R-001")).to_have_attribute(
        "href", "https://pictures.example/1-back.jpg"
    )
    expect(rows.last).to_contain_text("Prix TTC (€): “cher” is not a price.")
    expect(staff.get_by_text("Columns that are not used: Poids.")).to_be_visible()
    assert sticks_out(staff) == 0
    staff.get_by_role("button", name="Import now").click()
    work()
    expect(staff.get_by_role("heading", name="Finished")).to_be_visible()
    assert Article.objects.count() == 11
    assert Article.objects.get(sku="R-001").name == "Robe d’été en lin numéro 1"

    hand_in(staff, live_server, file)
    work()
    expect(staff.get_by_role("heading", name="Checked", exact=True)).to_be_visible()
    expect(staff.get_by_text("as chosen last time")).to_be_visible()
    staff.locator(".columns summary").click()
    expect(staff.get_by_label("Kode")).to_have_value("sku")
    staff.get_by_role("button", name="Forget these columns and guess again").click()
    expect(staff.get_by_text("We could not tell which column is the SKU")).to_be_visible()


def test_columns_are_chosen_by_keyboard(staff: Page, live_server: LiveServer) -> None:
    run = handed_in(french(2))
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))

    staff.get_by_label("Kode").focus()
    staff.keyboard.type("SKU")
    staff.keyboard.press("Tab")
    expect_focus(staff.get_by_label("Libellé du modèle"))
    staff.get_by_role("button", name="Check the file").press("Enter")

    expect(staff.get_by_role("heading", name="Waiting to start")).to_be_visible()
    run.refresh_from_db()
    assert imports.chosen(run)[0] == "sku"


def test_an_import_with_columns_that_were_changed_and_not_looked_at_is_asked_about(
    staff: Page, live_server: LiveServer
) -> None:
    run = checked(french(2).replace("Kode", "Réf."))
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    staff.on("dialog", dismiss)
    staff.get_by_label("Coloris").select_option("brand")
    staff.get_by_role("button", name="Import now").click()

    assert asked == ["You changed columns without updating the preview. Import with the previous columns?"]
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED


def test_in_french_on_a_phone_the_page_keeps_its_width(staff: Page, live_server: LiveServer) -> None:
    run = checked(french(25).replace("Kode", "Réf."))
    staff.set_viewport_size({"width": 390, "height": 844})
    staff.goto(live_server.url + reverse("admin:catalogue_importrun_change", args=[run.pk]))

    staff.get_by_role("button", name="Français").click()

    expect(staff.get_by_role("heading", name="Les premières lignes")).to_be_visible()
    expect(staff.locator(".first-rows tbody tr")).to_have_count(20)
    expect(staff.locator(".first-rows tbody tr").first).to_contain_text("1,90")
    expect(staff.get_by_role("button", name="Actualiser l’aperçu")).to_be_visible()
    assert sticks_out(staff) == 0


def test_the_files_to_fill_in_are_there(staff: Page, live_server: LiveServer) -> None:
    staff.goto(live_server.url + ADD)

    staff.get_by_text("Download a table to fill in").click()
    with staff.expect_download() as download:
        staff.get_by_role("link", name="PrestaShop, in French").click()

    assert download.value.suggested_filename == "prestashop-fr.csv"
