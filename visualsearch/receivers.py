"""A photo saved, imported or deleted: remembered in the transaction, and queued after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from catalogue.broker import enqueue, enqueue_unique
from catalogue.models import Photo
from catalogue.signals import articles_of_photos_made, photos_binned, photos_imported
from catalogue.tasks import run_change
from visualsearch import tasks
from visualsearch.services.indexing import embedding
from visualsearch.services.piles import existing_articles


@receiver(post_save, sender=Photo)
def queue_embedding(instance: Photo, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        photo_id = instance.pk
        # A lambda: where a robust callback fails, Django logs its __qualname__, which a partial lacks.
        transaction.on_commit(lambda: enqueue(tasks.embed_photo, photo_id, queue="photos"), robust=True)


@receiver(photos_imported)
def queue_imported(**kwargs: Any) -> None:
    transaction.on_commit(lambda: enqueue_unique(tasks.embed_waiting, queue="bulk"), robust=True)


@receiver(articles_of_photos_made)
def queue_proposals(article_ids: Sequence[int], by: Any, change_set: UUID, **kwargs: Any) -> bool:
    change = existing_articles.begin(article_ids, by=by, after=str(change_set))
    if change is None:
        return True
    transaction.on_commit(lambda: enqueue_unique(run_change, str(change.pk), queue="bulk"), robust=True)
    return True


@receiver(photos_binned)
def remove_vectors(photo_ids: Sequence[int], **kwargs: Any) -> None:
    embedding.remove_vectors(photo_ids)


# Before the deletion, so that a transaction holds the versions' rows before any photo's, whatever it deletes, and in
# whatever order. Two that delete the same photos then follow each other.
@receiver(pre_delete, sender=Photo)
def log_removal(instance: Photo, **kwargs: Any) -> None:
    embedding.log_removals([instance.pk])
