"""Ranking: the points of the articles that are found. The most come first; among equals, the newest.

One list of rules: for a broad search they are applied in SQL, each as a list that the engine makes; for few articles in
Python, to their documents, since an engine's list of a common word costs more than they do.

What counts for more is so many times more that no sum of what counts for less outweighs it: first that it is just what
was typed, then how many of the words say what it is (`Term.kind`), then whether it is in stock, then the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Q, Value, When
from django.db.models.expressions import Combinable

from catalogue.models import SearchDocument
from catalogue.models.querysets import IN_STOCK
from catalogue.text_search.analysis import name_token, units, word_tokens
from catalogue.text_search.clauses import (
    FIELDS,
    TITLE,
    Clause,
    Tokens,
    any_of,
    phrase,
    phrases_in,
    predicate,
    signature,
)
from catalogue.text_search.engines import matching_ids
from catalogue.text_search.terms import NOTHING, Term, whole_code

# Of each word. An article of the category that a word names comes before one that has the word in its name alone: a
# dress shirt is no dress.
CATEGORY, TITLED, SYNONYM, BRAND, STEMMED, ONLY_COLOUR, COLOUR, WITHIN = 12, 8, 7, 6, 5, 5, 4, 3
# What the article is, besides what it is called: a shirt dress is a dress.
HEADED = 2
# All of the words in a row, in its name.
IN_A_ROW = 2
# It can be bought.
AVAILABLE = 500
# Each word that says what it is; that is in its name in another form, or by a synonym, and says so less surely.
OF_KIND, ALIKE = 2_000, 1_000
# Its name is what was typed; its SKU or barcode is.
NAMED, CODE = 50_000, 100_000
# Of a search in which not all words must be found: each word that is.
FOUND_WORD = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for the first of some clauses that an article meets."""

    alternatives: tuple[tuple[Clause, int], ...]

    @classmethod
    def of(cls, *alternatives: tuple[Clause, int]) -> Rule:
        return cls(tuple((clause, points) for clause, points in alternatives if clause != NOTHING))


def rules_of(text: str, terms: Sequence[Term], *, relaxed: bool) -> list[Rule]:
    """Return the rules of a search for a text that was read as terms. `relaxed`: not all of them must be found."""
    rules = [Rule.of((whole_code(text), CODE)), Rule.of((any_of(_whole_name(text)), NAMED))]
    for term in terms:
        rules += [
            *_rules_of_kind(term),
            Rule.of((term.headed, HEADED)),
            Rule.of((term.branded, BRAND)),
            Rule.of((term.of_one_colour, ONLY_COLOUR), (term.coloured, COLOUR)),
        ]
        if relaxed:
            rules.append(Rule.of((term.clause, FOUND_WORD)))
    if len(terms) > 1:
        words = word_tokens(part for unit in units(text) for part in unit.parts)
        rules.append(Rule.of((phrase(TITLE, words), IN_A_ROW)))
    return [rule for rule in rules if rule.alternatives]


def _rules_of_kind(term: Term) -> list[Rule]:
    """Return the rules of a term's kind, category and name: where two ask the same, as one, since a list costs most."""
    within = Rule.of((term.within_category, WITHIN))
    if term.kind == term.titled:
        alike = (term.synonymous, ALIKE + SYNONYM), (term.stemmed, ALIKE + STEMMED)
        return [Rule.of((term.titled, OF_KIND + TITLED), *alike), within]
    named = (term.titled, TITLED), (term.synonymous, SYNONYM), (term.stemmed, STEMMED)
    if term.kind == term.categorised:
        return [Rule.of((term.kind, OF_KIND + CATEGORY), (term.named, ALIKE)), Rule.of(*named), within]
    category = Rule.of((term.categorised, CATEGORY), (term.within_category, WITHIN))
    return [Rule.of((term.kind, OF_KIND), (term.named, ALIKE)), Rule.of(*named), category]


def scores_in_sql(rules: Iterable[Rule]) -> Combinable:
    """Return the points of an article, to be annotated, by lists that the engine makes of all articles."""
    score = _availability()
    for rule in rules:
        score = score + _points((Q(pk__in=matching_ids(clause)), points) for clause, points in rule.alternatives)
    return score


def scores_of(rules: Sequence[Rule], article_ids: Collection[int]) -> Combinable:
    """Return the points of these articles, to be annotated. One query for their documents."""
    clauses = [clause for rule in rules for clause, _ in rule.alternatives]
    asked = {each.field for clause in clauses for each in phrases_in(clause)}
    fields = [field for field in FIELDS if field in asked]
    tests = [[(predicate(clause), points) for clause, points in rule.alternatives] for rule in rules]
    # Of hundreds of documents, few differ in what the rules ask.
    signature_of, known = signature(clauses), dict[Hashable, int]()
    by_score: dict[int, list[int]] = defaultdict(list)
    for pk, *texts in SearchDocument.objects.filter(pk__in=article_ids).values_list("pk", *fields):
        document = Tokens(fields, texts)
        if (seen := signature_of(document)) not in known:
            known[seen] = sum(next((points for test, points in rule if test(document)), 0) for rule in tests)
        by_score[known[seen]].append(pk)
    return _availability() + _points((Q(pk__in=ids), score) for score, ids in by_score.items())


def _availability() -> Combinable:
    return _points([(IN_STOCK, AVAILABLE)])


def _points(conditions: Iterable[tuple[Q, int]]) -> Combinable:
    """Return the points of the first condition that is met, 0 if none is."""
    return Case(*(When(condition, then=Value(points)) for condition, points in conditions), default=Value(0))


def _whole_name(text: str) -> list[Clause]:
    token = name_token(text)
    return [phrase(TITLE, token)] if token else []
