"""What follows a saved or deleted row: a photo's files, an import's. What follows migrations: the roles of staff."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.migrations.state import StateApps
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save
from django.dispatch import receiver

from catalogue import roles, scheduled_feeds, tasks
from catalogue.broker import LAST, enqueue, enqueue_unique
from catalogue.models import (
    Article,
    Brand,
    Category,
    Colour,
    Edit,
    ImportRun,
    Photo,
    PhotoDraft,
    SearchDocument,
    SynonymGroup,
    Variant,
    draft_storage,
)
from catalogue.models.recording import Recorded, note_changed, note_removed
from catalogue.photos import services
from catalogue.signals import articles_edited, photos_awaited, photos_imported
from catalogue.text_search import documents
from catalogue.text_search.names import forget_names

logger = logging.getLogger(__name__)


@receiver(post_delete, sender=Photo)
def remove_files(instance: Photo, **kwargs: Any) -> None:
    name, digest = str(instance.file.name), instance.sha256
    transaction.on_commit(lambda: services.remove_photo_files(name, digest), robust=True)


@receiver(post_save, sender=Photo)
def queue_renditions(instance: Photo, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        photo_id = instance.pk
        transaction.on_commit(lambda: enqueue(tasks.make_renditions, photo_id, queue="bulk"), robust=True)


@receiver(photos_imported)
def queue_imported_renditions(photo_ids: Sequence[int], **kwargs: Any) -> None:
    for start in range(0, len(photo_ids), tasks.PHOTOS_A_TASK):
        enqueue(
            tasks.make_imported_renditions, photo_ids[start : start + tasks.PHOTOS_A_TASK], queue="bulk", priority=LAST
        )


@receiver(post_delete, sender=Article)
@receiver(post_delete, sender=Brand)
@receiver(post_delete, sender=Category)
@receiver(post_delete, sender=Colour)
def record_removal(instance: Recorded, **kwargs: Any) -> None:
    note_removed(instance)


@receiver(m2m_changed, sender=Article.colours.through)
@receiver(m2m_changed, sender=Article.additional_categories.through)
def record_related(instance: Any, sender: Any, action: str, reverse: bool, **kwargs: Any) -> None:
    """Record what an article is related to, before and after. Whoever sets it from the other side records nothing."""
    if reverse or not isinstance(instance, Article):
        return
    name = next(each for each in Article.RECORDED_RELATIONS if getattr(Article, each).through is sender)
    if action.startswith("pre_"):
        instance.related_before = {name: instance.related_ids(name)}
    elif (before := instance.related_before) is not None:
        instance.related_before = None
        note_changed(instance, name, before[name], instance.related_ids(name))


@receiver(articles_edited)
def refresh_search_documents(edits: Sequence[Edit], **kwargs: Any) -> None:
    """Write the search documents of articles with their rows, so that text search finds what is committed."""
    changed = {
        edit.row_id
        for edit in edits
        if edit.did == "created" or (edit.did == "changed" and not documents.FOLLOWED.isdisjoint(edit.fields))
    }
    if changed:
        documents.refresh(changed)


@receiver([post_save, post_delete], sender=Brand)
@receiver([post_save, post_delete], sender=Category)
@receiver([post_save, post_delete], sender=Colour)
@receiver([post_save, post_delete], sender=SynonymGroup)
def read_names_anew(**kwargs: Any) -> None:
    forget_names()
    transaction.on_commit(forget_names, robust=True)


@receiver(photos_awaited)
def queue_fetching(**kwargs: Any) -> None:
    enqueue_unique(tasks.fetch_photos, queue="bulk")


@receiver(post_save, sender=Article)
def leave_published_to_staff(
    instance: Article, created: bool, raw: bool = False, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    stated = update_fields is None or "published" in update_fields
    if instance.published and stated and not created and not raw:
        scheduled_feeds.release([instance])


@receiver(post_delete, sender=ImportRun)
def remove_import_file(instance: ImportRun, **kwargs: Any) -> None:
    name = instance.file.name
    if name:
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)


@receiver(post_delete, sender=PhotoDraft)
def remove_draft_file(instance: PhotoDraft, **kwargs: Any) -> None:
    name = instance.file.name
    if name:
        transaction.on_commit(lambda: draft_storage().delete(name), robust=True)


# Once, after the last app: by then all others have their permissions.
@receiver(post_migrate, sender=[config for config in apps.get_app_configs() if config.models_module][-1])
def update_roles(sender: AppConfig, using: str, **kwargs: Any) -> None:
    # Django's own receiver comes after this one.
    create_permissions(sender, verbosity=0, using=using)
    roles.update_groups(using)


@receiver(post_migrate, sender=apps.get_app_config("catalogue"))
def write_search_documents(using: str, **kwargs: Any) -> None:
    """Write the documents of a shop that comes from a version without text search, or with another analysis."""
    # What empties a database sends this signal too, without a plan. Of another database nothing is searched.
    if "plan" not in kwargs or using != DEFAULT_DB_ALIAS or not _is_latest(kwargs["apps"]):
        return
    if done := documents.refresh_outdated():
        logger.info("%d documents of the text search were written", done)


def _is_latest(state: StateApps) -> bool:
    """Return whether the tables that documents follow from are those of this code, not of a migration on the way."""
    for model in (Article, SearchDocument, Variant):
        try:
            migrated = state.get_model(model._meta.label)
        except LookupError:
            return False
        if {field.name for field in migrated._meta.local_fields} != {field.name for field in model._meta.local_fields}:
            return False
    return True
