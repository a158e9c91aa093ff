"""Suggestions while a shopper types: categories, brands and articles of the shop."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Lower

from catalogue.browsing.filters import is_storable
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS
from catalogue.browsing.tree import category_tree, in_use, walk
from catalogue.models import Article, Brand

MOST = 8
# One letter suggests everything.
LEAST_CHARACTERS = 2


def suggest(typed: str) -> list[str]:
    """Return up to MOST texts that hold what was typed, each of which finds something: categories before brands.

    Articles come last, those first whose name begins with it.
    """
    text = " ".join(typed.split())
    if not LEAST_CHARACTERS <= len(text) <= QUERY_MAX_CHARACTERS or not is_storable(text):
        return []
    titles = [branch.category.title for branch in walk(in_use(category_tree()))]
    found = [title for title in titles if text.casefold() in title.casefold()]
    published = Article.objects.published()
    brands = Brand.objects.filter(name__icontains=text, articles__in=published).distinct().order_by("name")
    found += [brand.title for brand in brands[:MOST]]
    articles = published.filter(Q(name__icontains=text) | Q(name_fr__icontains=text)).only("name", "name_fr")
    names = [article.title for article in articles.order_by(Lower("name"))[: 4 * MOST]]
    found += sorted(names, key=lambda name: (not name.casefold().startswith(text.casefold()), name.casefold()))
    # Two articles may have one name.
    return list(dict.fromkeys(found))[:MOST]
