"""Text search: which articles a shopper's words find, and in which order.

All words must be found, each in the name, category, brand, colours or description of an article, as it is, in another
form, or as a synonym. Where that finds nothing, words that no article has are taken as the beginning of one, then as
one with a slip of the finger, and what is still unknown is left out; where no article has all of the words, those with
the most of them are found. What was done of this is said by the `TextSearch`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models.expressions import RawSQL

from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.clauses import AllOf, AnyOf, Clause
from catalogue.text_search.engines import all_matching_ids, matching_ids, newest_matching_ids
from catalogue.text_search.names import names
from catalogue.text_search.ranking import Rule, rules_of, scores_in_sql, scores_of
from catalogue.text_search.spelling import spelled
from catalogue.text_search.terms import NOTHING, Term, prefix_term, read_terms, whole_code

# Terms of a query that are looked for; those behind them are ignored.
MAX_TERMS = 12
# So few matching articles are passed on as a list of ids, so that the statements behind do not search again.
MAX_IDS = 1_000
# Where no article has all words: so many matches are counted, divided by the words, of each word, and so many articles
# with the most words are found.
MAX_COUNTED, MAX_CLOSEST = 12_000, 200
# A search that finds so few is asked whether another spelling was meant, if that finds so many times more.
FEW, TIMES_MORE = 3, 10


@dataclass(frozen=True, slots=True)
class TextSearch:
    """How a text is searched for, decided once.

    `ignored` are the words behind the first MAX_TERMS, `unused` those that no article has. `corrected` is the text that
    was searched for instead, `did_you_mean` one that finds much more, both empty where there is none. `relaxed`: no
    article has all words, those with the most come first. `found` is false where nothing is found.
    """

    text: str
    terms: tuple[Term, ...] = ()
    clause: Clause = NOTHING
    corrected: str = ""
    did_you_mean: str = ""
    unused: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    relaxed: bool = False
    found: bool = False
    ids: tuple[int, ...] | None = None

    @property
    def rules(self) -> list[Rule]:
        """What gives an article points, besides that it is in stock."""
        return rules_of(self.corrected or self.text, self.terms, relaxed=self.relaxed)

    def apply(self, articles: ArticleQuerySet) -> ArticleQuerySet:
        """Return those of the articles that are found."""
        ids: Iterable[int] | RawSQL = matching_ids(self.clause) if self.ids is None else self.ids
        return articles.filter(pk__in=ids)

    def found_ids(self) -> Iterable[int]:
        """Return the ids of the articles that are found, also of those that nobody sees."""
        return all_matching_ids(self.clause) if self.ids is None else self.ids

    def scored(self, articles: ArticleQuerySet) -> ArticleQuerySet:
        """Return those of the articles that are found, with their `score` annotated: the best matches have the most."""
        score = scores_in_sql(self.rules) if self.ids is None else scores_of(self.rules, self.ids)
        return self.apply(articles).annotate(score=score)


def plan_search(text: str, articles: ArticleQuerySet) -> TextSearch | None:
    """Return how to search for a text among articles, to which no filter was applied yet; None for an empty text."""
    if not text.strip():
        return None
    terms, ignored = _bounded(read_terms(text))
    search = _searched(TextSearch(text, ignored=ignored), terms, articles)
    if search.found:
        return _with_suggestion(search, articles)
    apart, beyond = _bounded(read_terms(text, together=False))
    if len(apart) > len(terms):
        # Of "evening dress", no article may have more than "dress".
        terms, ignored = apart, beyond
        if (search := _searched(TextSearch(text, ignored=ignored), terms, articles)).found:
            return search
    resolved = [_resolve(term, terms, articles) for term in terms]
    corrected = text
    for term, known in zip(terms, resolved, strict=True):
        if known is not None and known.text != term.text:
            corrected = corrected.replace(term.text, known.text, 1)
    known_terms = [term for term in resolved if term is not None]
    unused = tuple(term.text for term, known in zip(terms, resolved, strict=True) if known is None)
    search = TextSearch(text, ignored=ignored, corrected="" if corrected == text else corrected, unused=unused)
    strict = _searched(search, known_terms, articles)
    if strict.found or len(known_terms) < 2:
        return strict
    return _relaxed(search, known_terms, articles)


def _bounded(terms: Sequence[Term]) -> tuple[Sequence[Term], tuple[str, ...]]:
    """Return the terms that are looked for, and the words of those that are ignored."""
    return terms[:MAX_TERMS], tuple(term.text for term in terms[MAX_TERMS:])


def _searched(search: TextSearch, terms: Sequence[Term], articles: ArticleQuerySet) -> TextSearch:
    """Return a search with its terms, and whether it finds any of the articles."""
    required = [AllOf(tuple(term.clause for term in terms))] if terms else []
    clause = AnyOf((*whole_code(search.text).clauses, *required))
    ids = _ids_of(clause)
    found = (articles.filter(pk__in=matching_ids(clause)) if ids is None else articles.filter(pk__in=ids)).exists()
    return replace(search, terms=tuple(terms), clause=clause, ids=ids, found=found)


def _relaxed(search: TextSearch, terms: Sequence[Term], articles: ArticleQuerySet) -> TextSearch:
    """Return a search for the articles with the most of the terms, at most MAX_CLOSEST."""
    found: Counter[int] = Counter()
    for term in terms:
        found.update(newest_matching_ids(term.clause, MAX_COUNTED // len(terms)))
    by_terms: dict[int, list[int]] = defaultdict(list)
    for pk, count in found.items():
        by_terms[count].append(pk)
    best = [pk for count in sorted(by_terms, reverse=True) for pk in sorted(by_terms[count], reverse=True)]
    ids: tuple[int, ...] = ()
    for start in range(0, len(best), MAX_CLOSEST):
        # The index has articles that nobody sees, too.
        if ids := tuple(articles.filter(pk__in=best[start : start + MAX_CLOSEST]).values_list("pk", flat=True)):
            break
    return replace(search, terms=tuple(terms), relaxed=True, ids=ids, found=bool(ids))


def _resolve(term: Term, terms: Sequence[Term], articles: ArticleQuerySet) -> Term | None:
    """Return a term that articles have in place of one that none may have: itself, what begins so, what was meant."""
    if _count(term.clause, articles):
        return term
    beginning = prefix_term(term)
    if beginning is not None and _count(beginning.clause, articles):
        return beginning
    if term.unit is None:
        return None
    others = tuple(other.clause for other in terms if other is not term)
    best, most = None, (0, 0)
    for written in spelled(term.unit.joined, names().words):
        meant = replace(read_terms(written)[0], text=written)
        # Words that name something count without an article that has them.
        count = _count(meant.exact, articles) or min(1, _count(meant.clause, articles))
        if count and (found := (min(1, _count(AllOf((meant.clause, *others)), articles)), count)) > most:
            best, most = meant, found
    return best


def _with_suggestion(search: TextSearch, articles: ArticleQuerySet) -> TextSearch:
    """Return a search that finds little with the text that finds much more, one slip of the finger away, if any."""
    if search.ids is None or len(search.ids) > FEW or whole_code(search.text) == search.terms[0].coded:
        return search
    for term in search.terms:
        if term.unit is None or term.categories or term.brands or term.colours or term.synonymous.clauses:
            continue
        least = TIMES_MORE * max(1, _count(term.clause, articles))
        for written in spelled(term.unit.joined, names().words):
            if _count(read_terms(written)[0].exact, articles) >= least:
                return replace(search, did_you_mean=search.text.replace(term.text, written, 1))
    return search


def _count(clause: Clause, articles: ArticleQuerySet) -> int:
    """Return how many of the articles meet a clause, at most MAX_IDS."""
    ids = _ids_of(clause)
    if ids is None:
        return MAX_IDS
    return articles.filter(pk__in=ids).count() if ids else 0


def _ids_of(clause: Clause) -> tuple[int, ...] | None:
    """Return the ids of the articles that meet a clause, also of those that nobody sees; None for more than MAX_IDS."""
    ids = tuple(newest_matching_ids(clause, MAX_IDS + 1))
    return ids if len(ids) <= MAX_IDS else None
