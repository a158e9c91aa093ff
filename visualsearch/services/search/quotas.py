"""What a caller may do with search by photo: how often an address and a partner's app, and with which rights staff."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalogue.imaging.patience import current
from catalogue.models import ApiClient
from catalogue.rate_limits import DAY_S, MINUTE_S, Limit, Rate, limits_of_address, register_rate, spend
from catalogue.rights import register_rights

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
SECONDS = register_rate(
    Rate(
        "seconds_a_minute",
        _("seconds of processor time a minute"),
        window_s=MINUTE_S,
        default=120,
        help_text=_("What searches with new photos take. Most take a tenth of a second, very large photos a second."),
    )
)
register_rights(
    {
        "visualsearch.add_photobatch": _("Submit batches of photos"),
        "visualsearch.view_photobatch": _("Read batches of photos"),
        "visualsearch.change_photobatch": _("Cancel batches of photos"),
        "visualsearch.delete_photobatch": _("Delete batches of photos"),
    }
)
FETCHES = register_rate(
    Rate(
        "fetches_a_minute",
        _("photos from addresses a minute"),
        window_s=MINUTE_S,
        default=60,
        help_text=_("Searches that name a photo by its address. The shop fetches it."),
    )
)
FEEDBACK = register_rate(
    Rate(
        "feedback_a_minute",
        _("messages of feedback a minute"),
        window_s=MINUTE_S,
        default=1_200,
        help_text=_("Which results shoppers open, and what they say about them."),
    )
)
FEEDBACK_PHOTOS = register_rate(
    Rate(
        "feedback_megabytes_a_day",
        _("megabytes of feedback a day"),
        window_s=DAY_S,
        default=1_000,
        help_text=_("Photos that shoppers share. Each opinion counts as 0.1 MB in addition."),
    )
)
# The names of the rates that settings give an address.
SEARCH_RATE, TIME_RATE, FETCH_RATE, LINK_RATE = "predict", "predict_time", "fetch", "links"
FEEDBACK_RATE, KEPT_RATE = "feedback", "feedback_bytes"
# What a judgement counts as, beside the bytes of its photo: 200 a day, of 20 MB.
JUDGEMENT_BYTES = 100_000


def search_limits(client: ApiClient | None, address: str) -> list[Limit]:
    """Return what a caller may search with new photos."""
    if client is not None:
        return [SEARCHES.limit_of(client), PHOTOS.limit_of(client), *time_limits(client, address)]
    return [*limits_of_address(SEARCH_RATE, address), *time_limits(client, address)]


def time_limits(client: ApiClient | None, address: str) -> list[Limit]:
    """Return how much processor time a caller's photos may take, which `metered` counts."""
    limits = [SECONDS.limit_of(client)] if client is not None else limits_of_address(TIME_RATE, address)
    return [limit.in_milliseconds() for limit in limits]


@contextmanager
def metered(client: ApiClient | None, address: str) -> Iterator[None]:
    """Count the processor time that is spent within as the caller's: this thread's, and that of its child processes."""
    patience, began = current(), time.thread_time()
    before_s = patience.spent_s if patience else 0.0
    try:
        yield
    finally:
        others_s = patience.spent_s - before_s if patience else 0.0
        spend(time_limits(client, address), round((time.thread_time() - began + others_s) * 1_000))


def fetch_limits(client: ApiClient | None, address: str) -> list[Limit]:
    """Return how many photos a caller may have fetched from addresses, besides what it may search."""
    return [FETCHES.limit_of(client)] if client is not None else limits_of_address(FETCH_RATE, address)


def batch_limits(client: ApiClient | None) -> list[Limit]:
    """Return how many photos a caller may send in batches. Staff, who are no client, are the shop's own."""
    return [PHOTOS.limit_of(client)] if client is not None else []


def feedback_limits(client: ApiClient | None, address: str) -> list[Limit]:
    return [FEEDBACK.limit_of(client)] if client is not None else limits_of_address(FEEDBACK_RATE, address)


def kept_limits(client: ApiClient | None, address: str) -> list[Limit]:
    """Return how many bytes a caller may leave for staff to look at."""
    if client is None:
        return limits_of_address(KEPT_RATE, address)
    limit = FEEDBACK_PHOTOS.limit_of(client)
    return [replace(limit, most=limit.most * 1_000_000)]


def bytes_kept(photo: UploadedFile[Any] | None) -> int:
    """Return what a judgement counts as, with the photo that was left beside it."""
    return JUDGEMENT_BYTES + (photo.size or 0 if photo else 0)


def link_limits(address: str) -> list[Limit]:
    return limits_of_address(LINK_RATE, address)
