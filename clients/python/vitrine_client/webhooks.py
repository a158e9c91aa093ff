"""Checks that a webhook is from the shop (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

# A message that is older may have been recorded and sent again by somebody else.
OLDEST_S = 300


def is_from_the_shop(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a message was signed with the secret of `Vitrine.new_webhook_secret`, and is not old.

    `body` is its bytes as they came; the names of `headers` are in any case.
    """
    named = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp[:12])) > OLDEST_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = f"v1,{base64.b64encode(digest).decode()}".encode()
    given = named.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(expected, one) for one in given)
