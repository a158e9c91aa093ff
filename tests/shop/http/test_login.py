"""Login lockout, by name and by address: it affects who guesses passwords, not the account's owner."""

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


def login(
    password: str,
    address: str = "198.51.100.7",
    name: str = "anna",
    *,
    browser: Client | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    sent = {"username": name, "password": password}
    return (browser or Client()).post(LOGIN, sent, headers=headers, REMOTE_ADDR=address)


def guess_everywhere(times: int) -> list[int]:
    """Guess a password of one name from one address each."""
    return [login("wrong", f"203.0.113.{number}").status_code for number in range(times)]


def test_after_five_wrong_passwords_even_the_right_one_waits() -> None:
    wrong = [login("wrong").status_code for _ in range(5)]
    right = login("right")

    assert wrong == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert right["Retry-After"] == "900"
    assert "Too many wrong passwords for this name from your network." in right.text
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


def test_one_password_for_many_names_is_stopped_at_the_address(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 6
    User.objects.create_superuser("last", password="Summer2026")

    sprayed = [login("Summer2026", name=name) for name in [f"name{number}" for number in range(7)] + ["last"]]

    assert [page.status_code for page in sprayed] == [200] * 5 + [429] * 3
    assert "Too many failed logins from your network." in sprayed[-1].text
    assert login("right", "203.0.113.9").status_code == 302


def test_a_successful_login_of_ones_own_does_not_reset_what_the_address_did(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 4
    for name in ("one", "two", "three"):
        login("Summer2026", name=name)

    own = login("right").status_code

    assert (own, login("Summer2026", name="four").status_code) == (302, 429)


def test_one_name_from_many_addresses_is_stopped_and_a_browser_of_its_owner_goes_on(settings: Any) -> None:
    settings.LOGIN_NAME_LIMIT = 6
    at_work = Client()
    login("right", browser=at_work)

    guessed = guess_everywhere(8)
    elsewhere = login("right", "192.0.2.1")

    assert guessed == [200] * 5 + [429] * 3
    assert "Too many failed logins with this name, from several networks." in elsewhere.text
    assert "With a browser in which you have logged in before" in elsewhere.text
    assert login("right", "192.0.2.1", browser=at_work).status_code == 302
    assert login("wrong", "192.0.2.1", name="berta").status_code == 200


def test_a_known_browser_still_guesses_five_times_alone_and_knows_no_other_name(settings: Any) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 1
    User.objects.create_superuser("berta", password="other")
    browser = Client()
    login("right", browser=browser)

    assert [login("wrong", browser=browser).status_code for _ in range(5)] == [200] * 4 + [429]
    assert login("other", name="berta", browser=browser).status_code == 429


def test_a_made_up_cookie_knows_nobody(settings: Any) -> None:
    settings.LOGIN_NAME_LIMIT = 1
    browser = Client()
    browser.cookies[settings.KNOWN_BROWSER_COOKIE_NAME] = "WyJhbm5hIl0:1abc:nonsense"
    guess_everywhere(1)

    assert login("right", "192.0.2.1", browser=browser).status_code == 429


def test_the_cookie_is_for_the_admin_alone_and_names_nobody(settings: Any) -> None:
    cookie = login("right").cookies[settings.KNOWN_BROWSER_COOKIE_NAME]

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")
    assert "anna" not in cookie.value


def test_who_goes_on_does_not_make_the_lock_last() -> None:
    for _ in range(5):
        login("wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    login("wrong")

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert AccessAttempt.objects.get().failures_since_start == 5
    assert login("right").status_code == 302


def test_an_ipv6_network_is_one_address() -> None:
    wrong = [login("wrong", f"2001:db8:1:2::{number}").status_code for number in range(1, 6)]

    assert wrong == [200, 200, 200, 200, 429]
    assert login("right", "2001:db8:1:2:ffff::1").status_code == 429
    assert login("right", "2001:db8:1:3::1").status_code == 302


def test_what_a_proxy_calls_the_client_need_not_be_an_address(settings: Any) -> None:
    settings.PROXIES = 1

    assert login("wrong", headers={"X-Forwarded-For": "unknown"}).status_code == 200


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("pair", "Trop de mots de passe erronés pour ce nom depuis votre réseau."),
        ("address", "Trop de connexions échouées depuis votre réseau."),
        ("name", "Trop de connexions échouées avec ce nom, depuis plusieurs réseaux."),
    ],
)
def test_the_locked_page_is_in_french_too(settings: Any, lock: str, said: str) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 1 if lock == "address" else 100
    settings.LOGIN_NAME_LIMIT = 1 if lock == "name" else 100
    settings.AXES_FAILURE_LIMIT = 1 if lock == "pair" else 100

    page = login("wrong", headers={"Accept-Language": "fr"})

    assert page.status_code == 429
    assert said in page.text and "Attendez 15 minutes" in page.text
