"""The other colours of a design, for its articles' pages and the API."""

from __future__ import annotations

from catalogue.models import Article

# More have no style number but a word that stands for none, such as "N/A".
COLOURS_AT_MOST = 60


def shown_colour_variants(article: Article) -> list[Article]:
    """Return the published articles that are other colours of this one, to be shown in a list, with their colours.

    None if they are more than COLOURS_AT_MOST.
    """
    others = Article.objects.published().colour_variants(article)
    keys = list(others.order_by().values_list("pk", flat=True)[: COLOURS_AT_MOST + 1])
    if not keys or len(keys) > COLOURS_AT_MOST:
        return []
    return list(Article.objects.filter(pk__in=keys).order_by("name", "pk").for_display().prefetch_related("colours"))
