"""What staff see of a file before anything of it is written."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from catalogue.feeds import importing
from catalogue.feeds.templates import TEMPLATES
from catalogue.imports import worker
from catalogue.models import Article, Category, ImportRun
from tests.catalogue.imports.handed_in import checked
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]

SHIRTS = """sku,name,category,brand,price,stock,cost
old,,Tops > Shirts,,12.50,,3
new,Blue shirt,Tops > Shirts,H&M,39.90,5,3
bad,,Tops > Shirts,HM,cheap,many,3
"""


@pytest.fixture
def old() -> Article:
    tops = CategoryFactory.create(name="Tops", slug="tops")
    return ArticleFactory.create(
        sku="old", name="Old shirt", price="10.00", stock=3, category=tops, brand=BrandFactory.create(name="Anna")
    )


def seen(client: Client, run: ImportRun, language: str = "en") -> str:
    """Return the words of an import's page."""
    address = reverse("admin:catalogue_importrun_change", args=[run.pk])
    page = client.get(address, headers={"Accept-Language": language})
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()).replace("&amp;", "&").replace("&gt;", ">"))


def test_an_article_is_shown_before_and_after_and_what_would_be_new(admin_client: Client, old: Article) -> None:
    words = seen(admin_client, checked(SHIRTS))

    assert "Read as a table." in words
    assert "Columns that are not used: cost." in words
    assert "New categories (1) Tops > Shirts" in words
    assert "New brands (1) H&M" in words
    assert "2 old updated €10.00 → €12.50 Tops → Tops > Shirts" in words
    assert "3 new new Blue shirt €39.90 5 Tops > Shirts H&M" in words
    # All that is wrong with a row.
    assert "“cheap” is not a price" in words
    assert "“many” is not a stock quantity" in words
    # Nothing of it is there.
    old.refresh_from_db()
    assert (str(old.price), Article.objects.count(), Category.objects.count()) == ("10.00", 1, 1)


def test_an_import_keeps_what_its_check_showed(admin_client: Client, old: Article) -> None:
    run = checked(SHIRTS)
    before = (run.new_terms, run.previews, run.notes)

    worker.KIND.rows().filter(pk=run.pk).update(
        state=ImportRun.State.IMPORTING, created=0, changed=0, refused=0, cursor=0
    )
    while worker.run_slice(run.pk, for_s=60):
        pass

    run.refresh_from_db()
    assert run.state == "finished"
    assert (run.new_terms, run.previews, run.notes) == before
    assert Category.objects.filter(name="Shirts").count() == 1


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_the_first_rows_are_shown_in_their_order_with_those_that_are_refused(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    assert importing.PREVIEWED == 20
    monkeypatch.setattr(importing, "PREVIEWED", 3)
    monkeypatch.setattr(worker, "import_articles", partial(importing.import_articles, batch_size=2))

    run = checked("sku,price\n" + "".join(f"{n},{'dear' if n == 1 else n}\n" for n in range(rows)))

    assert [each["sku"] for each in run.first_rows] == [str(n) for n in range(min(rows, 3))]
    assert [bool(each["error"]) for each in run.first_rows] == [False, True, False][: min(rows, 3)]


def test_a_row_is_shown_as_it_would_become(admin_client: Client, old: Article) -> None:
    known = "old,Old shirt,12.50,CHF,0,[clear],,red|blue,S|M,no,,\n"
    pictures = "|".join(f"https://pictures.example/{n}.jpg" for n in range(7))

    run = checked(
        "sku,name,price,currency,stock,brand,category,colour,size,published,photo_url,photo_alt\n"
        f"{known}new,A &lt;b&gt; coat,1299,,,,,,,,{pictures},\nbad,Coat,dear,,,,,,,,,\n"
    )
    words = seen(admin_client, run)
    page = admin_client.get(reverse("admin:catalogue_importrun_change", args=[run.pk])).text

    assert "2 old updated Old shirt €10.00 → CHF12.50 3 → 0 Anna → – red, blue S, M yes → no" in words
    assert "3 new new A &lt;b> coat €1,299.00" in words
    assert 'href="https://pictures.example/4.jpg" target="_blank" rel="noopener noreferrer"' in page
    assert "https://pictures.example/5.jpg" not in page
    assert "7 1 2 3 4 5 …" in words
    assert "4 bad not imported price: “dear” is not a price." in words


def test_articles_that_change_further_on_are_shown_with_what_changes(admin_client: Client, old: Article) -> None:
    new = "".join(f"{n},New\n" for n in range(20))

    words = seen(admin_client, checked(f"sku,name\n{new}old,Shirt\n"))

    assert "The first changed products Line SKU Name What changes 22 old Shirt name: Old shirt → Shirt" in words


def test_a_row_that_changes_nothing_says_so(admin_client: Client, old: Article) -> None:
    words = seen(admin_client, checked("sku,name,price\nold,Old shirt,10\n"))

    assert "2 old unchanged Old shirt €10.00" in words


def test_more_errors_than_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ERRORS_AT_MOST", 3)
    monkeypatch.setattr(importing, "BATCH_SIZE", 2)

    run = checked("sku,price\n" + "".join(f"{n},dear\n" for n in range(5)))

    assert (run.refused, list(run.refusals.values_list("line", flat=True))) == (5, ["2", "3", "4"])


def test_more_new_categories_than_are_kept_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker.NEW_TERMS_AT_MOST == 1_000
    monkeypatch.setattr(worker, "NEW_TERMS_AT_MOST", 2)

    run = checked("sku,category\n1,A\n2,B\n3,C\n")

    assert run.new_terms == [["category", "A"], ["category", "B"]]


def test_a_workbook_is_handed_in_like_any_file(admin_client: Client) -> None:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    workbook.active.append(["sku", "name", "price"])
    workbook.active.append(["w1", "Hat", 9.5])
    workbook.save(file)

    words = seen(admin_client, checked(file.getvalue(), "spring.xlsx"))

    assert "2 w1 new Hat €9.50" in words


def test_the_page_speaks_french(admin_client: Client, old: Article) -> None:
    words = seen(admin_client, checked(SHIRTS), "fr")

    assert "Colonnes non utilisées" in words
    assert "Nouvelles catégories" in words


@pytest.mark.parametrize("file", TEMPLATES)
def test_each_file_to_fill_in_is_one_that_can_be_imported(admin_client: Client, file: str) -> None:
    form = admin_client.get(reverse("admin:catalogue_importrun_add")).text
    address = reverse("admin:catalogue_importrun_template", args=[file])

    answer = admin_client.get(address)
    run = checked(answer.content, file)

    assert f'href="{address}"' in form
    assert answer["Content-Disposition"] == f'attachment; filename="{file}"'
    assert (run.state, run.kind) == ("checked", TEMPLATES[file].kind)
    assert (run.created, run.refused, run.awaited) == (1, 0, 2)
    # What Magento's own import needs is the only thing that is not used.
    unused = {"columns": ["attribute_set_code", "product_type"]}
    assert run.notes == ([{"code": "feed.unused_columns", "params": unused}] if file == "magento.csv" else [])


def test_there_is_no_other_file_to_fill_in(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:catalogue_importrun_template", args=["x.csv"])).status_code == 404


def test_nobody_without_the_right_to_import_gets_it(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("eva", is_staff=True))

    address = reverse("admin:catalogue_importrun_template", args=["articles.csv"])

    assert client.get(address).status_code == 403


def test_what_articles_are_filed_under_is_in_the_readers_language(admin_client: Client) -> None:
    women = CategoryFactory.create(name="Women", name_fr="Femme")
    CategoryFactory.create(name="Dresses", name_fr="Robes", parent=women)
    ColourFactory.create(name="Red", name_fr="Rouge")
    ArticleFactory.create(sku="OLD", category=women)
    run = checked("sku,name,category,colour\nA-1,One,Women > Dresses,Red\nOLD,Old,Women > Dresses,Red\n")

    page = admin_client.get(
        reverse("admin:catalogue_importrun_change", args=[run.pk]), headers={"Accept-Language": "fr"}
    )

    (new, old) = page.context["first"]["rows"]
    said = {name: cell["after"] for name, cell in zip(page.context["first"]["fields"], new["cells"], strict=True)}
    assert said["catégorie"] == ["Femme > Robes"]
    assert said["couleurs"] == ["Rouge"]
    assert ["Femme"] in [cell["before"] for cell in old["cells"]]


def test_a_french_name_that_stays_is_shown_beside_the_name_that_changes(admin_client: Client) -> None:
    ArticleFactory.create(sku="OLD", name="Dress", name_fr="Robe")
    run = checked("Référence;Nom\nOLD;Robe longue\n")

    page = admin_client.get(
        reverse("admin:catalogue_importrun_change", args=[run.pk]), headers={"Accept-Language": "fr"}
    )

    assert page.context["first"]["fields"] == ["nom", "nom en français"]
    name, french = page.context["first"]["rows"][0]["cells"]
    assert (name["before"], name["after"]) == (["Dress"], ["Robe longue"])
    assert (french["differs"], french["after"]) == (False, ["Robe"])


def test_an_sku_that_is_in_the_bin_is_told_of(admin_client: Client) -> None:
    for sku in ("B-1", "B-2", "B-3"):
        ArticleFactory.create(sku=sku).delete()
    ArticleFactory.create(sku="B-3")
    run = checked("sku,name\nB-1,One\nB-2,Two\nB-3,Three\nN-1,New\n")

    page = admin_client.get(reverse("admin:catalogue_importrun_change", args=[run.pk])).text

    assert "2 products of the file are in the bin (B-1, B-2) and will be added as new products." in page
    assert "restore them from the bin first." in page
    assert "<h2>Not imported</h2>" not in page
