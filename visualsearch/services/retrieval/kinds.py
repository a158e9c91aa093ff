"""Ranking by kind: articles of the category that a photo shows come before others that look as much like it.

The network names the category of a photo more often right than the photos nearest to it do. What it gains and costs is
in docs/relevance.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalogue.models import Article, Category
from catalogue.prepared import Prepared
from visualsearch.inference.descriptor import Settings
from visualsearch.inference.ranking import RANKED_AMONG, order_by_kind
from visualsearch.services.retrieval.label_categories import paths_below
from visualsearch.services.retrieval.nearest import ArticleHit

# The category of articles, and one of their further ones: a row for each of these.
_CATEGORIES = Prepared(
    lambda ids: Article.objects.filter(pk__in=ids).order_by().values_list("pk", "category_id", "additional_categories")
)


def rank_by_kind(
    hits: Sequence[ArticleHit],
    kinds: Mapping[Category, float],
    settings: Settings,
    path_of: Mapping[int, str] | None = None,
) -> tuple[list[ArticleHit], Category | None]:
    """Return the hits, best first, ranked by kind, and the likeliest kind of which there are articles.

    `kinds` has the probability of each of the shop's categories that the photo may show. An article gains the
    probability of its category, or of one above it, times `kind_bonus`. The nearest article has the whole bonus if it
    stands out: it is likely the very one. The kind is None where no article gained by it. `path_of` has the path of
    each kind and of the categories below, where the caller knows them.
    """
    if not settings.kind_bonus or not kinds or len(hits) < 2:
        return list(hits), None
    ranked, rest = hits[:RANKED_AMONG], hits[RANKED_AMONG:]
    path_of = paths_below(kinds) if path_of is None else path_of
    chance_of = _chances([hit.article_id for hit in ranked], kinds, path_of)
    if not chance_of:
        return list(hits), None
    chances = [chance_of.get(hit.article_id, 0.0) for hit in ranked]
    order = order_by_kind([hit.similarity for hit in ranked], chances, settings)
    gained = [kind for kind, chance in kinds.items() if chance in chance_of.values()]
    return [*(ranked[place] for place in order), *rest], max(gained, key=lambda kind: kinds[kind])


def _chances(
    article_ids: Sequence[int], kinds: Mapping[Category, float], path_of: Mapping[int, str]
) -> dict[int, float]:
    """Return the probability of each article's category, or of one above it; articles of other categories are missing.

    An article that is listed in further categories has the likeliest.
    """
    by_path = [(kind.path, chance) for kind, chance in kinds.items()]
    # Each category once: a page's articles are of few. Without a path, it is of no kind.
    chance_of: dict[int | None, float | None] = {}
    chances: dict[int, float] = {}
    for article_id, *category_ids in _CATEGORIES.rows(article_ids):
        for category_id in category_ids:
            if category_id not in chance_of:
                path = path_of.get(category_id, "")
                chance_of[category_id] = max((one for start, one in by_path if path.startswith(start)), default=None)
            chance = chance_of[category_id]
            if chance is not None and chance > chances.get(article_id, -1.0):
                chances[article_id] = chance
    return chances
