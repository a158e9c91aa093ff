"""Photos from URLs: rate limits per host, fetching, and applying what was fetched."""

from __future__ import annotations

from catalogue.sources.fetching import KIND, Counts, fetch_waiting, try_again

__all__ = ["KIND", "Counts", "fetch_waiting", "try_again"]
