"""Jobs that the version before left half done go on after the upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalogue import imports
from catalogue.models import Article, ImportRun, PhotoSource
from tests.catalogue.imports.handed_in import table

pytestmark = pytest.mark.django_db(transaction=True)


def migrated(*targets: tuple[str, str]) -> Any:
    """Return the models as they are once the database is migrated to these, forwards or backwards."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


def upgrade() -> None:
    """Bring the database to the newest version, as the current models have it."""
    migrated(*MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.fixture
def before() -> Iterator[Any]:
    yield migrated(("catalogue", "0006_standard_names"))
    upgrade()


def test_a_half_done_import_goes_on_after_the_upgrade(before: Any) -> None:
    name = default_storage.save("imports/a.csv", ContentFile(table(4, bad=1).encode()))
    # As the version before leaves it: one row changed and one refused of those before, its worker killed.
    before.get_model("catalogue", "ImportRun").objects.create(
        name="spring.csv", file=name, size=100, kind="csv", state="importing", total=5, created=2,
        lease="f" * 32, heard=timezone.now(), attempts=1,
    )  # fmt: skip
    upgrade()

    run = ImportRun.objects.get()
    carried_over = run.cursor, run.attempts, run.lease_token, run.leased_until
    while imports.run_slice(run.pk, for_s=60):
        pass

    run.refresh_from_db()
    assert carried_over == (2, 1, "", None)
    assert (run.state, run.created, run.refused, run.done) == ("finished", 4, 1, 5)
    # The first two were brought in before.
    assert sorted(Article.objects.values_list("sku", flat=True)) == ["S-00002", "S-00003"]


def test_pictures_that_waited_wait_after_the_upgrade(before: Any) -> None:
    due = timezone.now()
    root = before.get_model("catalogue", "Category").objects.create(
        name="c", slug="c", path="0001", depth=1, numchild=0
    )
    article = before.get_model("catalogue", "Article").objects.create(
        sku="1", name="a", slug="a", category=root, price="1.00"
    )
    before.get_model("catalogue", "PhotoSource").objects.create(
        article=article, url="https://a.example/1.png", host="a.example", position=0, due=due, attempts=3
    )

    upgrade()

    source = PhotoSource.objects.due().get()
    assert (source.due, source.attempts, source.lease_token) == (due, 3, "")
