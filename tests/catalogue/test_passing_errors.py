"""A database that others hold, or that is restarted: what was asked may succeed in a moment, and the answer says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from catalogue.models import Article
from catalogue.problems import is_passing
from tests.admin_pages import filled_in

pytestmark = pytest.mark.django_db


def caused_by(error: Exception) -> OperationalError:
    raised = OperationalError(str(error))
    raised.__cause__ = error
    return raised


@pytest.fixture
def locked(tmp_path: Path) -> OperationalError:
    """What Django raises where another connection has SQLite's write lock."""
    with closing(sqlite3.connect(tmp_path / "a")) as other, closing(sqlite3.connect(tmp_path / "a", timeout=0)) as ours:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            ours.execute("BEGIN IMMEDIATE")
    return caused_by(caught.value)


def test_a_lock_of_others_passes(locked: OperationalError) -> None:
    assert is_passing(locked)


def test_a_wrong_statement_does_not_pass() -> None:
    with closing(sqlite3.connect(":memory:")) as database, pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("SELECT nothing")

    assert not is_passing(caused_by(caught.value))
    assert not is_passing(ProgrammingError("no such column"))
    assert not is_passing(None)


def test_a_server_that_is_restarted_passes() -> None:
    psycopg = pytest.importorskip("psycopg")

    assert is_passing(caused_by(psycopg.errors.AdminShutdown("terminating connection")))
    assert is_passing(InterfaceError("the connection is closed"))


@pytest.mark.parametrize("address", ["/", "/api/articles"])
def test_what_cannot_be_read_for_a_moment_is_told_so(
    locked: OperationalError, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise locked

    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", fail)

    response = Client(raise_request_exception=False).get(address)

    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_a_save_that_a_lock_refuses_keeps_what_was_typed(
    locked: OperationalError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise locked

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("staff"))
    sent = filled_in(client.get("/admin/catalogue/article/add/"))
    monkeypatch.setattr("catalogue.models.Article.save", fail)

    response = client.post(
        "/admin/catalogue/article/add/", {**sent, "sku": "1", "name": "Dress in red", "_without_photo": "publish"}
    )

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert 'name="name" value="Dress in red"' in response.text
    assert not Article.objects.exists()
