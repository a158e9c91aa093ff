"""Which articles a fetched feed had: recorded batch by batch, in the transaction that writes the rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from catalogue.feeds import Seen
from catalogue.models import Article, FeedArticle, FeedFetch, ImportRun


def record_seen(run: ImportRun, seen: Sequence[Seen]) -> None:
    """Record which articles the rows are of, if the file is a feed's, and undo what was done when they had left it.

    A row that was refused is of an article all the same: the article has not left the feed.
    """
    fetch = FeedFetch.objects.filter(run=run.pk).first()
    if fetch is None:
        return
    states = {sku: row.states for row in seen if row.imported for sku in row.skus}
    imported = dict(Article.objects.filter(sku__in=states).order_by("pk").values_list("pk", "sku"))
    rows = FeedArticle.objects.filter(feed=fetch.feed_id)
    known = set(rows.filter(article__in=imported).values_list("article", flat=True))
    FeedArticle.objects.bulk_create(
        FeedArticle(feed_id=fetch.feed_id, article_id=pk, seen=fetch.pk) for pk in imported if pk not in known
    )
    returned = rows.filter(article__in=imported).exclude(left=None).count()
    _show_again({pk: states[sku] for pk, sku in imported.items()})
    rows.filter(article__in=imported).update(seen=fetch.pk, left=None)
    refused = [sku for row in seen if not row.imported for sku in row.skus]
    if refused:
        rows.present().filter(article__sku__in=refused).update(seen=fetch.pk)
    unidentified = sum(not row.skus for row in seen)
    if returned or unidentified:
        FeedFetch.objects.filter(pk=fetch.pk).update(
            returned=F("returned") + returned, unidentified=F("unidentified") + unidentified
        )


def _show_again(states: dict[int, frozenset[str]]) -> None:
    """Publish what a feed hid and give back the stock that it took, where the row does not say otherwise itself."""
    changed = FeedArticle.objects.changed_by_feed().filter(article__in=states)
    now = timezone.now()
    for row in changed:
        if row.hidden and "published" not in states[row.article_id]:
            Article.objects.filter(pk=row.article_id, published=False).update(published=True, updated=now)
        if row.sold_out and "stock" not in states[row.article_id]:
            # Unless somebody has counted it since.
            Article.objects.filter(pk=row.article_id, stock=0).update(stock=row.stock_before, updated=now)
    changed.update(hidden=False, sold_out=False, stock_before=None)
