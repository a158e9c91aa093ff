"""Partners' apps have keys, shown once, and quotas of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalogue.models import ApiClient
from catalogue.rate_limits import RATES
from tests.catalogue.api.conftest import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_pages() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def ask(key: str, word: str = "Api-Key") -> Any:
    return Client().get("/api/articles", headers={"Authorization": f"{word} {key}"})


def partner_and_key(**fields: Any) -> tuple[ApiClient, str]:
    partner = ApiClient(name="FaissSearcher", **fields)
    key = partner.new_key()
    partner.save()
    return partner, key


def key_shown(response: Any) -> str:
    found = re.search(r"Api-Key ([\w-]{43})</code>", response.content.decode())
    assert found is not None
    return found[1]


def test_a_key_made_in_the_admin_is_shown_once_and_kept_nowhere(admin_pages: Client) -> None:
    form = {"name": "Finder", **dict.fromkeys(RATES, "10")}
    shown = admin_pages.post("/admin/catalogue/apiclient/add/", form, follow=True)
    key = key_shown(shown)

    partner = ApiClient.objects.get()
    again = admin_pages.get(f"/admin/catalogue/apiclient/{partner.pk}/change/").content.decode()

    assert ask(key).status_code == 200
    assert key not in again
    assert partner.key_start == key[:8]
    assert key not in str(ApiClient.objects.values())


@pytest.mark.parametrize("word", ["Api-Key", "api-key", "API-KEY"])
def test_the_key_is_taken_however_its_word_is_written(word: str) -> None:
    _, key = partner_and_key()

    assert ask(key, word).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", "é", "two words", "a" * 5_000])
def test_a_wrong_key_is_not_taken_for_a_strangers_request(wrong: str) -> None:
    partner_and_key()

    response = ask(wrong)

    status, body = refusal(response)
    assert (status, body["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Token"


def test_a_revoked_key_is_refused() -> None:
    partner, key = partner_and_key()
    partner.revoked = True
    partner.save()

    assert refusal(ask(key))[0] == 401


def test_a_new_key_puts_the_old_one_out_of_use(admin_pages: Client) -> None:
    partner, old = partner_and_key()

    shown = admin_pages.post(
        "/admin/catalogue/apiclient/", {"action": "change_keys", "_selected_action": [partner.pk]}, follow=True
    )

    assert (ask(key_shown(shown)).status_code, ask(old).status_code) == (200, 401)


def test_staff_give_a_new_webhook_secret_which_is_shown_once(admin_pages: Client) -> None:
    partner, _key = partner_and_key()
    chosen = {"action": "change_webhook_secrets", "_selected_action": [partner.pk]}

    shown = admin_pages.post("/admin/catalogue/apiclient/", chosen, follow=True)
    again = admin_pages.get("/admin/catalogue/apiclient/")

    partner.refresh_from_db()
    assert partner.webhook_secret.startswith("whsec_")
    assert partner.webhook_secret.replace("+", "&#x2B;") in shown.text.replace("+", "&#x2B;")
    assert partner.webhook_secret not in again.text


def test_a_partner_writes_no_articles() -> None:
    _, key = partner_and_key()

    response = Client().post(
        "/api/articles", {"sku": "a", "name": "b"}, "application/json", headers={"Authorization": f"Api-Key {key}"}
    )

    assert refusal(response)[0] == 403
