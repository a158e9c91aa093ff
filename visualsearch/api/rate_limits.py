"""Throttles of searches by photo, of feedback and of links."""

from __future__ import annotations

from rest_framework.request import Request

from catalogue.api.authentication import partner_of
from catalogue.api.rate_limits import LimitThrottle
from catalogue.rate_limits import Limit, address_of
from visualsearch.services.search import quotas


class PredictThrottle(LimitThrottle):
    """Throttles searches with a new photo, by API client or IP address."""

    def limits(self, request: Request) -> list[Limit]:
        return quotas.search_limits(partner_of(request), address_of(request.META))


class FeedbackThrottle(LimitThrottle):
    """Throttles feedback, by API client or IP address."""

    def limits(self, request: Request) -> list[Limit]:
        return quotas.feedback_limits(partner_of(request), address_of(request.META))


class LinkThrottle(LimitThrottle):
    """Throttles the making of links, by IP address."""

    def limits(self, request: Request) -> list[Limit]:
        return quotas.link_limits(address_of(request.META))
