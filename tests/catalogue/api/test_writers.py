"""Only staff, who show a token, write."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalogue.models import Article
from catalogue.roles import Role, give_role
from tests.catalogue.api.conftest import DRESS, client_of, refusal, send
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db

WRITES = (
    ("post", "/api/articles"),
    ("patch", "/api/articles/{pk}"),
    ("delete", "/api/articles/{pk}"),
    ("post", "/api/articles/{pk}/photos"),
)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_who_shows_no_token_changes_nothing(method: str, path: str) -> None:
    article = ArticleFactory.create(name="Dress")

    response = send(Client(), method, path.format(pk=article.pk), {"sku": "new", "name": "New"})

    assert (refusal(response)[0], refusal(response)[1]["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Token"
    assert [article.name for article in Article.objects.all()] == ["Dress"]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_who_is_not_staff_changes_nothing(shopper: Client, method: str, path: str) -> None:
    article = ArticleFactory.create(name="Dress")

    status, body = refusal(send(shopper, method, path.format(pk=article.pk), {"sku": "new", "name": "New"}))

    assert (status, body["code"]) == (403, "permission_denied")
    assert [article.name for article in Article.objects.all()] == ["Dress"]


@pytest.mark.parametrize("value", ["Token nonsense", "Token", "Token a b", "Token \xff"])
def test_a_token_that_is_none_is_refused(value: str) -> None:
    response = Client().get("/api/articles", headers={"Authorization": value})

    assert (refusal(response)[0], refusal(response)[1]["code"]) == (401, "not_authenticated")


def test_a_member_of_staff_who_left_is_refused(staff: Client) -> None:
    User.objects.update(is_active=False)

    assert refusal(send(staff, "post", "/api/articles", DRESS))[0] == 401
    assert not Article.objects.exists()


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_token_writes_what_the_role_of_its_owner_allows(method: str, path: str) -> None:
    viewer, clerk = (User.objects.create_user(role, is_staff=True) for role in (Role.VIEWER, Role.CATALOGUE))
    give_role(viewer, Role.VIEWER)
    give_role(clerk, Role.CATALOGUE)
    article = ArticleFactory.create(name="Dress")
    body = {"sku": "new", "name": "New"}

    refused = refusal(send(client_of(viewer), method, path.format(pk=article.pk), body))
    names = [article.name for article in Article.objects.all()]
    answer = send(client_of(clerk), method, path.format(pk=article.pk), body)

    assert (refused[0], refused[1]["code"], names) == (403, "permission_denied", ["Dress"])
    assert answer.status_code not in {401, 403}


@pytest.mark.parametrize(("role", "status"), [(None, 404), (Role.VIEWER, 200)])
def test_hidden_articles_are_read_by_whose_role_sees_them(role: Role | None, status: int) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    give_role(user, role)
    article = ArticleFactory.create(published=False)

    assert client_of(user).get(f"/api/articles/{article.pk}").status_code == status
