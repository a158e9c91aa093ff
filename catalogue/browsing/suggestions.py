"""Autocomplete: suggestions of categories, brands and articles while a shopper types."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Lower

from catalogue.browsing.filters import is_storable
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS
from catalogue.browsing.tree import category_tree, in_use, walk
from catalogue.models import Article, Brand

MOST = 8
# A single letter matches nearly everything.
LEAST_CHARACTERS = 2


def suggest(typed: str) -> list[str]:
    """Return up to MOST suggestions that contain the typed text: categories, brands, then articles.

    Each finds at least one published article. Articles whose name begins with the text come before the others.
    """
    text = " ".join(typed.split())
    if not LEAST_CHARACTERS <= len(text) <= QUERY_MAX_CHARACTERS or not is_storable(text):
        return []
    titles = [branch.category.title for branch in walk(in_use(category_tree()))]
    suggestions = [title for title in titles if text.casefold() in title.casefold()]
    published = Article.objects.published()
    brands = Brand.objects.filter(name__icontains=text, articles__in=published).distinct().order_by("name")
    suggestions += [brand.title for brand in brands[:MOST]]
    articles = published.filter(Q(name__icontains=text) | Q(name_fr__icontains=text)).only("name", "name_fr")
    names = [article.title for article in articles.order_by(Lower("name"))[: 4 * MOST]]
    suggestions += sorted(names, key=lambda name: (not name.casefold().startswith(text.casefold()), name.casefold()))
    # Articles may share a name.
    return list(dict.fromkeys(suggestions))[:MOST]
