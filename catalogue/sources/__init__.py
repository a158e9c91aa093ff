"""Photos from URLs: rate limits per host, fetching, and applying what was fetched."""

from __future__ import annotations

from catalogue.sources.fetching import KIND, Counts, agent, fetch_waiting, try_again
from catalogue.sources.host_limiter import NotNow, Slot, acquire_slot, back_off, release_slot, was_answered

__all__ = [
    "KIND",
    "Counts",
    "NotNow",
    "Slot",
    "acquire_slot",
    "agent",
    "back_off",
    "fetch_waiting",
    "release_slot",
    "try_again",
    "was_answered",
]
