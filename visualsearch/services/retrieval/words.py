"""Ranking by words: of the nearest articles, those that have a shopper's words come before the others."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.browsing.text_match import match_words
from visualsearch.inference.ranking import RANKED_AMONG
from visualsearch.services.retrieval.nearest import ArticleHit


def rank_by_words(hits: Sequence[ArticleHit], words: Sequence[str]) -> tuple[list[ArticleHit], tuple[str, ...]]:
    """Return the hits, of which those come first that have the most of the words, and the words that none has.

    Hits that have as many keep their order. As by kind, only the nearest are looked at: see RANKED_AMONG.
    """
    if not words or not hits:
        return list(hits), ()
    ranked, rest = hits[:RANKED_AMONG], hits[RANKED_AMONG:]
    found = match_words([hit.article_id for hit in ranked], words)
    scores = {
        hit.article_id: sum(by_article.get(hit.article_id, 0.0) for by_article in found.values()) for hit in ranked
    }
    unused = tuple(word for word in words if not found[word])
    return [*sorted(ranked, key=lambda hit: -scores[hit.article_id]), *rest], unused
