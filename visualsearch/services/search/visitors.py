"""Who searches again, without knowing who it is: so that one visitor is answered by one model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

from catalogue.rate_limits import address_of

HEADER = "X-Visitor"
MAX_LENGTH = 64


def visitor_of(meta: Mapping[str, Any]) -> str:
    """Return a text that stays the same for one visitor, from a request's environment (its META).

    It is in no cookie, no row and no log.
    """
    name = str(meta.get("HTTP_X_VISITOR", ""))[:MAX_LENGTH]
    if not name:
        name = f"{address_of(meta)} {meta.get('HTTP_USER_AGENT', '')}"
    return salted_hmac("visitor", name, algorithm="sha256").hexdigest()
