"""How many searches by photo a caller may make: an address as settings say, a partner's app as its row does."""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request

from catalogue.api.authentication import partner_of
from catalogue.api.rate_limits import DAY_S, MINUTE_S, Limit, WindowThrottle, limit_of_rate
from catalogue.models import ApiClient


class PredictThrottle(WindowThrottle):
    """A search with a new photo."""

    def limits(self, request: Request) -> list[Limit]:
        partner = partner_of(request)
        if partner:
            return [Limit(f"searches of {partner.pk}", partner.searches_a_minute, MINUTE_S), photos_a_day(partner)]
        return limits_of_address("predict", self.get_ident(request))


class BatchThrottle(WindowThrottle):
    """A batch: each of its photos counts as a search of the day. To be asked once they have been counted."""

    def __init__(self, photos: int) -> None:
        self.photos = photos

    def cost(self, request: Request) -> int:
        return self.photos

    def limits(self, request: Request) -> list[Limit]:
        partner = partner_of(request)
        # Staff are the shop's own.
        return [photos_a_day(partner)] if partner else []


def photos_a_day(partner: ApiClient) -> Limit:
    return Limit(f"photos of {partner.pk}", partner.photos_a_day, DAY_S)


def limits_of_address(scope: str, address: str | None) -> list[Limit]:
    """Return the limit that settings' rate of this name sets for an address, none where there is no rate."""
    rate: str | None = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].get(scope)
    if not rate:
        return []
    return [limit_of_rate(f"{scope} of {address}", rate)]
