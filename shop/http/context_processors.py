"""Template context processor: which parts of the shop are enabled."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def parts(request: HttpRequest) -> dict[str, bool]:
    """Return which parts of the shop are enabled."""
    return {"visual_search": settings.VISUAL_SEARCH}
