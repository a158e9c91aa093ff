"""What was changed in the catalogue, by whom and how: a change set for each action, an edit for each row it touched."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalogue.models.imports import ImportRun
from catalogue.models.jobs import Job, JobQuerySet


class ChangeSetQuerySet(JobQuerySet["ChangeSet"]):
    """Change sets."""

    def for_display(self) -> ChangeSetQuerySet:
        """Leave out the selection, which may have a million ids."""
        return self.defer("selection").select_related("by", "import_run", "undoes__import_run")


class ChangeSet(Job):
    """Edits that belong together: of a form, a request, an import, a bulk change or an undo.

    Bulk changes and undos are jobs: a small one is done at once, a large one by a worker. The cursor counts articles of
    the selection, or edits taken back. All others are finished from the beginning.
    """

    class How(models.TextChoices):
        FORM = "form", _("form")
        BULK = "bulk", _("bulk change")
        IMPORT = "import", _("import")
        FEED = "feed", _("feed")
        API = "api", _("API")
        COMMAND = "command", _("command")
        WORKER = "worker", _("background task")
        UNDO = "undo", _("undo")

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    how = models.CharField(_("source"), max_length=10, choices=How.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.FINISHED)
    # What a bulk change does, by its name in catalogue.history.actions, and with what values.
    action = models.CharField(max_length=20, blank=True)
    params = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("user"), related_name="+"
    )
    import_run = models.ForeignKey(
        ImportRun, models.SET_NULL, null=True, verbose_name=_("import"), related_name="change_sets"
    )
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, verbose_name=_("undoes"), related_name="undos")
    # The ids of the articles of a bulk change that has not ended.
    selection = models.JSONField(default=list)
    # Articles, or edits, that were changed; and those that were left out: [[name, Message.as_json()], …], the first.
    changed = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=list)
    left_out_count = models.PositiveIntegerField(default=0)

    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ("-begun", "-pk")
        indexes = [models.Index(fields=["-begun", "-id"], name="change_set_newest")]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.pk}"

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def is_open(self) -> bool:
        """Whether edits are still to come, by a worker or by an import that has not ended: it cannot be undone yet."""
        return self.is_working or (self.import_run is not None and self.import_run.state not in ImportRun.ENDED)


class Edit(models.Model):
    """What a change set did to one row: each field that it changed, before and after.

    No foreign key to the row, whose removal is an edit too.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("product")
        PHOTO = "photo", _("photo")
        CATEGORY = "category", _("category")
        BRAND = "brand", _("brand")
        COLOUR = "colour", _("colour")

    class Did(models.TextChoices):
        # Each is said of one row; elsewhere the words count rows.
        CREATED = "created", pgettext_lazy("of one row", "created")
        CHANGED = "changed", pgettext_lazy("of one row", "changed")
        # Into the bin, and out of it.
        BINNED = "binned", pgettext_lazy("of one row", "deleted")
        RESTORED = "restored", pgettext_lazy("of one row", "restored")
        # For good.
        REMOVED = "removed", pgettext_lazy("of one row", "permanently deleted")

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="edits")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    row_id = models.PositiveBigIntegerField()
    # Of an article and of its photos.
    article_id = models.PositiveBigIntegerField(null=True)
    # What the row was called then.
    name = models.CharField(max_length=200)
    did = models.CharField(max_length=8, choices=Did.choices)
    # {field: [before, after]}; relations by their ids.
    fields = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("changed item")
        verbose_name_plural = _("items")
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["article_id", "id"], name="edit_of_article"),
            models.Index(fields=["kind", "row_id"], name="edit_of_row"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.did}"

    @property
    def values(self) -> dict[str, tuple[Any, Any]]:
        """Each changed field, its value before and after."""
        return {name: (before, after) for name, (before, after) in self.fields.items()}
