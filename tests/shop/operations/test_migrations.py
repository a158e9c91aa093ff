"""Migrations of a large shop that sells meanwhile: which of them may be released, and how they wait for locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as djangos
from django.db import OperationalError, connection, models, transaction
from django.db.migrations import AddField, AddIndex, AlterField, Migration, RunPython
from django.db.migrations.loader import MigrationLoader

from catalogue.models import Article
from lab.harness.migration_locks import complaints, large_tables, locks_of
from shop.management.commands import migrate
from tests.factories import ArticleFactory

AddIndexOnline: Any = import_module("catalogue.migrations._online").AddIndexOnline

# The numbers of the last migrations that shops have already, and that cannot change.
RELEASED = {"catalogue": 24, "visualsearch": 17}
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole file anyway")


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ('CREATE INDEX "a" ON "catalogue_article" ("name")', False),
        ('CREATE UNIQUE INDEX "a" ON "catalogue_article" ("name")', False),
        ('CREATE INDEX CONCURRENTLY "a" ON "catalogue_article" ("name")', True),
        ('CREATE INDEX "a" ON "catalogue_brand" ("name")', True),
        ('ALTER TABLE "catalogue_article" ADD COLUMN "a" boolean DEFAULT false NOT NULL', True),
        ('ALTER TABLE "catalogue_article" ADD COLUMN "a" uuid DEFAULT gen_random_uuid() NOT NULL', False),
        ('ALTER TABLE "catalogue_article" ADD COLUMN "a" bigint NULL REFERENCES "catalogue_brand" ("id")', False),
        ('ALTER TABLE "catalogue_article" ALTER COLUMN "stock" TYPE bigint USING "stock"::bigint', False),
        ('ALTER TABLE "catalogue_article" ALTER COLUMN "name" SET NOT NULL', False),
        ('ALTER TABLE "catalogue_article" ALTER COLUMN "name" DROP NOT NULL', True),
        ('ALTER TABLE "catalogue_article" ADD CONSTRAINT "a" CHECK ("stock" > 0)', False),
        ('ALTER TABLE "catalogue_article" ADD CONSTRAINT "a" CHECK ("stock" > 0) NOT VALID', True),
        ('ALTER TABLE "catalogue_article" VALIDATE CONSTRAINT "a"', True),
        ('ALTER TABLE "catalogue_article" DROP COLUMN "a" CASCADE', True),
        ('UPDATE "catalogue_article" SET "a" = 1', False),
        ('UPDATE "catalogue_brand" SET "a" = 1', True),
        ('DELETE FROM "visualsearch_logentry"', False),
    ],
)
def test_what_has_others_wait_for_a_large_table_is_found(statement: str, allowed: bool) -> None:
    assert (locks_of([statement], large_tables()) == []) is allowed


@on_postgresql
@pytest.mark.django_db
@pytest.mark.database
def test_no_migration_since_the_last_release_locks_a_large_table() -> None:
    loader = MigrationLoader(connection)
    newer = [
        (app, name)
        for app, name in loader.graph.nodes
        if app in RELEASED and name[:4].isdigit() and int(name[:4]) > RELEASED[app]
    ]

    found = {
        f"{app}.{name}": complaints(loader.get_migration(app, name), loader.project_state((app, name), at_end=False))
        for app, name in sorted(newer)
    }

    assert {name: reasons for name, reasons in found.items() if reasons} == {}


def migration(*operations: Any, atomic: bool = True) -> Migration:
    kind = type("Test", (Migration,), {"operations": list(operations), "atomic": atomic})
    made: Migration = kind("test", "catalogue")
    return made


@on_postgresql
@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (migration(AddIndex("article", models.Index(fields=["stock"], name="a"))), "an index that is built"),
        (migration(AddField("article", "a", models.IntegerField(null=True, db_index=True))), "an index that is built"),
        (migration(AddField("article", "a", models.PositiveIntegerField(null=True))), "a column with a check"),
        (migration(AlterField("article", "stock", models.BigIntegerField(null=True))), "another type"),
        (migration(RunPython(lambda apps, editor: None)), "in one transaction"),
        (migration(AddField("article", "a", models.BooleanField(default=False))), ""),
        (migration(AddIndexOnline("article", models.Index(fields=["stock"], name="a")), atomic=False), ""),
        (migration(RunPython(lambda apps, editor: None), atomic=False), ""),
    ],
)
def test_a_migration_that_locks_a_large_table_is_refused(made: Migration, reason: str) -> None:
    state = MigrationLoader(connection).project_state()

    found = complaints(made, state)

    assert (reason in found[0]) if reason else (found == [])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(migrate, "PAUSE_S", 0)
    monkeypatch.setattr(migrate, "WAITS_S", 1)
    yield


def lock(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE catalogue_article IN {mode} MODE")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_migrate_lets_others_pass_and_tries_again(
    at_once: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it does is to lock a table that another transaction reads for a while."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock("ACCESS SHARE")
            held.set()
            let_go.wait(20)
        connection.close()

    attempts: list[int] = []

    def alter(*arguments: Any, **options: Any) -> None:
        attempts.append(1)
        if len(attempts) == 2:
            let_go.set()
            other.join()
        with transaction.atomic():
            lock("ACCESS EXCLUSIVE")

    monkeypatch.setattr(djangos.Command, "handle", alter)
    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(20)

    call_command("migrate")

    assert len(attempts) == 2
    assert "Trying again" in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_migrate_tries_again_for_no_other_error(at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 10")
            try:
                cursor.execute("SELECT pg_sleep(20)")
            finally:
                cursor.execute("RESET statement_timeout")

    monkeypatch.setattr(djangos.Command, "handle", fail)

    with pytest.raises(OperationalError, match="statement timeout"):
        call_command("migrate")


@pytest.mark.django_db(transaction=True)
def test_an_index_is_added_while_others_write_and_again_after_an_attempt_that_was_ended() -> None:
    article: Article = ArticleFactory.create()
    state = MigrationLoader(connection).project_state()
    operation = AddIndexOnline("article", models.Index(fields=["stock"], name="added_online"))
    after = state.clone()
    operation.state_forwards("catalogue", after)
    try:
        for _ in range(2 if connection.vendor == "postgresql" else 1):
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("catalogue", editor, state, after)
        with connection.cursor() as cursor:
            indexes = connection.introspection.get_constraints(cursor, "catalogue_article")
    finally:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("catalogue", editor, after, state)

    assert indexes["added_online"]["columns"] == ["stock"]
    assert Article.objects.get().pk == article.pk
