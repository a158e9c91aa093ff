"""Migrations that move data keep what was there, forwards and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


def migrated(name: str) -> Any:
    """Bring the catalogue's tables to a migration, and return the models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate([("catalogue", name)])
    return MigrationExecutor(connection).loader.project_state([("catalogue", name)]).apps


def test_every_quota_that_staff_set_is_kept() -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        before = migrated("0007_jobs").get_model("catalogue", "ApiClient")
        for number, quotas in enumerate(((10, 100), (600, 50_000), (0, 1))):
            before.objects.create(
                name=f"app {number}", key_sha256=str(number), searches_a_minute=quotas[0], photos_a_day=quotas[1]
            )

        after = migrated("0008_client_rates").get_model("catalogue", "ApiClient")
        rates = list(after.objects.order_by("name").values_list("rates", flat=True))
        after.objects.filter(name="app 1").update(rates={"searches_a_minute": 7})
        back = migrated("0007_jobs").get_model("catalogue", "ApiClient")
        columns = list(back.objects.order_by("name").values_list("searches_a_minute", "photos_a_day"))
    finally:
        MigrationExecutor(connection).migrate(latest)

    assert rates == [
        {"searches_a_minute": 10, "photos_a_day": 100},
        {"searches_a_minute": 600, "photos_a_day": 50_000},
        {"searches_a_minute": 0, "photos_a_day": 1},
    ]
    assert columns == [(10, 100), (7, 50_000), (0, 1)]


def test_tokens_of_former_versions_go_on_working_and_are_kept_as_digests() -> None:
    key, moment = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b", "2026-03-01 10:00:00+00:00"
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        before = migrated("0022_deleting_in_pieces")
        user = before.get_model("auth", "User").objects.create(username="clerk", is_active=True, is_superuser=True)
        with connection.cursor() as cursor:
            # As rest_framework.authtoken made it.
            kind = "timestamp with time zone" if connection.vendor == "postgresql" else "datetime"
            cursor.execute(
                f"CREATE TABLE authtoken_token (key varchar(40) NOT NULL PRIMARY KEY, created {kind} NOT NULL, "
                "user_id integer NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED)"
            )
            cursor.execute("INSERT INTO authtoken_token VALUES (%s, %s, %s)", [key, moment, user.pk])
        before.get_model("contenttypes", "ContentType").objects.create(app_label="authtoken", model="token")

        after = migrated("0023_api_tokens")
        (token,) = after.get_model("catalogue", "ApiToken").objects.values()
        stale = after.get_model("contenttypes", "ContentType").objects.filter(app_label="authtoken").exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM authtoken_token")
            (left,) = cursor.fetchone()
    finally:
        MigrationExecutor(connection).migrate(latest)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS authtoken_token")

    assert (token["key_start"], token["rights"], token["expires"], left, stale) == ("9944b091", None, None, 0, False)
    assert token["created"].isoformat() == "2026-03-01T10:00:00+00:00"
    assert key not in str(token)
    assert Client().get("/api/articles", headers={"Authorization": f"Token {key}"}).status_code == 200
