"""The shop's WSGI application, which may also fetch photos from one port of this machine: for `attack addresses`.

There a host listens that never answers. Fetching from this machine is otherwise refused, so the attack could not be
tried without the Internet.
"""

from __future__ import annotations

from django.conf import settings

from catalogue.imaging import FetchPolicy
from shop.wsgi import application
from visualsearch.services.search import fetched_photos

__all__ = ["application"]

PORT_FILE = settings.DATA_DIR / "silent-host"


def policy_with_silent_host() -> FetchPolicy:
    """Return the shop's policy, but for one port of any address."""
    port = int(PORT_FILE.read_text())
    return FetchPolicy(
        timeout_s=fetched_photos.TIMEOUT_S, ports=frozenset({port}), allow=lambda address: address.is_loopback
    )


fetched_photos.fetch_policy = policy_with_silent_host
