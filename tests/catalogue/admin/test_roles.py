"""What a role does not allow is missing from pages, and they say why and who can help."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.html import strip_tags

from catalogue.models import Article
from catalogue.roles import Role, give_role
from tests.catalogue.imports.handed_in import handed_in
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

LIST = "/admin/catalogue/article/"
FRENCH = {"Accept-Language": "fr"}


def client_of(name: str, role: Role | None) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    give_role(user, role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner() -> User:
    user = User.objects.create_user("eva", is_staff=True, first_name="Eva", last_name="Nord")
    give_role(user, Role.OWNER)
    return user


@pytest.fixture
def viewer(owner: User) -> Client:
    return client_of("viewer", Role.VIEWER)


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()).replace("&nbsp;", "\xa0"))


def test_a_list_has_no_buttons_for_a_viewer_and_says_why(viewer: Client) -> None:
    ArticleFactory.create(sku="A-1")

    page = viewer.get(LIST)

    assert "Your role is “Viewer”: you cannot add, change or delete anything on this page." in words(page)
    assert "Ask an owner (Eva Nord) to do it, or to give you the role “Catalogue”." in words(page)
    assert "A-1" in page.text
    for button in ('class="addlink"', 'name="action"', 'name="_save"'):
        assert button not in page.text


def test_it_is_said_in_french(viewer: Client) -> None:
    said = words(viewer.get(LIST, headers=FRENCH)).replace("\xa0", " ")

    assert "Votre rôle est « Lecture » : sur cette page, vous ne pouvez rien ajouter, modifier ou supprimer." in said
    assert "Demandez à un propriétaire (Eva Nord) de le faire, ou de vous donner le rôle « Catalogue »." in said


def test_a_product_is_looked_at_with_its_photos(viewer: Client) -> None:
    photo = PhotoFactory.create(alt="From the front")

    page = viewer.get(f"{LIST}{photo.article_id}/change/")

    assert "From the front" in page.text and "role-note" in page.text
    assert 'name="_save"' not in page.text
    # Nothing leads to the original, which is never served.
    assert str(photo.file.name) not in page.text


def test_an_import_is_looked_at_and_not_started(viewer: Client) -> None:
    run = handed_in("sku,name\nA-1,One\n")

    page = viewer.get(f"/admin/catalogue/importrun/{run.pk}/change/")

    assert "role-note" in page.text
    assert 'class="steer"' not in page.text


@pytest.mark.parametrize("role", [Role.CATALOGUE, Role.OWNER])
def test_nothing_is_said_where_nothing_is_missing(role: Role) -> None:
    page = client_of("clerk", role).get(LIST)

    assert "role-note" not in page.text.split("<body")[1]
    assert 'addlink">' in page.text


def test_the_start_page_says_what_the_role_is_for(viewer: Client, owner: User) -> None:
    clerk = client_of("clerk", Role.CATALOGUE).get("/admin/")

    assert "Your role: Viewer. Can see products, imports and reports" in words(viewer.get("/admin/"))
    assert "Your role: Catalogue. Can add, change and delete products" in words(clerk)
    # Nothing that only owners have.
    assert 'href="/admin/auth/user/"' not in clerk.text and "/admin/catalogue/apiclient/" not in clerk.text


def test_an_address_that_a_role_does_not_allow_names_the_remedy(viewer: Client) -> None:
    article = ArticleFactory.create()

    page = viewer.get(f"{LIST}add/")
    sent = viewer.post(f"{LIST}{article.pk}/delete/", {"post": "yes"})

    assert (page.status_code, sent.status_code) == (403, 403)
    assert "You can’t do this" in words(page)
    assert "This page is not part of it, and nothing was changed." in words(page)
    assert "Ask an owner (Eva Nord) to do it, or to give you another role." in words(page)
    assert 'id="user-tools"' in page.text and 'id="language-switch"' in page.text
    assert Article.objects.exists()


def test_the_refusal_is_in_french(viewer: Client) -> None:
    page = viewer.get(f"{LIST}add/", headers=FRENCH)

    assert (page.status_code, page.headers["Content-Language"]) == (403, "fr")
    assert "Cette page n’en fait pas partie, et rien n’a été modifié." in words(page)


def test_who_has_no_role_is_told_so_and_whom_to_ask() -> None:
    clerk = client_of("clerk", None)
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_article"))

    refused, listed = clerk.get(f"{LIST}add/"), clerk.get(LIST)

    assert "Your account can’t use this page" in words(refused)
    assert "no account is an owner yet" in words(refused)
    assert "Your account has no right to add, change or delete anything on this page." in words(listed)
