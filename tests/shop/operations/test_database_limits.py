"""What a request may take of PostgreSQL: time, locks, connections. On SQLite there is nothing to limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.test import Client, override_settings

from catalogue.columns.following import Follower
from catalogue.models import ApiToken, Article
from catalogue.problems import is_passing
from shop.operations import database_limits
from shop.operations.database_limits import Limits, limit_web, limit_worker
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its time-out alone")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Take back what a test limits, in the settings that all connections share."""
    database = connection.settings_dict
    before = {**database, "OPTIONS": {**database["OPTIONS"]}}
    yield
    connection.close()
    if database["OPTIONS"].get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    database.clear()
    database.update(before)


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def test_limits_are_parameters_of_a_connection() -> None:
    assert Limits(0.5, 30, 60).as_options() == (
        "-c lock_timeout=500 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
    )


def test_a_database_that_has_no_such_limits_is_left_alone() -> None:
    before = {**connection.settings_dict["OPTIONS"]}
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has them")

    limit_web()

    assert connection.settings_dict["OPTIONS"] == before


@on_postgresql
@pytest.mark.parametrize(
    ("limit", "expected"), [(limit_web, ["5s", "30s", "1min"]), (limit_worker, ["1min", "1h", "5min"])]
)
def test_each_kind_of_process_has_its_own(limit: Callable[[], None], expected: list[str]) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    without = [shown(name) for name in names]
    limit()
    limited = [shown(name) for name in names]

    assert (without, limited) == (["0", "0", "0"], expected)


@on_postgresql
def test_what_the_address_says_holds() -> None:
    connection.settings_dict["OPTIONS"]["options"] = "-c lock_timeout=7s"

    limit_web()

    assert (shown("lock_timeout"), shown("statement_timeout")) == ("7s", "30s")


@on_postgresql
@override_settings(STATEMENT_TIMEOUT_S=0.1)
def test_a_statement_that_takes_too_long_ends_and_may_be_repeated() -> None:
    limit_web()

    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")

    assert is_passing(caught.value)
    assert Article.objects.count() == 0


@on_postgresql
@override_settings(STATEMENT_TIMEOUT_S=0.1)
def test_columns_are_read_however_long_it_takes() -> None:
    article: Article = ArticleFactory.create()
    limit_web()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalogue_article RENAME TO articles")
        cursor.execute(
            "CREATE VIEW catalogue_article AS SELECT articles.* FROM articles, (SELECT pg_sleep(0.2)) AS slow OFFSET 0"
        )
    try:
        table = Follower().table()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP VIEW catalogue_article")
            cursor.execute("ALTER TABLE articles RENAME TO catalogue_article")

    assert list(table.ids) == [article.pk]
    assert shown("statement_timeout") == "100ms"


@on_postgresql
@override_settings(LOCK_TIMEOUT_S=0.1)
def test_a_save_does_not_wait_for_a_lock_and_says_so() -> None:
    article: Article = ArticleFactory.create()
    user = User.objects.create_superuser("staff")
    headers = {"Authorization": f"Token {ApiToken.issue(user, 'tests')[1]}"}
    limit_web()
    answers: list[Any] = []
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        started = time.monotonic()
        # Another thread has another connection.
        thread = threading.Thread(target=lambda: answers.append(renamed(article, headers)))
        thread.start()
        thread.join(20)
        waited = time.monotonic() - started

    (answer,) = answers
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "unavailable")
    assert waited < 10
    assert renamed(article, headers).status_code == 200


def renamed(article: Article, headers: dict[str, str]) -> Any:
    try:
        return Client(raise_request_exception=False).patch(
            f"/api/articles/{article.pk}", {"name": "Coat"}, content_type="application/json", headers=headers
        )
    finally:
        connection.close()


@on_postgresql
@override_settings(DATABASE_CONNECTIONS=2)
def test_threads_share_the_connections_of_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_limits, "CONNECTED_WITHIN_S", 20.0)
    limit_web()
    used: list[int] = []

    def ask() -> None:
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.01)")
                used.append(cursor.fetchone()[0])
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(used) == 18
    assert len(set(used)) <= 2


@on_postgresql
@override_settings(DATABASE_CONNECTIONS=1)
def test_who_gets_no_connection_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_limits, "CONNECTED_WITHIN_S", 1.0)
    limit_web()
    connection.ensure_connection()
    answers: list[Any] = []

    thread = threading.Thread(target=lambda: answers.append(Client(raise_request_exception=False).get("/api/articles")))
    thread.start()
    thread.join()

    assert (answers[0].status_code, answers[0]["Retry-After"]) == (503, "5")
