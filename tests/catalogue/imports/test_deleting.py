"""An import is deleted with its row errors, however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.imports import actions
from catalogue.imports.worker import ERRORS_AT_MOST, KIND, run_slice
from catalogue.jobs import deleting
from catalogue.models import ImportRefusal, ImportRun

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def run_with(errors: int) -> ImportRun:
    run = ImportRun.objects.create(name="a.csv", size=1, state=ImportRun.State.CHECKED)
    error = {"code": "cell.empty", "params": {}}
    ImportRefusal.objects.bulk_create(ImportRefusal(run=run, line=str(n), error=error) for n in range(errors))
    return run


@pytest.mark.parametrize("errors", [0, 2, 3, 7])
def test_errors_are_deleted_in_chunks_and_those_of_others_stay(monkeypatch: pytest.MonkeyPatch, errors: int) -> None:
    assert deleting.ROWS_AT_ONCE == 2_000
    monkeypatch.setattr(deleting, "ROWS_AT_ONCE", 3)
    run, other = run_with(errors), run_with(2)

    actions.delete(run.pk)

    # Nobody sees it from now on.
    assert list(ImportRun.objects.all()) == [other]
    assert ImportRefusal.objects.count() == errors + 2
    assert KIND.remove_expired() == 1
    assert list(ImportRun.all_objects.all()) == [other]
    assert ImportRefusal.objects.count() == 2


def test_a_clean_up_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(deleting, "AT_MOST_S", 0)
    run = run_with(7)
    actions.delete(run.pk)

    removed = [KIND.remove_expired() for _ in range(3)]

    assert removed == [0, 0, 1]
    assert (ImportRun.all_objects.count(), ImportRefusal.objects.count()) == (0, 0)


def test_a_worker_leaves_an_import_that_is_being_deleted() -> None:
    run = run_with(1)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.IMPORTING)
    actions.delete(run.pk)

    assert not KIND.due_messages()
    assert not run_slice(run.pk, for_s=0)


def test_staff_delete_an_import_without_its_errors_being_read(
    admin_client: Client, django_assert_max_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = run_with(50)
    page = reverse("admin:catalogue_importrun_delete", args=[run.pk])

    asked = admin_client.get(page)
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(page, {"post": "yes"})

    assert "a.csv" in asked.text
    assert "50" not in asked.context["model_count"]
    assert answer.status_code == 302
    assert not ImportRun.objects.exists()
    KIND.remove_expired()
    assert (ImportRun.all_objects.count(), ImportRefusal.objects.count()) == (0, 0)


def test_so_many_errors_are_kept_as_rows() -> None:
    assert ERRORS_AT_MOST == 10_000
