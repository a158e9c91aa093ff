"""Which of some articles have which words, and how well: what ranks articles that were found otherwise, as by photo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from catalogue.models import SearchDocument
from catalogue.text_search.clauses import FIELDS, Tokens, predicate
from catalogue.text_search.terms import Term, prefix_term, read_terms

# An article that has a word or a synonym, and one of which a word begins so.
WHOLE, BEGINNING = 1.0, 0.5


def match_words(article_ids: Collection[int], words: Iterable[str]) -> dict[str, dict[int, float]]:
    """Return for each word the ids of the articles that have it, or a synonym, in either language, with 0 < score ≤ 1.

    One query for the documents of these articles, which are read whole: give few ids.
    """
    scores = {word: [_score_of(term) for term in read_terms(word)] for word in words}
    if not scores or not article_ids:
        return {word: {} for word in scores}
    rows = SearchDocument.objects.filter(pk__in=article_ids).values_list("pk", *FIELDS)
    documents = {pk: Tokens(FIELDS, texts) for pk, *texts in rows}
    return {
        word: {pk: score for pk, document in documents.items() if (score := _score(parts, document))}
        for word, parts in scores.items()
    }


def _score(parts: Sequence[Callable[[Tokens], float]], document: Tokens) -> float:
    """Return how well a document has all of the terms, 0 if it has not."""
    return min((part(document) for part in parts), default=0.0)


def _score_of(term: Term) -> Callable[[Tokens], float]:
    """Return what says how well a document has a term, 0 if it has not."""
    beginning = prefix_term(term)
    whole, begun = predicate(term.clause), predicate(beginning.clause) if beginning else None
    return lambda document: WHOLE if whole(document) else BEGINNING if begun and begun(document) else 0.0
