"""How many searches by photo a caller may make: an address as settings say, a partner's app as its row does."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalogue.models import ApiClient
from catalogue.rate_limits import DAY_S, MINUTE_S, Limit, Rate, limits_of_address, register_rate

SEARCHES = register_rate(Rate("searches_a_minute", _("searches a minute"), window_s=MINUTE_S, default=600))
PHOTOS = register_rate(
    Rate(
        "photos_a_day",
        _("photos a day"),
        window_s=DAY_S,
        default=50_000,
        help_text=_("Searches and photos of batches together."),
    )
)
# The names of the rates that settings give an address.
SEARCH_RATE, FEEDBACK_RATE, LINK_RATE = "predict", "feedback", "links"


def search_limits(client: ApiClient | None, address: str) -> list[Limit]:
    """Return what a caller may search with new photos."""
    if client is not None:
        return [SEARCHES.limit_of(client), PHOTOS.limit_of(client)]
    return limits_of_address(SEARCH_RATE, address)


def batch_limits(client: ApiClient | None) -> list[Limit]:
    """Return how many photos a caller may send in batches. Staff, who are no client, are the shop's own."""
    return [PHOTOS.limit_of(client)] if client is not None else []


def feedback_limits(address: str) -> list[Limit]:
    return limits_of_address(FEEDBACK_RATE, address)


def link_limits(address: str) -> list[Limit]:
    return limits_of_address(LINK_RATE, address)
