"""Compares the vectors of the index with the rows of the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.messages.rendering import render
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import indexing

SHOWN = 10


class Command(BaseCommand):
    """Compare the ids and vectors of the index with the database, byte for byte. Exits 0 if they are equal."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        versions = ModelVersion.objects.active().order_by("pk")
        if not versions:
            self.stdout.write("No model version is registered yet; there is nothing to compare.")
        unequal = False
        for version in versions:
            try:
                compared = indexing.compare(version)
            except SearchUnavailableError as error:
                raise CommandError(render(error.message)) from error
            waiting, failed = version.waiting().count(), version.failed().count()
            self.stdout.write(f"{version}: {compared.rows} vectors, {waiting} photos waiting, {failed} failed")
            for name, ids in (
                ("missing from the index", compared.missing),
                ("in the index but not in the rows", compared.left_over),
                ("with another vector than the row's", compared.different),
            ):
                if ids:
                    shown = ", ".join(map(str, ids[:SHOWN])) + (", …" if len(ids) > SHOWN else "")
                    self.stderr.write(f"  {len(ids)} {name}: photos {shown}")
            unequal |= not compared.equal
        if unequal:
            raise CommandError("The index differs from the rows. Run rebuild_index.")
