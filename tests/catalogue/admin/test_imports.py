"""Importing in the browser, over HTTP. The broker is down throughout: the reconciler finds whatever it does."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import imports
from catalogue.models import Article, ImportRefusal, ImportRun
from tests.catalogue.imports.handed_in import BOMB, checked, handed_in, kept_files, sent, table
from tests.factories import ArticleFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Page

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]
State = ImportRun.State

LIST = reverse("admin:catalogue_importrun_changelist")
ADD = reverse("admin:catalogue_importrun_add")


def page(run: ImportRun, name: str = "change") -> str:
    return reverse(f"admin:catalogue_importrun_{name}", args=[run.pk])


def steer(client: Client, run: ImportRun, wanted: str) -> Page:
    return client.post(page(run, "steer"), {"do": wanted}, follow=True)


def buttons(client: Client, run: ImportRun) -> list[str]:
    return re.findall(r'name="do" value="(\w+)"', client.get(page(run)).content.decode())


def test_a_file_is_handed_in_checked_looked_at_and_imported(admin_client: Client) -> None:
    answer = admin_client.post(ADD, {"file": sent(table(3, bad=1)), "hidden": "on"})

    run = ImportRun.objects.get()
    assert answer["Location"] == page(run)
    assert (str(run.by), run.published) == ("admin", False)
    assert buttons(admin_client, run) == ["pause", "cancel"]
    imports.run_slice(run.pk, for_s=60)
    assert "Preview. Nothing has been changed yet." in admin_client.get(page(run)).content.decode()
    assert buttons(admin_client, run) == ["start", "cancel"]
    steer(admin_client, run, "start")
    assert not Article.objects.exists()
    imports.run_slice(run.pk, for_s=60)
    assert Article.objects.count() == 3
    assert buttons(admin_client, run) == []


def test_the_page_tells_what_a_checked_file_would_do(admin_client: Client) -> None:
    ArticleFactory.create(sku="A-1", name="Old", price="1.00")
    run = checked(
        "sku,name,price,brand,category,Cost\nA-1,A &lt;b&gt; coat,2.50,H&amp;M,Women > Hats,1\nA-2,Coat,5,,,\n"
    )

    shown = admin_client.get(page(run)).content.decode()

    for words in ("Columns that are not used: Cost.", "Women &gt; Hats", "H&amp;M", "2.50", "A &lt;b&gt; coat", "Coat"):
        assert words in shown
    assert "A <b> coat" not in shown


def test_columns_of_other_names_and_another_encoding_are_read(admin_client: Client) -> None:
    file = sent("ref;libellé\n1;Été\n".encode("cp1252"))

    admin_client.post(ADD, {"file": file, "encoding": "cp1252"})

    run = ImportRun.objects.get()
    for _ in range(2):
        imports.run_slice(run.pk, for_s=60)
        imports.start(run)
    assert Article.objects.get().name == "Été"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        pytest.param(sent(BOMB, "bomb.xml"), "document type declaration", id="an XML bomb"),
        pytest.param(sent("Réf.;Nom\n", "a.csv"), "a.csv has no products", id="headings alone"),
        pytest.param(sent(b"PK\0\0", "<b>.zip"), "&lt;b&gt;.zip is neither a text file", id="an archive"),
        pytest.param("", "This field is required.", id="nothing"),
    ],
)
def test_a_refused_file_is_answered_with_the_reason_and_leaves_nothing(
    admin_client: Client, file: object, words: str
) -> None:
    answer = admin_client.post(ADD, {"file": file})

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert kept_files() == []
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("most", [1_000, 200_000])
def test_a_file_that_is_too_large_is_refused_in_words_whether_or_not_it_says_its_length(
    admin_client: Client, settings: LazySettings, tmp_path: Path, most: int
) -> None:
    settings.IMPORT_MAX_BYTES, settings.FILE_UPLOAD_TEMP_DIR = most, str(tmp_path)

    answer = admin_client.post(ADD, {"file": sent(table(10_000))})

    assert answer.status_code == 413
    assert f"The file is larger than {most / 1e6:g} MB." in answer.content.decode()
    assert kept_files() == []
    assert list(tmp_path.iterdir()) == []


def test_the_form_is_only_taken_with_its_token() -> None:
    User.objects.create_superuser("staff", password="secret")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="staff"))

    answer = client.post(ADD, {"file": sent(table(1))})

    assert answer.status_code == 403
    assert not ImportRun.objects.exists()


def test_the_progress_is_told_in_numbers_and_words(admin_client: Client) -> None:
    run = handed_in(table(3, bad=1))
    waiting = admin_client.get(page(run, "progress")).json()
    ImportRun.objects.update(total=4, created=1, refused=1, cursor=2)
    halfway = admin_client.get(page(run, "progress")).json()

    assert (waiting["text"], waiting["working"], waiting["revision"]) == ("Waiting to start", True, "checking-0")
    assert (halfway["text"], halfway["percent"]) == ("Being checked: 2 of 4 rows", 50)
    assert halfway["numbers"] == {"created": 1, "changed": 0, "unchanged": 0, "refused": 1, "awaited": 0}


def test_an_import_is_paused_continued_and_cancelled(admin_client: Client) -> None:
    run = checked(table(2))
    steer(admin_client, run, "start")

    steer(admin_client, run, "pause")
    assert buttons(admin_client, run) == ["resume", "cancel"]
    steer(admin_client, run, "resume")
    assert buttons(admin_client, run) == ["pause", "cancel"]
    steer(admin_client, run, "cancel")

    assert ImportRun.objects.get().state == State.CANCELLED
    assert "Too late" in steer(admin_client, run, "resume").content.decode()
    assert admin_client.get(page(run, "steer")).status_code == 405


def test_the_refused_rows_come_as_a_file_that_no_spreadsheet_runs(admin_client: Client) -> None:
    run = checked("sku,name,price\n=1+1,Été,dear\n" + "\n".join(f"B-{n},Bad,dear" for n in range(30)))

    answer = admin_client.get(page(run, "refused"))
    shown = admin_client.get(page(run)).content.decode()

    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["line", "sku", "reason"]
    assert rows[1][:2] == ["2", "'=1+1"]
    assert len(rows) == 32
    assert answer["Content-Disposition"] == f'attachment; filename="import-{run.pk}-refused.csv"'
    # Twenty in the first rows, and twenty among the refused ones.
    assert shown.count("dear” is not a price") == 40
    assert "and 11 more" in shown


def test_imports_are_listed_and_a_deleted_one_takes_its_rows_along(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    run = checked(table(1, bad=1), "autumn.csv")

    assert "autumn.csv" in admin_client.get(LIST).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(reverse("admin:catalogue_importrun_delete", args=[run.pk]), {"post": "yes"})

    assert not ImportRun.objects.exists()
    imports.KIND.remove_expired()
    assert not ImportRefusal.objects.exists()


def test_staff_who_may_only_look_cannot_import_or_steer(client: Client) -> None:
    run = checked(table(1))
    user = User.objects.create_user("looker", password="secret", is_staff=True)
    client.force_login(user)
    assert client.get(page(run)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_importrun"))

    assert client.get(page(run)).status_code == 200
    assert buttons(client, run) == []
    assert client.post(page(run, "steer"), {"do": "start"}).status_code == 403
    assert client.post(ADD, {"file": sent(table(1))}).status_code == 403
    assert [one.state for one in ImportRun.objects.all()] == [State.CHECKED]
