"""A token of staff acts as its user, within the rights that it names, until it expires or is revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from catalogue.api import authentication
from catalogue.models import ApiToken, Article
from catalogue.rights import API_RIGHTS
from catalogue.roles import Role, give_role
from tests.catalogue.api.conftest import DRESS, refusal, send
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    user = User.objects.create_user("clerk", is_staff=True)
    give_role(user, Role.CATALOGUE)
    return user


def client_with(key: str) -> Client:
    return Client(headers={"Authorization": f"Token {key}"})


def test_a_token_is_kept_as_a_digest(clerk: User) -> None:
    token, key = ApiToken.issue(clerk, "stock")

    row = ApiToken.objects.values().get()

    assert key not in str(row)
    assert (token.key_start, len(key)) == (key[:8], 43)


def test_a_token_writes_what_it_names_and_nothing_else_of_its_user(clerk: User) -> None:
    article = ArticleFactory.create(published=False)
    _, key = ApiToken.issue(clerk, "stock", rights=["catalogue.add_article"])
    client = client_with(key)

    added = send(client, "post", "/api/articles", DRESS).status_code
    changed = refusal(send(client, "patch", f"/api/articles/{article.pk}", {"name": "New"}))
    hidden = client.get(f"/api/articles/{article.pk}").status_code

    assert (added, changed[0], hidden) == (201, 403, 404)
    assert "Use a token that has this right" in changed[1]["detail"]


def test_a_token_is_never_wider_than_its_user(clerk: User) -> None:
    _, key = ApiToken.issue(clerk, "stock", rights=list(API_RIGHTS))
    give_role(clerk, Role.VIEWER)

    status, body = refusal(send(client_with(key), "post", "/api/articles", DRESS))

    assert (status, body["code"]) == (403, "permission_denied")
    assert not Article.objects.exists()


def test_a_user_who_is_no_staff_has_a_token_too() -> None:
    user = User.objects.create_user("program")
    user.user_permissions.add(Permission.objects.get(codename="add_article"))

    assert send(client_with(ApiToken.issue(user, "a")[1]), "post", "/api/articles", DRESS).status_code == 201


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "This token has expired. Make a new one in the admin, under API tokens."),
        (
            {"Accept-Language": "fr"},
            "Ce jeton a expiré. Créez-en un nouveau dans l’administration, sous «\u00a0Jetons d’API\u00a0».",
        ),
    ],
)
def test_a_token_that_expired_is_refused_and_says_so(clerk: User, headers: dict[str, str], said: str) -> None:
    _, key = ApiToken.issue(clerk, "stock", expires=timezone.now() - timedelta(seconds=1))

    status, body = refusal(Client().get("/api/articles", headers={"Authorization": f"Token {key}", **headers}))

    assert (status, body["code"], body["detail"]) == (401, "not_authenticated", said)


def test_a_token_that_was_revoked_is_refused(clerk: User) -> None:
    token, key = ApiToken.issue(clerk, "stock", expires=timezone.now() + timedelta(days=1))
    before = client_with(key).get("/api/articles").status_code
    token.delete()

    assert (before, client_with(key).get("/api/articles").status_code) == (200, 401)


def test_its_last_use_is_noted_once_an_hour(clerk: User) -> None:
    token, key = ApiToken.issue(clerk, "stock")
    long_ago, lately = timezone.now() - timedelta(hours=2), timezone.now() - timedelta(minutes=30)

    client_with(key).get("/api/articles")
    token.refresh_from_db()
    first = token.last_used
    ApiToken.objects.update(last_used=lately)
    client_with(key).get("/api/articles")
    token.refresh_from_db()
    unchanged = token.last_used
    ApiToken.objects.update(last_used=long_ago)
    client_with(key).get("/api/articles")
    token.refresh_from_db()

    assert first is not None and unchanged == lately
    assert token.last_used is not None and token.last_used > lately


def test_a_database_that_takes_no_note_keeps_nobody_from_reading(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def full(token: ApiToken) -> None:
        tried.append(token)
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(ApiToken, "note_use", full)
    monkeypatch.setattr(authentication, "_noting_from", [0.0])
    client = client_with(ApiToken.issue(clerk, "stock")[1])

    assert [client.get("/api/articles").status_code for _ in range(3)] == [200] * 3
    assert len(tried) == 1


def test_the_command_makes_a_token_within_its_users_rights(clerk: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_token", "clerk", "--right", "catalogue.add_article", "--days", "30", "--name", "stock")
    key = capsys.readouterr().out.strip()
    call_command("create_token", "clerk")

    token, other = ApiToken.objects.order_by("pk")
    assert send(client_with(key), "post", "/api/articles", DRESS).status_code == 201
    assert (token.name, token.rights) == ("stock", ["catalogue.add_article"])
    assert token.expires is not None and timedelta(days=29) < token.expires - timezone.now() < timedelta(days=30)
    assert other.expires is None and other.allows("catalogue.delete_photo")


@pytest.mark.parametrize(
    "asked",
    [["nobody"], ["clerk", "--right", "auth.add_user"], ["viewer", "--right", "catalogue.add_article"],
     ["clerk", "--days", "0"], ["clerk", "--days", "99999999999"]],
)  # fmt: skip
def test_the_command_refuses_what_no_token_can_be(clerk: User, asked: list[Any]) -> None:
    give_role(User.objects.create_user("viewer"), Role.VIEWER)

    with pytest.raises(CommandError):
        call_command("create_token", *asked)

    assert not ApiToken.objects.exists()
