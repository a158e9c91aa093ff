"""Staff make, see and revoke tokens of their own; owners those of others, but not of superusers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalogue.models import ApiToken
from catalogue.roles import Role, give_role

pytestmark = pytest.mark.django_db

PAGE = "/admin/catalogue/apitoken/"
FRENCH = {"Accept-Language": "fr"}


def member(name: str, role: Role | None) -> tuple[User, Client]:
    user = User.objects.create_user(name, is_staff=True)
    give_role(user, role)
    client = Client()
    client.force_login(user)
    return user, client


def make(client: Client, *rights: str, lifetime: str = "90", **fields: Any) -> Any:
    form = {"name": "Stock", "named_rights": rights, "lifetime": lifetime, **fields}
    return client.post(f"{PAGE}add/", form, follow=True)


def test_a_token_is_shown_once_and_works() -> None:
    user, client = member("clerk", Role.CATALOGUE)

    page = make(client, "catalogue.view_article")
    key = re.search(r"<code>Token ([\w-]{43})</code>", page.text)
    again = client.get(PAGE)

    assert key is not None and key[1] not in again.text
    token = ApiToken.objects.get()
    assert (token.user, token.rights) == (user, ["catalogue.view_article"])
    assert token.expires is not None and 89 < (token.expires - token.created).total_seconds() / 86_400 < 91
    assert Client().get("/api/articles", headers={"Authorization": f"Token {key[1]}"}).status_code == 200
    for shown in ("Stock", token.key_start, "Never"):
        assert shown in again.text


def test_the_page_of_a_token_says_what_it_may() -> None:
    _, client = member("clerk", Role.CATALOGUE)
    make(client, "catalogue.add_photo", lifetime="")

    token = ApiToken.objects.get()
    page = client.get(f"{PAGE}{token.pk}/change/").text
    french = client.get(f"{PAGE}{token.pk}/change/", headers=FRENCH).text

    assert "Add photos to products" in page and token.key_sha256 not in page
    assert 'name="_save"' not in page and token.expires is None
    assert "Ajouter des photos aux articles" in french


def test_a_token_names_rights_that_its_user_has_and_at_least_one() -> None:
    _, client = member("viewer", Role.VIEWER)

    offered = client.get(f"{PAGE}add/").text
    refused = [make(client, "catalogue.add_article"), make(client, "auth.add_user"), make(client)]

    assert 'value="catalogue.view_article"' in offered and 'value="catalogue.add_article"' not in offered
    assert all(page.context["adminform"].form.errors["named_rights"] for page in refused)
    assert not ApiToken.objects.exists()


def test_staff_see_and_revoke_their_own_alone() -> None:
    user, client = member("clerk", Role.CATALOGUE)
    other = ApiToken.issue(User.objects.create_user("other"), "Other's")[0]
    own = ApiToken.issue(user, "Own")[0]

    listed = client.get(PAGE).text
    client.post(f"{PAGE}{other.pk}/delete/", {"post": "yes"})
    client.post(PAGE, {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"})
    client.post(f"{PAGE}{own.pk}/delete/", {"post": "yes"})

    assert "Own" in listed and "Other" not in listed
    assert list(ApiToken.objects.all()) == [other]


def test_nobody_makes_a_token_of_somebody_else_but_an_owner() -> None:
    user, client = member("clerk", Role.CATALOGUE)
    boss, owner = member("eva", Role.OWNER)
    root = User.objects.create_superuser("root")

    make(client, "catalogue.view_article", user=boss.pk)
    make(owner, "catalogue.view_article", user=root.pk)
    for_clerk = make(owner, "catalogue.add_article", user=user.pk)
    wider = make(owner, "catalogue.add_article", user=member("viewer", Role.VIEWER)[0].pk)

    assert [(token.user, token.rights) for token in ApiToken.objects.order_by("pk")] == [
        (user, ["catalogue.view_article"]),
        (user, ["catalogue.add_article"]),
    ]
    assert "is shown only this once" in for_clerk.text
    assert "This person may not do that: Add products." in wider.text


def test_an_owner_sees_and_revokes_no_token_of_a_superuser() -> None:
    _, owner = member("eva", Role.OWNER)
    root = ApiToken.issue(User.objects.create_superuser("root"), "Root's")[0]

    owner.post(f"{PAGE}{root.pk}/delete/", {"post": "yes"})

    assert "Root" not in owner.get(PAGE).text
    assert ApiToken.objects.exists()


def test_who_may_nothing_by_the_api_makes_no_token() -> None:
    _, client = member("nobody", None)

    assert client.get(PAGE).status_code == 200
    assert client.get(f"{PAGE}add/").status_code == 403
