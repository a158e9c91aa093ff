"""What staff have to do next, for the admin's start page: each entry counts the rows of one list, and leads to them.

Other apps add their own by `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext

from catalogue.models import Article, ImportRun, PhotoSource, ScheduledFeed

# Rows are counted up to this number: more of them are not more urgent.
COUNTED_AT_MOST = 1_000


@dataclass(frozen=True)
class Source:
    """A list of rows that wait for staff. It is hidden from those who have none of the permissions."""

    name: str
    permissions: Sequence[str]
    rows: Callable[[], QuerySet[Any]]
    # The text beside the number, for so many rows.
    text: Callable[[int], str]
    # Where just these rows are.
    address: Callable[[], str]
    urgent: bool = False
    # The addresses of some pictures of the rows.
    pictures: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True)
class Todo:
    """Something to do: a number of rows, as a sentence that begins with it, and the address of the rows."""

    name: str
    count: int
    text: str
    address: str
    urgent: bool
    pictures: Sequence[str] = ()

    @property
    def number(self) -> str:
        """The number of rows, as people write it."""
        if self.count > COUNTED_AT_MOST:
            return f"{number_format(COUNTED_AT_MOST, force_grouping=True)}+"
        return str(number_format(self.count, force_grouping=True))


_SOURCES: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Add lists to the start page, after those that are there."""
    _SOURCES.update({source.name: source for source in sources})


def todos_of(user: Any) -> Iterator[Todo]:
    """Yield what there is to do that a user may see, the urgent first: one statement for each list."""
    for source in sorted(_SOURCES.values(), key=lambda source: not source.urgent):
        if not any(user.has_perm(permission) for permission in source.permissions):
            continue
        count = source.rows().order_by()[: COUNTED_AT_MOST + 1].count()
        if count:
            yield Todo(source.name, count, source.text(count), source.address(), source.urgent, source.pictures())


def list_address(model: type[Any], query: str = "") -> str:
    """Return the address of the admin's list of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + (query and f"?{query}")


SEES_ARTICLES = ("catalogue.view_article", "catalogue.change_article")
SEES_IMPORTS = ("catalogue.view_importrun", "catalogue.change_importrun")
SEES_FEEDS = ("catalogue.view_scheduledfeed", "catalogue.change_scheduledfeed")

register(
    Source(
        "feeds_failing",
        SEES_FEEDS,
        ScheduledFeed.objects.failing,
        lambda n: ngettext(
            "feed could not be fetched. Its prices and stock are out of date.",
            "feeds could not be fetched. Their prices and stock are out of date.",
            n,
        ),
        lambda: list_address(ScheduledFeed, "todo=failing"),
        urgent=True,
    ),
    Source(
        "feeds_asking",
        SEES_FEEDS,
        ScheduledFeed.objects.asking,
        lambda n: ngettext(
            "feed has lost many products at once and waits for your answer.",
            "feeds have lost many products at once and wait for your answer.",
            n,
        ),
        lambda: list_address(ScheduledFeed, "todo=asking"),
        urgent=True,
    ),
    Source(
        "imports_waiting",
        SEES_IMPORTS,
        ImportRun.objects.waiting_for_staff,
        lambda n: ngettext(
            "import is waiting for you. Nothing has been changed yet.",
            "imports are waiting for you. Nothing has been changed yet.",
            n,
        ),
        lambda: list_address(ImportRun, "todo=waiting"),
        urgent=True,
    ),
    Source(
        "imports_with_errors",
        SEES_IMPORTS,
        ImportRun.objects.with_recent_errors,
        lambda n: ngettext("recent import left out rows with errors.", "recent imports left out rows with errors.", n),
        lambda: list_address(ImportRun, "todo=errors"),
    ),
    Source(
        "downloads_failed",
        ("catalogue.view_photosource",),
        PhotoSource.objects.failed,
        lambda n: ngettext(
            "photo could not be downloaded. See why, and retry.",
            "photos could not be downloaded. See why, and retry.",
            n,
        ),
        lambda: list_address(PhotoSource, "state=failed"),
        urgent=True,
    ),
    Source(
        "without_photo",
        SEES_ARTICLES,
        lambda: Article.objects.without_photos(of_all=True),
        lambda n: ngettext(
            "product has no photo. Customers cannot find it by photo.",
            "products have no photo. Customers cannot find them by photo.",
            n,
        ),
        lambda: list_address(Article, "photos=no"),
    ),
    Source(
        "proposals",
        SEES_ARTICLES,
        Article.objects.with_proposals,
        lambda n: ngettext(
            "product has details suggested from its photos. Check them.",
            "products have details suggested from their photos. Check them.",
            n,
        ),
        lambda: list_address(Article, "proposed=yes"),
    ),
    Source(
        "drafts",
        SEES_ARTICLES,
        lambda: Article.objects.filter(published=False),
        lambda n: ngettext(
            "product is hidden. Customers do not see it yet.", "products are hidden. Customers do not see them yet.", n
        ),
        lambda: list_address(Article, "published__exact=0"),
    ),
)
