"""Who searches again, without knowing who it is: so that one visitor is answered by one model."""

from __future__ import annotations

from typing import Any

from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework.throttling import BaseThrottle

HEADER = "X-Visitor"
LONGEST = 64

VISITOR_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "maxLength": LONGEST},
    OpenApiParameter.HEADER,
    description=(
        "Any text that stays the same for one visitor or installation, so that models on trial do not take turns. "
        "Without it, the address and the browser's name serve. It is kept nowhere."
    ),
)


def visitor_of(request: Any) -> str:
    """Return a text that stays the same for one visitor. It is in no cookie, no row and no log."""
    said = request.headers.get(HEADER, "")[:LONGEST]
    if not said:
        said = f"{BaseThrottle().get_ident(request)} {request.headers.get('User-Agent', '')}"
    return salted_hmac("visitor", said, algorithm="sha256").hexdigest()
