"""What becomes of the articles that a feed has no more."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from catalogue import jobs
from catalogue.models import Article, ChangeSet, FeedArticle, FeedFetch, ScheduledFeed
from catalogue.models.querysets import ArticleQuerySet
from catalogue.models.recording import Recording, continued

# Articles that are dealt with in one transaction.
AT_ONCE = 200

OnLeaving = ScheduledFeed.OnLeaving


def missing(fetch: FeedFetch) -> Any:
    """Return the rows of the articles that a fetch did not have, and of which nothing has been decided."""
    return FeedArticle.objects.missing(fetch).order_by("pk")


def also_in(feed: ScheduledFeed) -> list[tuple[ScheduledFeed, int]]:
    """Return the other feeds that have articles of this one now, and how many each."""
    own = FeedArticle.objects.present().filter(feed=feed.pk, article=OuterRef("article"))
    shared = FeedArticle.objects.present().exclude(feed=feed.pk).filter(Exists(own))
    counted = dict(shared.values_list("feed").annotate(n=Count("pk")).order_by())
    return [(other, counted[other.pk]) for other in ScheduledFeed.objects.filter(pk__in=counted)]


def listed(articles: ArticleQuerySet) -> int:
    """Return how many of these articles an active feed lists: if they are deleted, its next fetch adds them again."""
    rows = FeedArticle.objects.present().filter(feed__state=ScheduledFeed.State.ON)
    return articles.filter(pk__in=rows.values("article")).count()


def must_ask(feed: ScheduledFeed, *, present: int, left: int) -> bool:
    """Return whether so many articles have left at once that staff must say whether it is right."""
    return feed.on_leaving != OnLeaving.KEEP and left * 100 > feed.leaving_percent * present


def count(lease: jobs.Lease[FeedFetch]) -> None:
    """Count what has left, unless that has been done."""
    fetch = lease.job
    if fetch.left is not None:
        return
    present = FeedArticle.objects.present().filter(feed=fetch.feed_id).count()
    # A refused row that may be of any article: which have left is not known.
    left = 0 if fetch.unidentified else missing(fetch).count()
    fetch.present, fetch.left, fetch.total = present, left, left
    if not fetch.held().update(present=present, left=left, total=left):
        raise jobs.LeaseLostError


def settle(lease: jobs.Lease[FeedFetch]) -> Generator[None, None, None]:
    """Deal with the articles that have left, some at a time."""
    fetch = lease.job
    while fetch.left and (rows := _next(fetch)):
        with transaction.atomic(), continued(_recording_of(fetch)):
            _leave(fetch.feed, rows, keep=fetch.answer == "keep")
            jobs.advance(lease, cursor=fetch.cursor + len(rows))
        yield


def _recording_of(fetch: FeedFetch) -> Recording:
    """Return the recording of what a fetch changes: one change set over all slices, whichever worker does them."""
    values = {"params": {"name": fetch.feed.name}, "import_run": fetch.run}
    return Recording(ChangeSet.How.FEED, values=values, key=change_key(fetch))


def change_key(fetch: FeedFetch) -> UUID:
    """Return the key of the change set of what a fetch does to the articles that have left; there may be none."""
    return uuid5(NAMESPACE_OID, f"catalogue.feedfetch {fetch.pk} {fetch.begun.isoformat()}")


def _next(fetch: FeedFetch) -> list[FeedArticle]:
    return list(missing(fetch)[:AT_ONCE])


def _leave(feed: ScheduledFeed, rows: Iterable[FeedArticle], *, keep: bool) -> None:
    now = timezone.now()
    ids = [row.article_id for row in rows]
    # In the order in which imports lock them.
    articles = {
        article.pk: article for article in Article.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    elsewhere = set(
        FeedArticle.objects.present().filter(article__in=ids).exclude(feed=feed.pk).values_list("article", flat=True)
    )
    hidden, sold_out = [], []
    for row in rows:
        row.left = now
        article = articles.get(row.article_id)
        # Another feed has it.
        if article is None or keep or row.article_id in elsewhere:
            continue
        if feed.on_leaving == OnLeaving.HIDE and article.published:
            row.hidden = True
            hidden.append(article.pk)
        elif feed.on_leaving == OnLeaving.SOLD_OUT and article.stock != 0:
            row.sold_out, row.stock_before = True, article.stock
            sold_out.append(article.pk)
    Article.objects.filter(pk__in=hidden).update(published=False, updated=now)
    Article.objects.filter(pk__in=sold_out).update(stock=0, updated=now)
    FeedArticle.objects.bulk_update(rows, ["left", "hidden", "sold_out", "stock_before"])
