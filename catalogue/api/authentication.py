"""Authentication of API clients by API key."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from catalogue.models import ApiClient

KEYWORD = "Api-Key"


class UnknownKeyError(AuthenticationFailed):
    """An API key that is none of this shop's, or was revoked."""


class PartnerAuthentication(BaseAuthentication):
    """Authenticates `Authorization: Api-Key …`. The client becomes the request's `auth`; there is no user.

    An invalid key raises AuthenticationFailed instead of making the request anonymous, so that its sender notices.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiClient] | None:
        keyword, _space, key = get_authorization_header(request).decode("ascii", "replace").partition(" ")
        if keyword.lower() != KEYWORD.lower():
            return None
        partner = ApiClient.objects.of_key(key.strip())
        if partner is None:
            raise UnknownKeyError
        return None, partner

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def partner_of(request: Any) -> ApiClient | None:
    """Return the API client that sent the request; None without a key, and for requests of pages."""
    asking = getattr(request, "auth", None)
    return asking if isinstance(asking, ApiClient) else None
