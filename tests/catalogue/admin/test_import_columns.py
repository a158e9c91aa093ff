"""The columns of an import, over HTTP: seen, chosen, refused with the reason beside them, kept and forgotten."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from catalogue import imports
from catalogue.admin.import_columns import LABELS
from catalogue.feeds.csv_reader import FIELDS
from catalogue.models import Article, ColumnMapping, ImportRun
from tests.catalogue.imports.handed_in import checked, handed_in, sent

pytestmark = [pytest.mark.django_db, pytest.mark.switch]
State = ImportRun.State

FRENCH = "Réf.;Libellé;Prix TTC;Prix HT\nR-1;Robe <b>;39,90;33,25\n"
UNKNOWN = "Kode;Ding;Prix TTC\nR-1;Robe;39,90\n"


def page(run: ImportRun, name: str = "change") -> str:
    return reverse(f"admin:catalogue_importrun_{name}", args=[run.pk])


def choose(client: Client, run: ImportRun, *fields: str, do: str = "choose", **options: Any) -> Any:
    data = {f"column_{index}": field for index, field in enumerate(fields)}
    return client.post(page(run, "columns"), data | {"columns": do}, **options)


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def test_every_field_has_a_name_for_people() -> None:
    assert set(LABELS) == set(FIELDS)


def test_a_column_is_shown_with_some_of_its_cells_and_the_field_that_was_guessed(admin_client: Client) -> None:
    run = checked(FRENCH)

    answer = admin_client.get(page(run))

    assert "Columns 3 of 4 columns are used" in words_of(answer)
    assert '<label for="id_column_1">Libellé</label>' in answer.text
    assert "Robe &lt;b&gt;" in answer.text
    assert [answer.context["form"][f"column_{n}"].value() for n in range(4)] == ["sku", "name", "price", ""]
    assert answer.text.count("guessed from the heading") == 3
    assert "data-changed" not in answer.text


def test_a_file_without_a_known_number_is_not_checked_before_staff_choose(admin_client: Client) -> None:
    admin_client.post(reverse("admin:catalogue_importrun_add"), {"file": sent(UNKNOWN)})
    run = ImportRun.objects.get()
    asked = admin_client.get(page(run))

    answer = choose(admin_client, run, "sku", "name", "price")

    assert "We could not tell which column is the SKU" in asked.text
    assert 'value="start"' not in asked.text
    assert 'value="cancel"' in asked.text
    assert answer["Location"] == page(run)
    while imports.run_slice(run.pk, for_s=60):
        pass
    assert "Columns 3 of 3 columns are used" in words_of(admin_client.get(page(run)))
    run.refresh_from_db()
    assert (run.state, run.created) == (State.CHECKED, 1)


@pytest.mark.parametrize(
    ("fields", "column", "words"),
    [
        (("", "name", "price", ""), "column_0", "No column is chosen as the SKU. Choose the one"),
        (("sku", "name", "price", "price"), "column_3", "Another column is already used for this field."),
        (("sku", "name", "", "currency"), "column_3", "This column adds to another one, which isn’t chosen."),
        (("sku", "name", "price", "cost"), "column_3", "Select a valid choice."),
    ],
)
def test_columns_that_cannot_be_read_are_told_beside_them_and_nothing_changes(
    admin_client: Client, fields: tuple[str, ...], column: str, words: str
) -> None:
    run = checked(FRENCH)
    before = ImportRun.objects.values().get()

    answer = choose(admin_client, run, *fields)

    assert answer.status_code == 200
    # So that the page asks before it imports with the columns as they were.
    assert "data-changed" in answer.text
    assert [name for name, errors in answer.context["form"].errors.items() if words in str(errors)] == [column]
    assert [answer.context["form"][f"column_{n}"].value() for n in range(4)] == list(fields)
    assert ImportRun.objects.values().get() == before
    assert not ColumnMapping.objects.exists()


def test_the_next_file_with_these_headings_starts_with_what_was_chosen_and_says_so(admin_client: Client) -> None:
    choose(admin_client, handed_in(UNKNOWN), "sku", "name", "price")

    run = checked(UNKNOWN)
    shown = admin_client.get(page(run))
    forgotten = choose(admin_client, run, do="forget", follow=True)

    assert "as chosen last time" in shown.text
    assert "You imported a file with these headings before" in shown.text
    assert str(ColumnMapping.objects.first()) == "None"
    assert "We could not tell which column is the SKU" in forgotten.text
    assert 'value="forget"' not in forgotten.text


def test_a_known_format_tells_its_columns_and_can_be_read_as_a_table(admin_client: Client) -> None:
    run = checked("Handle,Title,Variant Price,Cost\ncoat,Coat,5,1\n")
    shown = words_of(admin_client.get(page(run)))

    table = choose(admin_client, run, do="table", follow=True)
    back = choose(admin_client, run, do="recognised", follow=True)

    assert "Columns in the format of Shopify Handle coat used" in shown
    assert "Cost 1 not used" in shown
    assert "Read it as Shopify again" in table.text
    assert "Read as Shopify." in back.text


def test_what_is_said_on_the_server_is_shown(admin_client: Client) -> None:
    run = checked("Réf.;L'article\nR-1;Robe\n")
    choose(admin_client, run, "sku", "name")

    assert "--map &#x27;sku=Réf.,name=L&#x27;&quot;&#x27;&quot;&#x27;article&#x27;" in admin_client.get(page(run)).text


def test_columns_cannot_be_chosen_once_the_import_has_begun(admin_client: Client) -> None:
    run = checked(FRENCH)
    imports.start(run)

    shown = admin_client.get(page(run))
    answer = choose(admin_client, run, "sku", "name", "", "price", follow=True)

    assert "columns-form" not in shown.text
    assert "Too late: the import had already moved on." in answer.text
    run.refresh_from_db()
    assert run.state == State.IMPORTING


def test_staff_who_may_only_look_cannot_choose(client: Client) -> None:
    run = checked(FRENCH)
    user = User.objects.create_user("looker", password="secret", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_importrun"))
    client.force_login(user)

    assert 'value="choose"' not in client.get(page(run)).text
    assert choose(client, run, "sku", "", "", "").status_code == 403
    assert client.get(page(run, "columns"))["Location"] == page(run)
    run.refresh_from_db()
    assert imports.chosen(run) == ["sku", "name", "price", ""]
    assert not Article.objects.exists()


def test_the_page_speaks_french(admin_client: Client) -> None:
    run = checked(FRENCH)

    words = words_of(admin_client.get(page(run), headers={"accept-language": "fr"}))

    assert "Colonnes 3 sur 4 colonnes utilisées" in words
    assert "devinée d’après l’en-tête" in words
    assert "Prix TTC" in words
    assert "39,90" in words
