"""Rebuilds the index from the rows, while the old one serves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.messages.rendering import render
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import indexing


class Command(BaseCommand):
    """Rebuild the index of every active version from the database, while the old one serves."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for version in ModelVersion.objects.active().order_by("pk"):
            try:
                indexing.build_snapshot(version, anew=True)
            except SearchUnavailableError as error:
                raise CommandError(render(error.message)) from error
            self.stdout.write(f"{version}: built")
