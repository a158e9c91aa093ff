"""What a page looks like, in numbers."""

from __future__ import annotations

from playwright.sync_api import Page


def sticks_out(page: Page) -> int:
    """Return how many pixels a page is wider than its window."""
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over
