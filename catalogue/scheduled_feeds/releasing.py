"""What staff publish or hide themselves is theirs: a feed does not undo it."""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.models import Article, FeedArticle


def release(articles: Iterable[Article]) -> None:
    """Forget that feeds hid these articles, since somebody else has decided whether they are shown."""
    FeedArticle.objects.filter(article__in=articles, hidden=True).update(hidden=False)
