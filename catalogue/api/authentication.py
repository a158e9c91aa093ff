"""Partners' apps: told by a key of their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from catalogue.models import ApiClient

KEYWORD = "Api-Key"


class PartnerAuthentication(BaseAuthentication):
    """`Authorization: Api-Key …`. The app is the request's `auth`; it has no user.

    A key that is wrong is refused, not taken for a stranger's request: whoever sends one wants to know.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiClient] | None:
        keyword, _space, key = get_authorization_header(request).decode("ascii", "replace").partition(" ")
        if keyword.lower() != KEYWORD.lower():
            return None
        partner = ApiClient.objects.of_key(key.strip())
        if partner is None:
            raise AuthenticationFailed(_("This key is not known here, or was revoked. Ask the shop for another."))
        return None, partner

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def partner_of(request: Any) -> ApiClient | None:
    """Return the partner's app that asks, if one does. Pages' requests have none."""
    asking = getattr(request, "auth", None)
    return asking if isinstance(asking, ApiClient) else None
