"""What every template knows of the shop as it is assembled."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def parts(request: HttpRequest) -> dict[str, bool]:
    """Return which parts of the shop are switched on."""
    return {"visual_search": settings.VISUAL_SEARCH}
