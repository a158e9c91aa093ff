"""What of a search is asked for beside the photo."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters

# Nobody pages that far; it bounds what one request can ask of the index.
MAX_OFFSET = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """Which of the articles are wanted, and in which order.

    `emphasis`: −1 counts the cut alone, +1 the colour. `ordering` is one of the catalogue's; empty: the nearest first.
    """

    filters: ArticleFilters = NO_FILTERS
    limit: int = 12
    offset: int = 0
    emphasis: float = 0.0
    ordering: str = ""


DEFAULTS = SearchOptions()
