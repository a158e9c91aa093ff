"""Which columns of a table hold what: guessed at first, chosen by staff, kept for the next file."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue import imports
from catalogue.feeds import import_articles
from catalogue.imports import mapping, worker
from catalogue.imports.kept_columns import keep
from catalogue.models import Article, ColumnMapping, ImportRun
from tests.catalogue.imports.handed_in import checked, handed_in, workbook
from tests.factories import drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = ImportRun.State

FRENCH = "Réf.;Libellé;Prix TTC;Prix HT;Coloris;Poids\nR-1;Robe;39,90;33,25;rouge;200\nR-2;Jupe;cher;33,25;bleu;\n"
UNKNOWN = "Kode;Ding;Prix TTC\nR-1;Robe;39,90\n"


def read_to_the_end(run: ImportRun) -> ImportRun:
    while imports.run_slice(run.pk, for_s=60):
        pass
    run.refresh_from_db()
    return run


def test_a_foreign_table_is_checked_with_the_columns_that_were_guessed() -> None:
    run = checked(FRENCH)

    assert (run.state, run.mapped_by) == (State.CHECKED, "guess")
    assert imports.chosen(run) == ["sku", "name", "price", "", "colour", ""]
    assert run.table[0] == {"name": "Réf.", "samples": ["R-1", "R-2"]}
    assert (run.created, run.refused) == (1, 1)
    assert run.notes == [{"code": "feed.unused_columns", "params": {"columns": ["Prix HT", "Poids"]}}]


def test_a_workbook_is_looked_at_like_any_table() -> None:
    run = checked(workbook(["Réf.", "Prix TTC"], ["R-1", 39.9], ["R-1", None]), "printemps.xlsx")

    assert run.table == [{"name": "Réf.", "samples": ["R-1"]}, {"name": "Prix TTC", "samples": ["39.9"]}]
    assert imports.chosen(run) == ["sku", "price"]


def test_a_table_whose_numbers_are_not_known_waits_for_staff() -> None:
    run = handed_in(UNKNOWN)

    assert (run.state, run.is_working) == (State.MAPPING, False)
    assert not imports.run_slice(run.pk, for_s=60)
    assert not imports.start(run)
    assert imports.choose(run, ["sku", "name", "price"])
    read_to_the_end(run)
    assert (run.state, run.created, run.mapped_by) == (State.CHECKED, 1, "staff")


def test_other_columns_are_checked_anew_and_nothing_of_the_first_check_stays() -> None:
    run = checked(FRENCH)

    assert imports.choose(run, ["sku", "name", "", "price", "brand", ""])
    run.refresh_from_db()
    assert (run.state, run.total, run.created, run.refused, run.cursor) == (State.CHECKING, None, 0, 0, 0)
    assert (run.notes, run.new_terms, run.first_rows, run.refusals.count()) == ([], [], [], 0)
    read_to_the_end(run)

    assert (run.created, run.refused) == (2, 0)
    assert run.new_terms == [["brand", "rouge"], ["brand", "bleu"]]
    imports.start(run)
    read_to_the_end(run)
    assert [str(article.price) for article in Article.objects.order_by("sku")] == ["33.25", "33.25"]


def test_a_worker_that_is_at_it_when_the_columns_change_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = handed_in(FRENCH)

    record = worker._note

    def choose_meanwhile(*args: Any) -> None:
        assert imports.choose(run, ["sku", "name", "", "price", "", ""])
        record(*args)

    with monkeypatch.context() as patched:
        patched.setattr(worker, "_note", choose_meanwhile)
        assert imports.run_slice(run.pk, for_s=60) is False

    run.refresh_from_db()
    assert (run.state, run.total, run.first_rows, run.lease_token) == (State.CHECKING, None, [], "")
    assert read_to_the_end(run).refused == 0


@pytest.mark.parametrize("state", [State.IMPORTING, State.FINISHED, State.CANCELLED, State.FAILED])
def test_columns_are_not_changed_once_it_is_written(state: str) -> None:
    run = checked(FRENCH)
    ImportRun.objects.update(state=state)

    assert not imports.choose(run, ["sku", "name", "", "", "", ""])
    assert not imports.forget(run)
    assert not imports.read_as_table(run)
    assert not ColumnMapping.objects.exists()
    run.refresh_from_db()
    assert (run.state, run.created) == (state, 1)


def test_columns_that_cannot_be_read_are_no_choice() -> None:
    run = checked(FRENCH)

    with pytest.raises(ValueError, match="cannot be read"):
        imports.choose(run, ["", "name", "", "", "", ""])

    run.refresh_from_db()
    assert run.state == State.CHECKED


def test_the_first_rows_are_there_before_the_whole_file_is_checked(
    monkeypatch: pytest.MonkeyPatch, admin_client: Client
) -> None:
    monkeypatch.setattr(worker.KIND, "TIMES_ITS_START", 0)
    monkeypatch.setattr(worker, "import_articles", partial(import_articles, batch_size=1))
    run = handed_in(FRENCH)
    progress = reverse("admin:catalogue_importrun_progress", args=[run.pk])
    before = admin_client.get(progress).json()["revision"]

    assert imports.run_slice(run.pk, for_s=0)

    assert (before, admin_client.get(progress).json()["revision"]) == ("checking-0", "checking-0-rows")
    page = admin_client.get(reverse("admin:catalogue_importrun_change", args=[run.pk]))
    assert [row["sku"] for row in page.context["first"]["rows"]] == ["R-1"]


def test_what_staff_chose_is_kept_for_the_same_headings_in_any_order_and_letter_case() -> None:
    imports.choose(handed_in(UNKNOWN), ["sku", "name", "price"])

    same = checked("PRIX TTC;kode;Ding\n5;R-9;Hut\n")
    other = handed_in("Kode;Ding;Prix TTC;Poids\nR-1;Robe;39,90;3\n")

    assert (same.mapped_by, imports.chosen(same), same.created) == ("kept", ["price", "sku", "name"], 1)
    assert other.state == State.MAPPING


def test_a_guess_is_kept_once_staff_import_with_it_and_our_own_columns_are_not() -> None:
    guessed, own = checked(FRENCH), checked("sku,name\nR-1,Robe\n")

    imports.start(own)
    assert not ColumnMapping.objects.exists()
    imports.start(guessed)

    assert handed_in(FRENCH).mapped_by == "kept"
    assert ColumnMapping.objects.count() == 1


def test_what_was_kept_is_changed_and_forgotten() -> None:
    imports.choose(handed_in(FRENCH), ["sku", "name", "", "price", "", ""])
    run = checked(FRENCH)
    assert imports.chosen(run) == ["sku", "name", "", "price", "", ""]

    imports.choose(run, ["sku", "name", "", "price", "brand", ""])
    assert imports.chosen(handed_in(FRENCH)) == ["sku", "name", "", "price", "brand", ""]
    assert imports.forget(run)

    run.refresh_from_db()
    assert (run.mapped_by, imports.chosen(run)) == ("guess", ["sku", "name", "price", "", "colour", ""])
    assert not ColumnMapping.objects.exists()


def test_a_kept_choice_without_fields_that_exist_any_more_is_no_choice() -> None:
    run = handed_in(FRENCH)
    names = imports.names_of(run)
    keep(names, {"sku": ("Réf.",), "lost": ("Poids",)})
    assert imports.kept_for(names) == {"sku": ("Réf.",)}

    keep(names, {"lost": ("Poids",)})

    assert imports.kept_for(names) is None


def test_a_known_format_can_be_read_as_a_table_and_back() -> None:
    run = checked("Handle,Title,Variant Price,Cost\ncoat,Coat,5,1\n")
    assert (run.kind, [column["used"] for column in run.table]) == ("shopify", [True, True, True, False])

    assert imports.read_as_table(run)
    run.refresh_from_db()
    assert (run.kind, imports.chosen(run)) == ("csv", ["sku", "name", "price", ""])
    assert imports.choose(run, ["name", "sku", "price", "stock"])
    read_to_the_end(run)
    assert run.first_rows[0]["sku"] == "Coat"
    assert imports.read_as_recognised(run)

    run.refresh_from_db()
    assert (run.kind, run.columns) == ("shopify", {})
    assert read_to_the_end(run).first_rows[0]["sku"] == "coat"


@pytest.mark.parametrize(("columns", "shown"), [(300, 300), (301, 300)])
def test_so_many_columns_can_be_chosen_and_those_behind_them_mean_what_they_are_called(
    columns: int, shown: int
) -> None:
    headings = [f"c{number}" for number in range(columns - 1)] + ["sku"]

    run = handed_in(f"{','.join(headings)}\n{','.join('x' * columns)}\n")

    assert mapping.COLUMNS_AT_MOST == 300
    assert len(run.table) == shown
    assert read_to_the_end(run).created == 1


def test_an_import_of_before_has_no_columns_to_choose() -> None:
    run = checked(FRENCH)
    ImportRun.objects.update(table=[], columns={"sku": "Réf.", "name": "Libellé"}, mapped_by="")
    run.refresh_from_db()

    assert not imports.forget(run)
    assert imports.start(run)
    read_to_the_end(run)

    assert (run.state, Article.objects.count()) == (State.FINISHED, 2)


def zipped(table: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("printemps/articles.csv", table)
        file.writestr("printemps/robe.jpg", drawn_picture())
    return content.getvalue()


def test_the_columns_of_a_table_within_a_zip_are_guessed_and_its_photos_found() -> None:
    run = checked(zipped("Réf.;Libellé;Visuel\nR-1;Robe;robe.jpg\n"), "printemps.zip")

    assert (run.state, run.kind, run.recognised, run.mapped_by) == (State.CHECKED, "zip", "csv", "guess")
    assert imports.chosen(run) == ["sku", "name", "photo"]
    imports.start(run)
    read_to_the_end(run)
    assert Article.objects.get(sku="R-1").photos.count() == 1


def test_the_columns_of_a_table_within_a_zip_are_chosen_and_kept_for_the_next() -> None:
    run = handed_in(zipped("Kode;Ding;Bild\nR-1;Robe;robe.jpg\n"), "printemps.zip")
    assert run.state == State.MAPPING

    assert imports.choose(run, ["sku", "name", "photo"])

    read_to_the_end(run)
    assert (run.state, run.kind, run.created, run.refused) == (State.CHECKED, "zip", 1, 0)
    assert [row["photos"] for row in run.first_rows] == [1]
    again = checked(zipped("Kode;Ding;Bild\nR-2;Jupe;robe.jpg\n"), "été.zip")
    assert (again.state, again.mapped_by, again.created) == (State.CHECKED, "kept", 1)


def test_a_known_format_within_a_zip_is_read_as_a_table_and_back() -> None:
    table = "Handle,Title,Variant Price\nrobe,Robe,39.90\n"
    run = checked(zipped(table), "shopify.zip")
    assert (run.kind, run.recognised, run.mapped_by, run.created) == ("zip", "shopify", "", 1)

    assert imports.read_as_table(run)
    run.refresh_from_db()
    assert (run.kind, run.mapped_by, imports.chosen(run)) == ("zip", "guess", ["sku", "name", "price"])

    assert imports.read_as_recognised(run)
    read_to_the_end(run)
    assert (run.kind, run.columns, run.created) == ("zip", {}, 1)


def test_photos_alone_have_no_columns() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("Robes/A-1.jpg", drawn_picture())

    run = checked(content.getvalue(), "photos.zip")

    assert (run.state, run.table, run.mapped_by, run.created) == (State.CHECKED, [], "", 1)


def test_the_first_rows_have_prices_before_a_reduction_and_variants() -> None:
    run = checked("Réf.;Prix;Prix barré;Taille;EAN;variant_stock\nR-1;5;9;36|38;4006381333931|96385074;1|2\n")

    (row,) = run.first_rows
    values = {name: after for name, _differs, _before, after in row["values"]}
    assert imports.chosen(run) == ["sku", "price", "regular_price", "size", "variant_barcode", "variant_stock"]
    assert (values["regular_price"], values["stock"], values["variants"]) == ("9.00", "3", "36: 1, 38: 2")


def test_additional_categories_of_a_foreign_table_are_shown_as_they_would_become() -> None:
    run = checked("Réf.;Catégorie;Autres catégories\nR-1;Femme / Robes;Femme / Soldes, Nouveautés\n")

    (row,) = run.first_rows
    values = {name: after for name, _differs, _before, after in row["values"]}
    assert imports.chosen(run) == ["sku", "category", "additional_category"]
    assert (values["category"], values["additional_categories"]) == ("Femme > Robes", ["Femme > Soldes", "Nouveautés"])
