"""Feeds that the shop fetches by itself: where each is, each fetch of it, and which articles came with it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import ClassVar, Self, cast

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.models.articles import Article
from catalogue.models.deleting import Discardable
from catalogue.models.imports import ImportRun
from catalogue.models.jobs import LONGEST_BACK_OFF, Job, JobQuerySet


class ScheduledFeedQuerySet(models.QuerySet["ScheduledFeed"]):
    """Feeds."""

    def due(self) -> Self:
        """Keep those that are to be fetched now, and are not being fetched."""
        now = timezone.now()
        # A time further away was set before the clock was set back.
        begins = Q(due__lte=now) | Q(due__gt=now + LONGEST_BACK_OFF)
        return self.filter(begins, ~Exists(FeedFetch.objects.open().filter(feed=OuterRef("pk"))), state="on")

    def failing(self) -> Self:
        """Keep those that are on, and whose last fetch failed."""
        return self.filter(state="on", failures__gt=0)

    def asking(self) -> Self:
        """Keep those that wait for staff to say what becomes of the articles that left."""
        return self.filter(Exists(FeedFetch.objects.filter(feed=OuterRef("pk"), state=FeedFetch.State.ASKING)))


_ScheduledFeeds = models.Manager.from_queryset(ScheduledFeedQuerySet)


class ScheduledFeeds(_ScheduledFeeds["ScheduledFeed"]):
    """Feeds that are not being deleted."""

    def get_queryset(self) -> ScheduledFeedQuerySet:
        return cast(ScheduledFeedQuerySet, super().get_queryset()).filter(deleting=False)


class ScheduledFeed(Discardable):
    """A feed at an address, which a worker fetches and imports on a schedule."""

    class State(models.TextChoices):
        NEW = "new", _("not switched on yet")
        ON = "on", _("switched on")
        PAUSED = "paused", _("paused")

    class Schedule(models.TextChoices):
        HOURLY = "1h", _("every hour")
        SIX_HOURS = "6h", _("every 6 hours")
        TWELVE_HOURS = "12h", _("every 12 hours")
        DAILY = "daily", _("every day at a set time")

    class OnLeaving(models.TextChoices):
        KEEP = "keep", _("keep it unchanged")
        HIDE = "hide", _("hide it")
        SOLD_OUT = "sold_out", _("set its stock to 0")

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=2_000)
    user = models.CharField(_("user"), max_length=200, blank=True)
    password = models.CharField(_("password"), max_length=200, blank=True)
    schedule = models.CharField(_("schedule"), max_length=5, choices=Schedule.choices, default=Schedule.DAILY)
    daily_at = models.TimeField(_("time of day"), default=time(4))
    # How its file is read, as ImportRun has it; no kind: it is recognised.
    kind = models.CharField(_("format"), max_length=20, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    published = models.BooleanField(_("published"), default=True)
    on_leaving = models.CharField(
        _("when a product is no longer in the feed"), max_length=8, choices=OnLeaving.choices, default=OnLeaving.HIDE
    )
    # More than this share of its articles leave at once only if staff say so.
    leaving_percent = models.PositiveSmallIntegerField(
        _("ask first if more than this percentage is missing"),
        default=33,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.NEW, editable=False)
    # When it is fetched next.
    due = models.DateTimeField(_("next fetch"), null=True, editable=False)
    # Fetches that failed since the last that did not.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    fetched = models.DateTimeField(_("last fetched"), null=True, editable=False)
    # Of the file that was imported last: what is in it, and what the server knows it by.
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=300, blank=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ScheduledFeeds()
    all_objects = ScheduledFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.state == self.State.ON

    def next_fetch(self, now: datetime) -> datetime:
        """Return when the feed is to be fetched after `now`, by its schedule."""
        if self.schedule != self.Schedule.DAILY:
            return now + timedelta(hours=int(self.schedule.removesuffix("h")))
        local = timezone.localtime(now)
        for day in (0, 1):
            # Made from date and time each: a day may have 23 or 25 hours.
            there = datetime.combine(local.date() + timedelta(days=day), self.daily_at, local.tzinfo)
            if there > local:
                return there
        return now + timedelta(days=1)


class FeedFetchQuerySet(JobQuerySet["FeedFetch"]):
    """Fetches of feeds."""

    def open(self) -> Self:
        """Keep those under way; of each feed there is at most one."""
        return self.filter(state__in=FeedFetch.OPEN)


class FeedFetch(Job):
    """One fetch of a feed, from the request to what becomes of the articles that left.

    The file is imported by an ImportRun, as if staff had handed it in. When that has ended, the fetch is settled: its
    cursor counts the articles that left.
    """

    class State(models.TextChoices):
        FETCHING = "fetching", _("being fetched")
        IMPORTING = "importing", _("being imported")
        SETTLING = "settling", _("finishing")
        ASKING = "asking", _("waiting for your answer")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    # A download renews its lease as parts arrive; a server that says nothing has this long.
    LEASE = timedelta(seconds=120)
    WORKING = (State.FETCHING, State.SETTLING)
    OPEN: ClassVar[tuple[str, ...]] = (State.FETCHING, State.IMPORTING, State.SETTLING)

    feed = models.ForeignKey(ScheduledFeed, models.CASCADE, related_name="fetches", verbose_name=_("feed"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.FETCHING)
    # Only to be looked at: its import waits for staff.
    preview = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))
    run = models.OneToOneField(ImportRun, models.SET_NULL, null=True, related_name="fetch", verbose_name=_("import"))
    # The server, or the file's bytes, say that nothing has changed since the last import.
    unchanged = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=300, blank=True)
    # Refused rows that may be of any article.
    unidentified = models.PositiveIntegerField(default=0)
    # Articles that came back after they had left.
    returned = models.PositiveIntegerField(default=0)
    # How many articles the feed had, and how many of them have left; none before it was counted.
    present = models.PositiveIntegerField(null=True)
    left = models.PositiveIntegerField(null=True)
    # What staff answered: let them leave, or keep them.
    answer = models.CharField(max_length=5, blank=True)

    # Why a worker failed, not stored: whether it may heal by itself, and how long the host asks to be left alone.
    passing: bool = False
    wait_s: float = 0.0

    objects = FeedFetchQuerySet.as_manager()

    class Meta:
        verbose_name = _("fetch of a feed")
        verbose_name_plural = _("fetches of feeds")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["feed"], condition=Q(state__in=["fetching", "importing", "settling"]), name="one_open_fetch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.begun:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class FeedArticleQuerySet(models.QuerySet["FeedArticle"]):
    """Articles of feeds."""

    def present(self) -> Self:
        """Keep those that have not left their feed. What lies in the bin is of no feed until it is restored."""
        return self.filter(left=None, article__deleted=None)

    def missing(self, fetch: FeedFetch) -> Self:
        """Keep those that a fetch did not have, and that have not been dealt with."""
        return self.present().filter(feed=fetch.feed_id, seen__lt=fetch.pk)

    def changed_by_feed(self) -> Self:
        """Keep those that their feed hid or sold out."""
        return self.filter(Q(hidden=True) | Q(sold_out=True))


class FeedArticle(models.Model):
    """An article that a feed listed, whether it still does, and what was done to it when it did no more."""

    feed = models.ForeignKey(ScheduledFeed, models.CASCADE, related_name="articles")
    article = models.ForeignKey(Article, models.CASCADE, related_name="feeds")
    # The key of the last fetch that had it. No relation: fetches are kept for some time only.
    seen = models.PositiveBigIntegerField()
    left = models.DateTimeField(null=True)
    # Whether the feed hid it, and nobody else has published or hidden it since.
    hidden = models.BooleanField(default=False)
    # Whether the feed set its stock to 0, and what it was.
    sold_out = models.BooleanField(default=False)
    stock_before = models.PositiveIntegerField(null=True)

    objects = FeedArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("product of a feed")
        verbose_name_plural = _("products of feeds")
        constraints = [models.UniqueConstraint(fields=["feed", "article"], name="one_article_a_feed")]
        indexes = [models.Index(fields=["feed", "left", "seen"], name="feed_article_seen")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.feed_id}"
