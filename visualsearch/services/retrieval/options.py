"""The parameters of a search besides the query: filters, words, pagination, emphasis and ordering."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters
from catalogue.browsing.words import NO_WORDS, SearchWords

# Bounds the cost of one request; no shopper pages that far.
MAX_OFFSET = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """Filters, words, page and order of a search.

    `filters` were given explicitly; `words` may filter too, and those that do not, rank.
    `emphasis`: −1 is shape alone, +1 colour alone. `ordering` is one of the catalogue's; empty: most similar first.
    `kind_first` has articles of the kind that the photo surely shows come before others that look as much like it.
    `garment` is the number of the photo's garment, from 1, best first.
    """

    filters: ArticleFilters = NO_FILTERS
    words: SearchWords = NO_WORDS
    limit: int = 12
    offset: int = 0
    emphasis: float = 0.0
    ordering: str = ""
    kind_first: bool = True
    garment: int = 1

    @property
    def all_filters(self) -> ArticleFilters:
        """The filters in force: those given explicitly, and those that words name."""
        return self.words.narrow(self.filters)


DEFAULTS = SearchOptions()
