"""The other colours of a design, for its articles' pages and the API."""

from __future__ import annotations

from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet

# No design has as many: it is a limit for a style number that stands where none should.
COLOURS_AT_MOST = 60


def shown_colour_variants(article: Article) -> ArticleQuerySet:
    """Return the published articles that are other colours of this one, to be shown in a list, with their colours."""
    others = Article.objects.published().colour_variants(article)
    return others.for_display().prefetch_related("colours")[:COLOURS_AT_MOST]
