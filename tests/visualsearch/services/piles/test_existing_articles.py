"""Category, colours and names of articles are being suggested from their photos, marked, confirmed, and taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from catalogue import history, jobs
from catalogue.feeds.batch import Batch, ChangedMeanwhileError
from catalogue.feeds.rows import ArticleRow
from catalogue.feeds.taxonomy import Terms
from catalogue.models import Article, ChangeSet, Colour, Photo
from catalogue.models.recording import Recording, continued
from tests.catalogue.api.conftest import client_of, send
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory
from tests.visualsearch.drawn_pile import drawn_pile
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services import versions
from visualsearch.services.piles import existing_articles
from visualsearch.services.piles.looking import Look
from visualsearch.services.piles.proposals import names_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LIST = reverse("admin:catalogue_article_changelist")


@pytest.fixture(autouse=True)
def palette() -> dict[str, Any]:
    return {
        slug: ColourFactory.create(slug=slug, name=name, name_fr=french, hex=hexadecimal)
        for slug, name, french, hexadecimal in (
            ("red", "Red", "Rouge", "#c81e28"),
            ("blue", "Blue", "Bleu", "#283cbe"),
            ("white", "White", "Blanc", "#f5f3ee"),
        )
    }


def photographed(drawn: str = "IMG_0001.jpg", /, **values: Any) -> Article:
    """Make an article with one of the drawn photos: IMG_0001 is red, IMG_0004 is blue."""
    article = ArticleFactory.create(**values)
    photo = Photo(article=article, position=0)
    photo.file.save("a.jpg", ContentFile(drawn_pile()[drawn]))
    return article


def proposed(*articles: Article, by: Any = None) -> ChangeSet:
    """Let a worker propose what the articles are, and return the change."""
    return worked_at(begun(*articles, by=by))


def begun(*articles: Article, by: Any = None) -> ChangeSet:
    change = existing_articles.begin([article.pk for article in articles], by=by)
    assert change is not None
    assert change.is_working
    return change


def worked_at(change: ChangeSet) -> ChangeSet:
    while jobs.run_slice(history.KIND, str(change.pk), for_s=60):
        pass
    change.refresh_from_db()
    return change


def colours_of(article: Article) -> list[str]:
    return [colour.name for colour in article.colours.all()]


def reasons(change: ChangeSet) -> dict[str, str]:
    return {name: why["code"] for name, _, why in change.left_out}


def test_colours_are_proposed_and_marked() -> None:
    red, blue = photographed(category=None), photographed("IMG_0004.jpg", category=None)

    change = proposed(red, blue)

    assert (colours_of(red), colours_of(blue)) == (["Red"], ["Blue"])
    assert (change.state, change.changed, change.left_out_count) == ("finished", 2, 0)
    for article in (red, blue):
        article.refresh_from_db()
        assert "colours" in article.proposed


def test_what_staff_said_stays(palette: dict[str, Any]) -> None:
    coats = CategoryFactory.create(slug="coats")
    article = photographed(sku="C-1", name="Coat", category=coats, colours=[palette["white"]])

    change = proposed(article)

    article.refresh_from_db()
    assert (article.name, article.category, colours_of(article), article.proposed) == ("Coat", coats, ["White"], [])
    assert reasons(change) == {"C-1": "history.nothing_to_propose"}


def test_what_cannot_be_looked_at_is_left_out_with_the_reason() -> None:
    bare, lost = ArticleFactory.create(sku="bare"), photographed(sku="lost")
    Path(lost.photos.get().file.path).unlink()

    change = proposed(bare, lost)

    assert reasons(change) == {"bare": "history.no_photo_to_look_at", "lost": "history.no_photo_to_look_at"}


def test_a_shop_without_colours_and_categories_is_told_that_nothing_was_seen() -> None:
    Colour.objects.all().delete()
    article = photographed(sku="D-1", name="Dress", category=None)

    assert reasons(proposed(article)) == {"D-1": "history.nothing_seen"}


@pytest.mark.parametrize(
    ("sku", "name", "unnamed"),
    [
        ("IMG_0001", "New product", True),
        ("IMG_0001", "IMG_0001", True),
        ("D-17", "DSC01234", False),
        ("10001", "501", False),
        ("IMG_0001", "Sam", False),
        ("D-17", "New product", False),
        ("D-17", "Red dress", False),
        ("IMG_0001", "Red dress", False),
    ],
)
def test_only_a_name_that_nobody_gave_is_proposed_anew(sku: str, name: str, unnamed: bool) -> None:
    french = "Nouvel article" if name == "New product" else ""

    assert existing_articles.is_unnamed(ArticleFactory.create(sku=sku, name=name, name_fr=french)) is unnamed


def test_an_import_of_photos_proposes_what_its_articles_are(
    tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("IMG_0001.jpg", "S-9_back.jpg"):
        (folder / name).write_bytes(drawn_pile()[name])

    call_command("import_catalogue", str(folder))
    change = ChangeSet.objects.get(action="propose")
    worked_at(change)

    assert "are being suggested from their photos" in capsys.readouterr().out
    made = {article.sku: article for article in Article.objects.all()}
    assert made["IMG_0001"].name not in {"IMG_0001", "New product"} or "name" not in made["IMG_0001"].proposed
    assert made["S-9_back"].name == "S-9_back"
    assert colours_of(made["IMG_0001"]) == ["Red"]
    assert "colours" in made["IMG_0001"].proposed

    call_command("import_catalogue", str(folder))
    assert ChangeSet.objects.filter(action="propose").count() == 1


def test_proposals_do_not_keep_an_import_from_being_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "IMG_0001.jpg").write_bytes(drawn_pile()["IMG_0001.jpg"])
    call_command("import_catalogue", str(folder), verbosity=0)
    worked_at(ChangeSet.objects.get(action="propose"))

    worked_at(history.begin_undo(ChangeSet.objects.get(edits__kind="article", how="command"), by=None))

    assert not Article.objects.exists()


def test_proposals_are_taken_back() -> None:
    article = photographed(category=None)
    change = proposed(article)

    worked_at(history.begin_undo(change, by=None))

    article.refresh_from_db()
    assert (colours_of(article), article.proposed, article.category) == ([], [], None)


def test_saving_the_form_confirms(admin_client: Client, palette: dict[str, Any]) -> None:
    article = photographed(name="Dress", category=None, proposed=["category", "colours"], colours=[palette["red"]])
    address = reverse("admin:catalogue_article_change", args=[article.pk])

    page = admin_client.get(address)
    form = page.context["adminform"].form
    sent = {
        **{name: form.get_initial_for_field(field, name) for name, field in form.fields.items()},
        "colours": [palette["red"].pk],
    }
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    saved = admin_client.post(address, {name: value for name, value in sent.items() if value is not None})

    assert "Category, Colours: correct what is wrong. Saving confirms the rest." in page.text
    assert saved.status_code == 302
    article.refresh_from_db()
    assert article.proposed == []
    assert "Saving confirms the rest" not in admin_client.get(address).text


def test_the_list_filters_and_confirms_what_was_proposed(admin_client: Client, palette: dict[str, Any]) -> None:
    open_one = ArticleFactory.create(name="To look at", proposed=["colours"], colours=[palette["red"]])
    ArticleFactory.create(name="Looked at")

    listed = admin_client.get(f"{LIST}?proposed=yes").text
    admin_client.post(LIST, {"action": "confirm", "_selected_action": [open_one.pk]})

    assert "To look at" in listed
    assert "Looked at" not in listed
    open_one.refresh_from_db()
    assert open_one.proposed == []


def test_staff_propose_from_the_list_and_are_led_to_the_progress(admin_client: Client) -> None:
    article = photographed(category=None)

    answer = admin_client.post(LIST, {"action": "propose", "_selected_action": [article.pk]})

    change = ChangeSet.objects.get(action="propose")
    assert answer.headers["Location"] == reverse("admin:catalogue_changeset_change", args=[change.pk])
    worked_at(change)
    page = admin_client.get(answer.headers["Location"])
    assert "Suggestions from photos" in page.text
    assert page.context["said"]["numbers"] == {"changed": 1, "left_out": 0}


def test_an_app_that_states_a_field_confirms_it(admin_user: Any) -> None:
    category = CategoryFactory.create(slug="dress")
    article = ArticleFactory.create(proposed=["category", "colours", "name"], category=category)

    staff = client_of(admin_user)
    send(staff, "patch", f"/api/articles/{article.pk}", {"name": "Dress", "stock": 3})
    read = staff.get(f"/api/articles/{article.pk}").json()

    assert read["written"]["proposed"] == ["category", "colours"]


def test_a_file_that_states_a_field_confirms_it(tmp_path: Path) -> None:
    category = CategoryFactory.create(slug="dress", name="Dresses")
    ArticleFactory.create(sku="D-1", proposed=["category", "colours", "name"], category=category)
    file = tmp_path / "known.csv"
    file.write_text("sku,colour,category,price\nD-1,Red,Dresses,\n", encoding="utf-8")

    call_command("import_catalogue", str(file), verbosity=0)

    assert Article.objects.get(sku="D-1").proposed == ["name"]


def test_changing_the_category_in_bulk_confirms_it() -> None:
    coats = CategoryFactory.create(slug="coats")
    article = ArticleFactory.create(proposed=["category", "colours"], category=CategoryFactory.create())

    history.begin("change_category", [article.pk], by=None, params={"category": coats.pk})

    article.refresh_from_db()
    assert (article.category, article.proposed) == (coats, ["colours"])


def test_a_change_waits_while_no_model_can_look(monkeypatch: pytest.MonkeyPatch) -> None:
    article = photographed(category=None)
    change = begun(article)

    def gone() -> Any:
        raise SearchUnavailableError("none")

    with monkeypatch.context() as patch, pytest.raises(history.NotNowError):
        patch.setattr(versions, "serving_version", gone)
        jobs.run_slice(history.KIND, str(change.pk), for_s=60)
    change.refresh_from_db()
    assert change.is_working
    assert worked_at(change).changed == 1


def test_a_picture_that_is_none_is_no_photo_to_look_at() -> None:
    article = ArticleFactory.create(sku="bad")
    photo = Photo(article=article, position=0)
    photo.file.save("a.jpg", ContentFile(io.BytesIO(b"no picture").getvalue()))

    assert reasons(proposed(article)) == {"bad": "history.no_photo_to_look_at"}


def test_names_that_an_import_of_photos_gave_are_those_of_the_folder_in_either_language() -> None:
    dresses = CategoryFactory.create(name="Dresses", name_fr="Robes")

    of_folder = ArticleFactory.create(sku="IMG_4", name="robes", name_fr="", category=dresses)
    of_staff = ArticleFactory.create(sku="IMG_5", name="Dresses", name_fr="Robes d’été", category=dresses)

    assert existing_articles.is_unnamed(of_folder)
    assert not existing_articles.is_unnamed(of_staff)


def test_a_slug_that_staff_chose_stays() -> None:
    article = photographed(sku="IMG_0001", name="New product", name_fr="Nouvel article", slug="chosen")
    CategoryFactory.create(slug="dress")

    existing_articles.apply({article.pk: [Look(b"", [["dress", 0.9]], [])]})

    article.refresh_from_db()
    assert (article.name, article.slug) == ("Dress", "chosen")


def test_a_name_is_as_long_as_its_column() -> None:
    long = ColourFactory.create(name="R" * 190, name_fr="R" * 190)

    names = names_of("dress", None, [long, ColourFactory.create(name="B" * 190, name_fr="B" * 190)])

    assert [len(name) for name in names] == [200, 200]


def test_what_was_confirmed_since_stays_when_proposals_are_taken_back() -> None:
    kept, other = photographed(category=None), photographed("IMG_0004.jpg", category=None)
    change = proposed(kept, other)
    history.begin("confirm", [kept.pk], by=None)

    undo = worked_at(history.begin_undo(change, by=None))

    assert (colours_of(kept), colours_of(other)) == (["Red"], [])
    assert [field for _, field, _ in undo.left_out] == ["colours"]
    other.refresh_from_db()
    assert other.proposed == []


def test_a_mark_goes_with_what_it_marks_when_a_part_was_confirmed(admin_user: Any) -> None:
    CategoryFactory.create(slug="dress", name="Dress", name_fr="Robe")
    article = photographed(sku="IMG_0001", name="New product", name_fr="Nouvel article", category=None)
    look = Look(b"", [["dress", 0.9]], [])
    change = begun(article)
    with (
        continued(Recording("bulk", key=change.pk, stored=True)) as recording,
        transaction.atomic(),
        recording.together(),
    ):
        existing_articles.apply({article.pk: [look]})
    ChangeSet.objects.filter(pk=change.pk).update(state="finished")

    send(client_of(admin_user), "patch", f"/api/articles/{article.pk}", {"name": "Best dress"})
    article.refresh_from_db()
    assert (article.name, article.name_fr, article.proposed) == ("Best dress", "", ["category"])
    worked_at(history.begin_undo(change, by=None))

    article.refresh_from_db()
    assert (article.name, article.category, article.proposed) == ("Best dress", None, [])


def test_what_is_complete_is_not_looked_at(palette: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    article = photographed(name="Coat", category=CategoryFactory.create(), colours=[palette["white"]])
    monkeypatch.setattr(existing_articles, "read_image", None)

    assert existing_articles.look_at([article.pk]) == {article.pk: []}


def test_the_same_proposals_again_are_no_change() -> None:
    article = photographed(category=None)
    proposed(article)

    again = proposed(article)

    assert (again.changed, again.edits.count(), reasons(again)) == (0, 0, {article.sku: "history.proposed_already"})


def test_articles_that_are_gone_are_no_error(admin_client: Client) -> None:
    answer = admin_client.post(LIST, {"action": "propose", "_selected_action": [999_999]}, follow=True)

    assert answer.status_code == 200
    assert "Suggestions were made for 0 products." in answer.text


def test_proposals_of_an_import_are_begun_once() -> None:
    article = photographed(category=None)

    first = existing_articles.begin([article.pk], by=None, after="a")
    again = existing_articles.begin([article.pk], by=None, after="a")

    assert first is not None
    assert again is None


def test_a_file_that_was_read_before_a_proposal_confirms_it_all_the_same() -> None:
    CategoryFactory.create(slug="dress", name="Dresses")
    article = photographed(sku="D-1", name="Coat", category=None)
    batch = Batch([ArticleRow("2", "D-1", category=("Dresses",), colours=("Red",))], published=True)
    batch.prepare()
    proposed(article)

    with pytest.raises(ChangedMeanwhileError), transaction.atomic():
        batch.write(Terms())


def test_the_category_that_staff_set_in_bulk_is_theirs_also_where_it_was_proposed() -> None:
    coats = CategoryFactory.create(slug="coats")
    article = ArticleFactory.create(proposed=["category"], category=coats)

    change = history.begin("change_category", [article.pk], by=None, params={"category": coats.pk})

    article.refresh_from_db()
    assert (article.proposed, change.changed) == ([], 1)


def test_a_form_that_is_refused_still_says_what_was_proposed(admin_client: Client, palette: dict[str, Any]) -> None:
    article = photographed(name="Dress", category=None, proposed=["colours"], colours=[palette["red"]])

    page = admin_client.post(reverse("admin:catalogue_article_change", args=[article.pk]), {"name": ""})

    assert "Colours: correct what is wrong. Saving confirms the rest." in page.text
    article.refresh_from_db()
    assert article.proposed == ["colours"]


def test_a_change_that_nothing_here_does_waits() -> None:
    change = begun(photographed(category=None))
    ChangeSet.objects.filter(pk=change.pk).update(action="unknown")

    with pytest.raises(history.NotNowError):
        jobs.run_slice(history.KIND, str(change.pk), for_s=60)
