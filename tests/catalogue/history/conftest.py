"""Pictures to import."""

from __future__ import annotations

from tests.catalogue.feeds.conftest import draw

__all__ = ["draw"]
