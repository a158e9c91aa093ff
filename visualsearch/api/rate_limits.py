"""How many searches and how much feedback a caller of the API may send."""

from __future__ import annotations

from rest_framework.request import Request

from catalogue.api.authentication import partner_of
from catalogue.api.rate_limits import LimitThrottle
from catalogue.rate_limits import Limit, address_of
from visualsearch.services.search import quotas


class PredictThrottle(LimitThrottle):
    """A search with a new photo."""

    def limits(self, request: Request) -> list[Limit]:
        return quotas.search_limits(partner_of(request), address_of(request.META))


class FeedbackThrottle(LimitThrottle):
    """What a shopper did with results."""

    def limits(self, request: Request) -> list[Limit]:
        return quotas.feedback_limits(address_of(request.META))
