"""The admin has one address, and speaks the language of the browser, or the one that was switched to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

LOGIN = "/admin/login/"
LIST = "/admin/catalogue/article/"
FRENCH_BROWSER = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.7"}


def varies_by(page: Any) -> set[str]:
    return {name.strip() for name in page.headers["Vary"].split(",")}


@pytest.mark.parametrize("address", [LOGIN, LIST, "/admin/"])
def test_the_admin_speaks_the_language_of_the_browser(admin_client: Client, address: str) -> None:
    french, english = (admin_client.get(address, headers=h, follow=True) for h in (FRENCH_BROWSER, {}))

    assert '<html lang="fr"' in french.text
    assert '<html lang="en"' in english.text
    assert (french.headers["Content-Language"], english.headers["Content-Language"]) == ("fr", "en")
    assert {"Accept-Language", "Cookie"} <= varies_by(french) & varies_by(english)


def test_the_login_is_in_the_language_of_the_browser_and_switches(client: Client) -> None:
    page = client.get(f"{LOGIN}?next={LIST}", headers=FRENCH_BROWSER)

    assert "Mot de passe oublié" in page.text
    assert f'name="next" value="{LOGIN}?next={LIST}"' in page.text
    assert '<button type="submit" name="language" value="en" lang="en">English</button>' in page.text
    assert '<span aria-current="true" lang="fr">Français</span>' in page.text


def test_the_page_for_locked_logins_switches_too(client: Client) -> None:
    form = {"username": "anna", "password": "wrong"}
    pages = [client.post(LOGIN, form, headers=FRENCH_BROWSER, REMOTE_ADDR="198.51.100.7") for _ in range(5)]

    assert pages[-1].status_code == 429
    assert '<html lang="fr"' in pages[-1].text
    assert f'name="next" value="{LOGIN}"' in pages[-1].text


def test_a_switch_keeps_the_page_with_its_query_and_is_remembered(admin_client: Client) -> None:
    page = admin_client.get(f"{LIST}?q=linen&p=1", headers=FRENCH_BROWSER)
    assert f'name="next" value="{LIST}?q=linen&amp;p=1"' in page.text

    switched = admin_client.post(
        "/i18n/setlang/", {"next": f"{LIST}?q=linen&p=1", "language": "en"}, headers=FRENCH_BROWSER
    )
    again = admin_client.get(LIST, headers=FRENCH_BROWSER)

    assert switched.headers["Location"] == f"{LIST}?q=linen&p=1"
    assert admin_client.cookies["django_language"]["max-age"] > 300 * 24 * 3600
    assert '<html lang="en"' in again.text


@pytest.mark.parametrize(
    ("former", "address"),
    [
        ("/fr/admin", "/admin/"),
        ("/fr/admin/", "/admin/"),
        ("/fr/admin/catalogue/article/?q=%C3%A9%20b&p=2", "/admin/catalogue/article/?q=%C3%A9%20b&p=2"),
        ("/fr/admin//elsewhere.example/", "/admin//elsewhere.example/"),
        ("/en/admin/catalogue/", "/admin/catalogue/"),
    ],
)
def test_former_addresses_lead_to_the_one_there_is(client: Client, former: str, address: str) -> None:
    response = client.get(former)

    assert (response.status_code, response.headers["Location"]) == (302, address)
    assert client.cookies["django_language"].value == former[1:3]


def test_a_bookmark_of_a_french_page_leads_there_in_french_by_way_of_the_login(client: Client, admin_user: Any) -> None:
    login = client.get("/fr/admin/login/?next=/fr/admin/catalogue/article/", follow=True)
    assert '<html lang="fr"' in login.text

    form = {"username": "admin", "password": "password", "next": login.context["next"]}
    page = client.post(LOGIN, form, follow=True)

    assert page.request["PATH_INFO"] == LIST
    assert '<html lang="fr"' in page.text


def test_a_form_that_was_open_at_a_former_address_is_sent_on(client: Client) -> None:
    response = client.post("/fr/admin/login/", {"username": "anna"})

    assert (response.status_code, response.headers["Location"]) == (307, "/admin/login/")


@pytest.mark.parametrize("address", ["/de/admin/", "/administration/", "/fr/administration/"])
def test_other_addresses_are_none_of_the_admins(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_admin_leads_to_the_shop_in_its_own_language(admin_client: Client) -> None:
    article = ArticleFactory.create()

    page = admin_client.get(f"{LIST}{article.pk}/change/", headers=FRENCH_BROWSER)

    assert '<a href="/fr/">' in page.text
