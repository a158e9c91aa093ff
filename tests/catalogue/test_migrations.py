"""Migrations that move data keep what was there, forwards and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

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
