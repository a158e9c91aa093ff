"""Login lockout after failures, by name and by address: the handler of django-axes and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from catalogue.rate_limits import address_of, network_of

# A browser is known for half a year since its last login, by the names of the last few who used it.
KNOWN_FOR = timedelta(days=182)
NAMES_AT_MOST = 5
SALT = "shop.http.login.known"


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, of IPv6 the first of its /64, as rate limits count; None for what is none."""
    address = network_of(address_of(request.META)).partition("/")[0]
    try:
        ip_address(address)
    except ValueError:
        return None
    return address


class LoginHandler(AxesDatabaseHandler):
    """Counts failures with a name from an address, from an address, and with a name; each has a limit of its own."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return how many failures count against a login: AXES_FAILURE_LIMIT or more if any of the limits is reached.

        The one that was reached is then in `request.login_lock`.
        """
        name, address = get_client_username(request, credentials), request.axes_ip_address
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        limit: int = get_failure_limit(request, credentials)
        pair = failures(recent.filter(username=name, ip_address=address))
        reached = {"pair": pair >= limit}
        if not is_known(request, name):
            reached["address"] = failures(recent.filter(ip_address=address)) >= settings.LOGIN_ADDRESS_LIMIT
            reached["name"] = failures(recent.filter(username=name)) >= settings.LOGIN_NAME_LIMIT
        request.login_lock = next((lock for lock, is_reached in reached.items() if is_reached), None)
        return max(pair, limit) if request.login_lock else pair

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        request.logged_in_name = user.get_username()


def failures(attempts: Any) -> int:
    return attempts.aggregate(all=Sum("failures_since_start"))["all"] or 0


def digest_of(name: str) -> str:
    return salted_hmac(SALT, name, algorithm="sha256").hexdigest()[:20]


def known_names(request: HttpRequest) -> list[str]:
    """Return the digests of the names that logged in with this browser, the latest first."""
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        return list(signing.loads(cookie, salt=SALT, max_age=KNOWN_FOR))
    except signing.BadSignature:
        return []


def is_known(request: HttpRequest, name: str | None) -> bool:
    """Whether somebody logged in as this name with this browser before."""
    return name is not None and digest_of(name) in known_names(request)


class KnownBrowserMiddleware:
    """Gives a browser a signed cookie with the names that logged in with it, digested."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = getattr(request, "logged_in_name", None)
        if name is not None:
            digests = list(dict.fromkeys([digest_of(name), *known_names(request)]))[:NAMES_AT_MOST]
            response.set_cookie(
                settings.KNOWN_BROWSER_COOKIE_NAME,
                signing.dumps(digests, salt=SALT),
                max_age=KNOWN_FOR,
                path=reverse("admin:index"),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Respond with 429 and Retry-After to a login after too many failures, and say of what there were too many."""
    wait_s = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": _("Too many failed logins")}
    context |= {"minutes": wait_s // 60, "lock": getattr(request, "login_lock", None)}
    response = render(request, "admin/locked_out.html", context, status=429)
    response["Retry-After"] = str(wait_s)
    return response
