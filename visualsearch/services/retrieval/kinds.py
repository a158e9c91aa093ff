"""Ranking by kind: articles of the category that a photo shows come before others that look as much like it.

The network names the category of a photo more often right than the photos nearest to it do. What it gains and costs is
in docs/relevance.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from catalogue.models import Article, Category
from visualsearch.inference.descriptor import Settings
from visualsearch.inference.ranking import RANKED_AMONG, order_by_kind
from visualsearch.services.retrieval.nearest import ArticleHit


def rank_by_kind(
    hits: Sequence[ArticleHit], kinds: Mapping[Category, float], settings: Settings
) -> tuple[list[ArticleHit], Category | None]:
    """Return the hits, best first, ranked by kind, and the likeliest kind of which there are articles.

    `kinds` has the probability of each of the shop's categories that the photo may show. An article gains the
    probability of its category, or of one above it, times `kind_bonus`. The nearest article has the whole bonus if it
    stands out: it is likely the very one. The kind is None where no article gained by it.
    """
    if not settings.kind_bonus or not kinds or len(hits) < 2:
        return list(hits), None
    ranked, rest = hits[:RANKED_AMONG], hits[RANKED_AMONG:]
    chance_of = _chances([hit.article_id for hit in ranked], kinds)
    if not chance_of:
        return list(hits), None
    chances = [chance_of.get(hit.article_id, 0.0) for hit in ranked]
    order = order_by_kind([hit.similarity for hit in ranked], chances, settings)
    gained = [kind for kind, chance in kinds.items() if chance in chance_of.values()]
    return [*(ranked[place] for place in order), *rest], max(gained, key=lambda kind: kinds[kind])


def _chances(article_ids: Sequence[int], kinds: Mapping[Category, float]) -> dict[int, float]:
    """Return the probability of each article's category, or of one above it; articles of other categories are missing.

    An article that is listed in further categories has the likeliest.
    """
    below = Q()
    for kind in kinds:
        below |= Q(path__startswith=kind.path)
    chance_of = {
        pk: max(chance for kind, chance in kinds.items() if path.startswith(kind.path))
        for pk, path in Category.objects.filter(below).values_list("pk", "path")
    }
    first = Article.objects.filter(pk__in=article_ids, category__in=chance_of).order_by()
    further = Article.additional_categories.through.objects.filter(article__in=article_ids, category__in=chance_of)
    chances: dict[int, float] = {}
    for article_id, category_id in [
        *first.values_list("pk", "category_id"),
        *further.values_list("article_id", "category_id"),
    ]:
        chances[article_id] = max(chances.get(article_id, 0.0), chance_of[category_id or 0])
    return chances
