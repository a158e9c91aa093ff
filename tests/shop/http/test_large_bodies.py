"""Only staff and API clients may send a body that is longer than any photo."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue.models import ApiClient, ApiToken
from shop.http.large_bodies import is_known

ENVIRON = {"REQUEST_METHOD": "POST", "PATH_INFO": "/admin/", "CONTENT_LENGTH": "400000000", "wsgi.input": None}

pytestmark = pytest.mark.django_db


def cookies(**user: Any) -> dict[str, str]:
    client = Client()
    client.force_login(User.objects.create_user("u", **user))
    name = settings.SESSION_COOKIE_NAME
    return {"HTTP_COOKIE": f"{name}={client.cookies[name].value}"}


@pytest.mark.parametrize(
    ("user", "may_send"),
    [({"is_staff": True}, True), ({"is_staff": False}, False)],
)
def test_staff_that_are_logged_in_may(*, user: dict[str, bool], may_send: bool) -> None:
    assert is_known({**ENVIRON, **cookies(**user)}) is may_send


def test_staff_that_have_shown_only_a_password_of_two_steps_may_not() -> None:
    sent = cookies(is_staff=True)
    TOTPDevice.objects.create(user=User.objects.get(), name="TOTP", confirmed=True)

    assert not is_known({**ENVIRON, **sent})


def test_a_token_of_staff_and_a_key_of_an_app_may() -> None:
    _, token = ApiToken.issue(User.objects.create_user("u", is_staff=True), "stock")
    app = ApiClient(name="app")
    key = app.new_key()
    app.save()

    assert is_known({**ENVIRON, "HTTP_AUTHORIZATION": f"Token {token}"})
    assert is_known({**ENVIRON, "HTTP_AUTHORIZATION": f"Api-Key {key}"})


@pytest.mark.parametrize("sent", ["", "Token nonsense", "Api-Key nonsense", "Bearer x", "Token", "é"])
def test_nobody_else_may(sent: str) -> None:
    assert not is_known({**ENVIRON, "HTTP_AUTHORIZATION": sent})
    assert not is_known({**ENVIRON, "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=nonsense"})
