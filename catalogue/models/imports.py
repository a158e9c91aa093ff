"""Imports that staff began in the browser: what each is to bring in, how far it is, and the rows it refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import Self, cast
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.messages import Message, english
from catalogue.models.deleting import Discardable
from catalogue.models.jobs import Job, JobQuerySet

# For so long the start page tells of rows that an import left out.
RECENT = timedelta(days=14)


def import_path(run: ImportRun, filename: str) -> str:
    """Return where an import's file goes: a name of ours, since the given one is not to be trusted."""
    return f"imports/{uuid4().hex}{PurePath(filename).suffix.lower()[:8]}"


class ImportRunQuerySet(JobQuerySet["ImportRun"]):
    """Imports."""

    def waiting(self) -> Self:
        return super().waiting().filter(paused=False)

    def waiting_for_staff(self) -> Self:
        """Keep those that go on when staff say so: their columns are to be chosen, or they were checked or paused."""
        return self.filter(Q(state__in=(ImportRun.State.MAPPING, ImportRun.State.CHECKED)) | Q(paused=True))

    def with_recent_errors(self) -> Self:
        """Keep those that ended lately with rows that were not imported; of a feed, the last import alone."""
        newer = self.model.objects.filter(fetch__feed=OuterRef("fetch__feed"), pk__gt=OuterRef("pk"))
        ended = self.filter(state=ImportRun.State.FINISHED, refused__gt=0, begun__gte=timezone.now() - RECENT)
        return ended.exclude(Exists(newer))


_ImportRuns = models.Manager.from_queryset(ImportRunQuerySet)


class ImportRuns(_ImportRuns["ImportRun"]):
    """Imports that are not being deleted."""

    def get_queryset(self) -> ImportRunQuerySet:
        return cast(ImportRunQuerySet, super().get_queryset()).filter(deleting=False)


class MappedBy(models.TextChoices):
    """Whose choice the columns of an import are."""

    GUESS = "guess", _("guessed")
    KEPT = "kept", _("as last time")
    STAFF = "staff", _("chosen")


class ImportRun(Discardable, Job):
    """One file that staff handed in. It is read once without changing anything, and once more if they say so.

    The cursor counts rows, of the reading that the state names.
    """

    class State(models.TextChoices):
        MAPPING = "mapping", _("columns to choose")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    WORKING = (State.CHECKING, State.IMPORTING)

    name = models.CharField(_("file"), max_length=200)
    # Empty as soon as it is not needed any more.
    file = models.FileField(upload_to=import_path, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size"))
    # How it is read, as catalogue.feeds.open_source takes it.
    kind = models.CharField(_("format"), max_length=20)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    # What `recognise` says of the file: staff may have it read as a table all the same.
    recognised = models.CharField(_("recognised format"), max_length=20, blank=True)
    # A table's columns: [{"name": "Réf.", "samples": ["A-1", "A-2"]}, …]. Those of a known format say whether they are
    # "used".
    table = models.JSONField(_("table"), default=list)
    # Field to columns, as catalogue.feeds.columns.columns_of takes it.
    columns = models.JSONField(_("columns"), default=dict)
    # Whose choice the columns are.
    mapped_by = models.CharField(_("columns chosen by"), max_length=10, choices=MappedBy.choices, blank=True)
    published = models.BooleanField(_("published"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKING)
    paused = models.BooleanField(_("paused"), default=False)
    # Numbers of rows, as catalogue.feeds.Progress has them, of the reading that `state` names.
    total = models.PositiveIntegerField(_("rows"), null=True)
    created = models.PositiveIntegerField(_("created"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("with errors"), default=0)
    awaited = models.PositiveIntegerField(_("photos to download"), default=0)
    # What of the file is not used, each as Message.as_json() has it.
    notes = models.JSONField(_("notes"), default=list)
    # What it adds, as the check found it: [["category", "Women > Dresses"], ["brand", "Anna"], …].
    new_terms = models.JSONField(_("new categories, brands and colours"), default=list)
    # The first rows as they would become, as the check found them: catalogue.feeds.previews.RowPreview.
    first_rows = models.JSONField(_("first rows"), default=list)
    # The first articles that it changes, as the check found them: catalogue.feeds.previews.Preview.
    previews = models.JSONField(_("preview"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))

    objects = ImportRuns()
    all_objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-begun", "-pk")

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING and not self.paused


class ImportRefusal(models.Model):
    """A row that an import did not bring in, and why."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refusals")
    # "12", "1 #3" for the third item of a document, or a file's path: catalogue.feeds.rows.where.
    line = models.TextField()
    sku = models.CharField(max_length=100, blank=True)
    # Why, as Message.as_json() has it.
    error = models.JSONField()

    class Meta:
        verbose_name = _("row with errors")
        verbose_name_plural = _("rows with errors")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.line} {self.sku}: {english(Message.from_json(self.error))}"


class ColumnMapping(models.Model):
    """Which columns of a table hold which fields, as staff chose them, for the next file with the same headings."""

    # SHA-256 of the headings, in whichever order: catalogue.imports.mapping.key_of.
    key = models.CharField(_("headings"), max_length=64, unique=True)
    # As ImportRun.columns.
    columns = models.JSONField(_("columns"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))
    changed = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")

    def __str__(self) -> str:
        return self.key
