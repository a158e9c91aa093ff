"""Who may send a body that is longer than any photo: only callers that the shop knows send imports, batches, piles."""

from __future__ import annotations

from io import BytesIO
from typing import Any


def may_send_much(environ: dict[str, Any]) -> bool:
    """Whether a request, of which only the header is there, comes from staff or from an API client."""
    from django.db import close_old_connections  # noqa: PLC0415  (no Django before the fork)

    # As Django does around the requests of a thread.
    close_old_connections()
    try:
        return is_known(environ)
    finally:
        close_old_connections()


def is_known(environ: dict[str, Any]) -> bool:
    """Whether the session, token or key of a request is that of staff or of an API client."""
    # As above.
    from django.contrib.auth import get_user  # noqa: PLC0415
    from django.contrib.sessions.middleware import SessionMiddleware  # noqa: PLC0415
    from django.core.handlers.wsgi import WSGIRequest  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django_otp.middleware import OTPMiddleware  # noqa: PLC0415
    from rest_framework.exceptions import APIException  # noqa: PLC0415
    from rest_framework.request import Request  # noqa: PLC0415

    from catalogue.api.authentication import PartnerAuthentication, StaffAuthentication  # noqa: PLC0415
    from shop.http.second_factor import passed  # noqa: PLC0415

    request = WSGIRequest({**environ, "CONTENT_LENGTH": "0", "wsgi.input": BytesIO()})
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    request.user = get_user(request)
    OTPMiddleware(lambda _: HttpResponse())(request)
    # Who has shown only a password, and needs more, is a stranger.
    user = passed(request.user)
    if user.is_active and user.is_staff:
        return True
    asking = Request(request)
    try:
        return any(one.authenticate(asking) for one in (PartnerAuthentication(), StaffAuthentication()))
    except APIException:
        return False
