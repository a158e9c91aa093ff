"""The articles of a list, page by page: which, and in which order, by the column table; their rows by one statement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from catalogue.browsing.currencies import currencies_of
from catalogue.browsing.filters import apply_filters
from catalogue.browsing.listing import RELEVANCE, ListQuery, by_relevance
from catalogue.browsing.offers import Offer, Passing, scores_of
from catalogue.columns.following import doubt_table
from catalogue.columns.rows import Ids, Mask
from catalogue.models import Article

# A statement scores each article that it finds (10,000: 70 ms); in memory each clause of the rules costs a statement
# for all that meet it (20 ms together, whatever is found).
SCORED_IN_MEMORY = 3_000


class ArticlePages:
    """The articles of an offer that pass a list's filters, in its order, for `Paginator` and the API.

    The statement that reads the rows asks for all that the list does: an article that no longer belongs to it is left
    out, however late the table learns of that, and its page has one article fewer.
    """

    # As Django's Paginator asks: the same page has the same articles.
    ordered = True

    def __init__(self, query: ListQuery, offer: Offer) -> None:
        self._query, self._offer = query, offer

    @cached_property
    def _mask(self) -> Mask:
        return Passing(self._query.filters, self._offer).but()

    @cached_property
    def _ids(self) -> Ids:
        table, ordering, search = self._offer.table, self._query.ordering, self._offer.search
        if ordering in {"price", "-price"}:
            order = table.by_price(currencies_of(table)[0], descending=ordering == "-price")
        elif search is not None and (ordering or RELEVANCE) == RELEVANCE:
            order = table.best(scores_of(search, table))
        else:
            order = table.newest
        found: Ids = table.ids[order[self._mask[order]]]
        return found

    def count(self) -> int:
        return int(self._mask.sum())

    def __getitem__(self, part: slice) -> list[Article]:
        """Return the articles of a part of the list. A statement, and one for their photos.

        A text search adds one that scores the articles, or several of which all articles that they find are scored.
        """
        rows = apply_filters(self._query.filters, self._offer.articles())
        search = self._offer.search
        by_score = search is not None and (self._query.ordering or RELEVANCE) == RELEVANCE
        if search is not None and by_score and self.count() < SCORED_IN_MEMORY:
            # Only ids: what is sorted with its score is small.
            ids = list(by_relevance(search, rows).values_list("pk", flat=True)[part])
        else:
            ids = self._ids[part].tolist()
        return self._in_order(ids, rows.filter(pk__in=ids).order_by().for_display())

    def _in_order(self, ids: list[int], rows: Iterable[Article]) -> list[Article]:
        by_id = {row.pk: row for row in rows}
        if len(by_id) < len(ids):
            doubt_table()
        return [by_id[key] for key in ids if key in by_id]
