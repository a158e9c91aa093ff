"""Authentication of callers of the API: partners' apps by key, staff by token."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from catalogue.models import ApiClient, ApiToken

logger = logging.getLogger(__name__)

KEYWORD, TOKEN_KEYWORD = "Api-Key", "Token"
NOTED_AGAIN_AFTER_S = 60.0


class UnknownKeyError(AuthenticationFailed):
    """An API key that is none of this shop's, or was revoked."""


class UnknownTokenError(AuthenticationFailed):
    """A token that is none of this shop's, was revoked, or is that of somebody who left."""


class ExpiredTokenError(AuthenticationFailed):
    """A token whose time is over."""


class PartnerAuthentication(BaseAuthentication):
    """Authenticates `Authorization: Api-Key …`. The client becomes the request's `auth`; there is no user.

    An invalid key raises AuthenticationFailed instead of making the request anonymous, so that its sender notices.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiClient] | None:
        key = sent_after(KEYWORD, request)
        if key is None:
            return None
        partner = ApiClient.objects.of_key(key)
        if partner is None:
            raise UnknownKeyError
        return None, partner

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


class StaffAuthentication(BaseAuthentication):
    """Authenticates `Authorization: Token …`. The token becomes the request's `auth`, its owner the `user`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        key = sent_after(TOKEN_KEYWORD, request)
        if key is None:
            return None
        token = ApiToken.objects.of_key(key)
        if token is None or not token.user.is_active:
            raise UnknownTokenError
        if token.has_expired:
            raise ExpiredTokenError
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return TOKEN_KEYWORD


# From when on (time.monotonic) uses are noted again, after the database would not take one.
_noting_from = [0.0]


def note_use(token: ApiToken) -> None:
    """Note that a token is used. A full disk or a locked database keeps nobody from reading, nor waiting each time."""
    if time.monotonic() < _noting_from[0]:
        return
    try:
        token.note_use()
    except DatabaseError as error:
        _noting_from[0] = time.monotonic() + NOTED_AGAIN_AFTER_S
        logger.warning("the use of a token could not be noted: %s", error)


def sent_after(keyword: str, request: Request) -> str | None:
    """Return what the header Authorization has after this word; None if it begins otherwise."""
    word, _space, key = get_authorization_header(request).decode("ascii", "replace").partition(" ")
    return key.strip() if word.lower() == keyword.lower() else None


def partner_of(request: Any) -> ApiClient | None:
    """Return the API client that sent the request; None without a key, and for requests of pages."""
    asking = getattr(request, "auth", None)
    return asking if isinstance(asking, ApiClient) else None
