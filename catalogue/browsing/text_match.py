"""Which of some articles have which words, and how well: what ranks articles that were found otherwise, as by photo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from catalogue.models import SearchDocument
from catalogue.text_search.clauses import FIELDS, any_of, meets
from catalogue.text_search.terms import Term, prefix_term, read_terms

# An article that has a word or a synonym, and one of which a word begins so.
WHOLE, BEGINNING = 1.0, 0.5


def match_words(article_ids: Collection[int], words: Iterable[str]) -> dict[str, dict[int, float]]:
    """Return for each word the ids of the articles that have it, or a synonym, in either language, with 0 < score ≤ 1.

    One query for the documents of these articles, which are read whole: give few ids.
    """
    terms = {word: read_terms(word) for word in words}
    if not terms or not article_ids:
        return {word: {} for word in terms}
    rows = SearchDocument.objects.filter(pk__in=article_ids).values_list("pk", *FIELDS)
    documents = {pk: dict(zip(FIELDS, (f" {text} " for text in texts), strict=True)) for pk, *texts in rows}
    return {
        word: {pk: score for pk, fields in documents.items() if (score := _score(parts, fields))}
        for word, parts in terms.items()
    }


def _score(terms: Sequence[Term], fields: Mapping[str, str]) -> float:
    """Return how well a document has all of the terms, 0 if it has not."""
    scores = [_score_of_one(term, fields) for term in terms]
    return min(scores, default=0.0)


def _score_of_one(term: Term, fields: Mapping[str, str]) -> float:
    if meets(term.clause, fields):
        return WHOLE
    beginning = prefix_term(term)
    return BEGINNING if beginning is not None and meets(any_of([beginning.clause]), fields) else 0.0
