"""Login lockout: it affects the client that guesses passwords, not the account's owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.settings import api_settings

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/?next=/admin/"


@pytest.fixture(autouse=True)
def user() -> User:
    return User.objects.create_superuser("anna", password="right")


def login(password: str, address: str = "198.51.100.7", name: str = "anna") -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address)


def test_after_five_wrong_passwords_even_the_right_one_waits() -> None:
    wrong = [login("wrong").status_code for _ in range(5)]
    right = login("right")

    assert wrong == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert right["Retry-After"] == "900"
    assert "Wait 15 minutes" in right.text


def test_the_owner_logs_in_from_elsewhere_meanwhile() -> None:
    for _ in range(6):
        login("wrong")

    assert login("right", "203.0.113.9").status_code == 302


def test_the_right_password_begins_the_count_anew() -> None:
    for _ in range(2):
        for _ in range(4):
            login("wrong")
        assert login("right").status_code == 302


def test_the_lock_ends_by_itself() -> None:
    for _ in range(5):
        login("wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert login("right").status_code == 302


def test_behind_a_proxy_its_client_is_locked_and_not_the_proxy(settings: Any) -> None:
    settings.PROXIES = 1
    api_settings.reload()

    def through_proxy(password: str, client: str) -> Any:
        form = {"username": "anna", "password": password}
        return Client().post(LOGIN, form, headers={"X-Forwarded-For": client}, REMOTE_ADDR="10.0.0.1")

    for _ in range(5):
        through_proxy("wrong", "198.51.100.7")

    assert through_proxy("right", "198.51.100.7").status_code == 429
    assert through_proxy("right", "203.0.113.9").status_code == 302


def test_the_login_of_a_name_that_there_is_not_looks_like_any_other() -> None:
    assert login("wrong", name="nobody").text.count("errornote") == login("wrong").text.count("errornote") == 1
