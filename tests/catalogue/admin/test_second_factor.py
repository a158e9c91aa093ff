"""A second factor: turned on with an app, asked for at the next login, replaced by recovery codes, reset by owners."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue import second_factor
from catalogue.models import ApiToken, Article
from catalogue.roles import Role, give_role
from tests.factories import PhotoFactory

pytestmark = pytest.mark.django_db

PAGE, CHECK, LOGIN = "/admin/auth/user/second-factor/", "/admin/auth/user/second-factor/check/", "/admin/login/"
FRENCH = {"Accept-Language": "fr"}


def member(name: str = "anna", role: Role | None = Role.CATALOGUE) -> User:
    user = User.objects.create_user(name, password="right", is_staff=True)
    give_role(user, role)
    return user


def log_in(name: str = "anna") -> Client:
    """Return a browser that has shown a password."""
    client = Client()
    assert client.post(LOGIN, {"username": name, "password": "right"}).status_code == 302
    return client


def code_of(user: User, *, wrong: bool = False) -> str:
    """Return the code that the app shows now, as if no other were used before."""
    TOTPDevice.objects.filter(user=user).update(last_t=-1, throttling_failure_count=0)
    code = totp(TOTPDevice.objects.get(user=user).bin_key)
    return f"{(code + 500_000) % 1_000_000 if wrong else code:06}"


def turn_on(client: Client, user: User) -> list[str]:
    """Turn the second factor on as a person does, and return the recovery codes."""
    client.post(PAGE)
    page = client.post(PAGE, {"code": code_of(user)})
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", page.text)
    assert len(codes) == 10
    return codes


def test_it_is_turned_on_by_a_code_and_then_asked_for() -> None:
    user = member()
    client = log_in()
    setup = client.post(PAGE)
    wrong = client.post(PAGE, {"code": code_of(user, wrong=True)})
    codes = turn_on(client, user)

    other = log_in()
    asked = other.get("/admin/catalogue/article/?q=a")
    passed = other.post(CHECK, {"code": code_of(user), "next": "/admin/catalogue/article/?q=a"})

    assert "<svg" in setup.text and second_factor.secret_of(TOTPDevice.objects.get()) in setup.text
    assert "no-store" in setup.headers["Cache-Control"]
    assert "This code is not right" in wrong.text and "<svg" in wrong.text
    assert client.get("/admin/").status_code == 200
    assert asked.url == f"{CHECK}?next=%2Fadmin%2Fcatalogue%2Farticle%2F%3Fq%3Da"  # type: ignore[attr-defined]
    assert passed.url == "/admin/catalogue/article/?q=a"  # type: ignore[attr-defined]
    assert other.get("/admin/catalogue/article/").status_code == 200
    assert not any(code in client.get(PAGE).text for code in codes)


def test_who_shows_only_the_password_is_a_stranger_everywhere() -> None:
    user = member()
    turn_on(log_in(), user)
    photo = PhotoFactory.create()
    Article.objects.update(published=False)
    client = log_in()

    check = client.get(CHECK)
    sent = client.post("/admin/catalogue/article/add/", {"sku": "new", "name": "New"})
    own = client.post(PAGE, {"off": ""})

    assert client.get(photo.image_url(320)).status_code == 404
    assert (sent.url, own.url) == (CHECK, CHECK)  # type: ignore[attr-defined]
    assert not Article.objects.filter(sku="new").exists() and second_factor.is_on(user)
    # Nothing of the shop, but a way out.
    assert "/admin/catalogue/article/" not in check.text and 'action="/admin/logout/"' in check.text
    assert client.post("/admin/logout/").status_code == 200
    client = log_in()
    client.post(CHECK, {"code": code_of(user)})
    assert client.get(photo.image_url(320)).status_code == 200


def test_a_session_from_before_is_asked_too() -> None:
    user = member()
    before = log_in()
    turn_on(log_in(), user)

    assert before.get("/admin/").status_code == 302


def test_a_code_works_once_and_wrong_ones_make_the_next_wait() -> None:
    user = member()
    turn_on(log_in(), user)
    code = code_of(user)
    first = log_in().post(CHECK, {"code": code})
    client = log_in()

    again = client.post(CHECK, {"code": code})
    waits = client.post(CHECK, {"code": code})

    assert first.status_code == 302
    assert "it was used before" in again.text
    assert "Try again in 1 second." in waits.text
    assert client.get("/admin/").status_code == 302


def test_a_recovery_code_works_once_however_it_is_written() -> None:
    user = member()
    code = turn_on(log_in(), user)[0]

    first = log_in().post(CHECK, {"code": f" {code.upper().replace('-', ' ')} "})
    second = log_in().post(CHECK, {"code": code})

    assert (first.status_code, second.status_code) == (302, 200)
    assert second_factor.recovery_codes_left(user) == 9


def test_recovery_codes_are_kept_as_digests_and_replaced_by_new_ones() -> None:
    user = member()
    client = log_in()
    old = turn_on(client, user)
    kept = set(StaticToken.objects.values_list("token", flat=True))

    page = client.post(PAGE, {"codes": "", "code": code_of(user)})
    new = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", page.text)

    assert not kept & {code.replace("-", "")[:16] for code in old}
    assert len(set(new) - set(old)) == 10
    assert log_in().post(CHECK, {"code": old[0]}).status_code == 200
    StaticToken.objects.first().device.throttle_reset()
    assert log_in().post(CHECK, {"code": new[0]}).status_code == 302


def test_who_has_few_recovery_codes_left_is_told_so() -> None:
    user = member()
    code = turn_on(log_in(), user)[0]
    StaticToken.objects.exclude(token=second_factor.digest_of(code)).delete()

    page = log_in().post(CHECK, {"code": code}, follow=True)

    assert "You have 0 recovery codes left." in page.text


def test_it_is_turned_off_with_a_code_alone() -> None:
    user = member()
    client = log_in()
    turn_on(client, user)

    refused = client.post(PAGE, {"off": "", "code": code_of(user, wrong=True)})
    still = second_factor.is_on(user)
    client.post(PAGE, {"off": "", "code": code_of(user)})

    assert "This code is not right" in refused.text and still
    assert not second_factor.is_on(user) and second_factor.recovery_codes_left(user) == 0
    assert log_in().get("/admin/").status_code == 200


@pytest.mark.parametrize(("who", "asked"), [("owner", True), ("catalogue", False), ("superuser", True)])
def test_settings_ask_it_of_owners(settings: Any, who: str, asked: bool) -> None:
    settings.SECOND_FACTOR = "owners"
    user = member(role=None if who == "superuser" else Role(who))
    User.objects.update(is_superuser=who == "superuser")
    client = log_in()

    page = client.get("/admin/")
    if asked:
        setup = client.get(PAGE)
        turn_on(client, user)

        assert page.url == f"{PAGE}?next=%2Fadmin%2F"  # type: ignore[attr-defined]
        assert "This shop asks a two-step login of you." in setup.text
        assert "/admin/catalogue/article/" not in setup.text
    assert client.get("/admin/").status_code == 200


def test_settings_ask_it_of_all_staff(settings: Any) -> None:
    settings.SECOND_FACTOR = "staff"
    member(role=Role.VIEWER)

    assert log_in().get("/admin/").status_code == 302


def test_owners_reset_that_of_colleagues_and_superusers_that_of_all() -> None:
    anna, eva, root = member(), member("eva", Role.OWNER), member("root", None)
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    turn_on(log_in(), anna)
    turn_on(log_in("root"), root)

    def reset(by: str, user: User) -> str:
        client = log_in(by)
        if second_factor.is_on(User.objects.get(username=by)):
            client.post(CHECK, {"code": code_of(User.objects.get(username=by))})
        sent = {"action": "reset_second_factor", "_selected_action": [user.pk]}
        return client.post("/admin/auth/user/", sent, follow=True).text

    refused = reset("eva", root)
    done = reset("eva", anna)
    none = reset("eva", eva)

    assert "Only a superuser resets the two-step login of root." in refused and second_factor.is_on(root)
    assert "The two-step login of anna is reset" in done and not second_factor.is_on(anna)
    assert "The two-step login of eva was not on." in none
    assert log_in().get("/admin/").status_code == 200
    turn_on(log_in("eva"), eva)
    assert "The two-step login of eva is reset" in reset("root", eva)


def test_programs_need_no_second_factor() -> None:
    user = member()
    turn_on(log_in(), user)
    Article.objects.create(sku="h", name="Hidden", published=False)

    answer = Client().get(
        "/api/articles?published=false", headers={"Authorization": f"Token {ApiToken.issue(user, 'a')[1]}"}
    )

    assert answer.json()["count"] == 1


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_login_leads_on_within_the_shop_alone(onward: str) -> None:
    user = member()
    turn_on(log_in(), user)

    answer = log_in().post(CHECK, {"code": code_of(user), "next": onward})

    assert answer.url == "/admin/"  # type: ignore[attr-defined]


def test_keys_and_codes_have_no_pages_and_french_is_spoken() -> None:
    user = member(role=None)
    User.objects.update(is_superuser=True)
    client = log_in()
    turn_on(client, user)

    page, check = client.get(PAGE, headers=FRENCH), log_in().get(CHECK, headers=FRENCH)

    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404
    assert "La connexion en deux étapes est activée." in page.text and "Il vous reste 10 codes de secours." in page.text
    assert "Saisissez les six chiffres que votre application affiche pour cette boutique." in check.text


def test_a_lock_after_wrong_codes_ends_by_itself() -> None:
    user = member()
    turn_on(log_in(), user)
    code_of(user)
    client = log_in()
    for _ in range(2):
        client.post(CHECK, {"code": "000000"})
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=1))

    assert client.post(CHECK, {"code": f"{totp(TOTPDevice.objects.get().bin_key):06}"}).status_code == 302
