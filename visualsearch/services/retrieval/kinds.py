"""Ranking by kind: articles of the category that a photo shows come before others that look as much like it.

The network names the category of a photo more often right than the photos nearest to it do. What it gains and costs is
in docs/relevance.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from catalogue.models import Article, Category
from catalogue.prepared import Prepared
from visualsearch.inference.descriptor import Settings
from visualsearch.inference.ranking import RANKED_AMONG, order_by_kind
from visualsearch.services.retrieval.label_categories import paths_below
from visualsearch.services.retrieval.nearest import ArticleHit

# The category of articles, and their further ones.
_FIRST = Prepared(lambda ids: Article.objects.filter(pk__in=ids).order_by().values_list("pk", "category_id"))
_FURTHER = Prepared(
    lambda ids: Article.additional_categories.through.objects.filter(article__in=ids).values_list(
        "article_id", "category_id"
    )
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
    chances: dict[int, float] = {}
    for article_id, category_id in chain(_FIRST.rows(article_ids), _FURTHER.rows(article_ids)):
        path = path_of.get(category_id, "")
        chance = max((chance for kind, chance in kinds.items() if path.startswith(kind.path)), default=None)
        if chance is not None:
            chances[article_id] = max(chances.get(article_id, 0.0), chance)
    return chances
