"""Embeds, in this process, every photo that waits: for whoever does not want to wait for the worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from visualsearch.services import embedding, status, versions

PHOTOS_AT_ONCE = 64


class Command(BaseCommand):
    """Safe beside running workers: a photo embedded twice has the same vector."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        version = versions.serving_version()
        with tqdm(total=version.waiting().count(), unit="photo", disable=None) as bar:
            while photo_ids := embedding.waiting_ids(limit=PHOTOS_AT_ONCE):
                bar.update(embedding.embed_photos(photo_ids))
        counted = status.counts(version)
        self.stdout.write(f"{counted.pending} photos waiting, {counted.failed} failed")
