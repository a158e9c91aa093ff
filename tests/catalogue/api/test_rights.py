"""Who sees what is hidden, by right and not by being staff: each address that shows it, for each kind of caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client

from catalogue.models import ApiClient, Article, Photo
from catalogue.roles import Role, give_role
from tests.catalogue.api.conftest import client_of, picture, send
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


@dataclass(frozen=True)
class Hidden:
    """An article that is hidden, its photo, and the photo of one in the bin."""

    article: Article
    photo: Photo
    binned: Photo


@pytest.fixture
def hidden() -> Hidden:
    photo, binned = PhotoFactory.create(article__name="Hidden"), PhotoFactory.create()
    Article.objects.filter(pk=photo.article_id).update(published=False)
    binned.article.delete()
    ArticleFactory.create(name="Shown")
    return Hidden(photo.article, photo, binned)


def user_with(*rights: str, role: Role | None = None, **fields: Any) -> User:
    user = User.objects.create_user("caller", **fields)
    give_role(user, role)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def partner() -> Client:
    app = ApiClient(name="app")
    key = app.new_key()
    app.save()
    return Client(headers={"Authorization": f"Api-Key {key}"})


# Each kind of user, and whether it sees what is hidden.
USERS: dict[str, tuple[Callable[[], User], bool]] = {
    "user": (user_with, False),
    "staff": (lambda: user_with(is_staff=True), False),
    "staff with other rights": (
        lambda: user_with("add_article", "delete_article", "view_brand", "view_photo", is_staff=True),
        False,
    ),
    "user with the right": (lambda: user_with("view_article"), True),
    "user who may change": (lambda: user_with("change_article"), True),
    "viewer": (lambda: user_with(role=Role.VIEWER, is_staff=True), True),
    "catalogue": (lambda: user_with(role=Role.CATALOGUE, is_staff=True), True),
    "owner": (lambda: user_with(role=Role.OWNER, is_staff=True), True),
    "superuser": (lambda: User.objects.create_superuser("caller"), True),
}
# What shows hidden articles: to the API's callers, and to who is logged in.
READ: dict[str, Callable[[Hidden], str]] = {
    "list": lambda _: "/api/articles?published=false",
    "one": lambda hidden: f"/api/articles/{hidden.article.pk}",
    "some fields": lambda hidden: f"/api/articles/{hidden.article.pk}?fields=sku,written",
}
SEEN: dict[str, Callable[[Hidden], str]] = {
    "rendition": lambda hidden: hidden.photo.image_url(320),
    "rendition in the bin": lambda hidden: hidden.binned.image_url(320),
}
# What nobody sees hidden articles at.
PUBLIC: dict[str, Callable[[Hidden], str]] = {
    "lists": lambda _: "/api/articles?q=hidden",
    "page": lambda hidden: f"/articles/{hidden.article.slug}-{hidden.article.pk}/",
    "in the bin": lambda hidden: f"/api/articles/{hidden.binned.article_id}",
} | ({"similar": lambda hidden: f"/api/articles/{hidden.article.pk}/similar"} if settings.VISUAL_SEARCH else {})


def answer(client: Client, address: str) -> tuple[int, bytes]:
    """Return an answer's status and body; of a page, which has a nonce of its own, the status alone."""
    response = client.get(address)
    page = response.headers["Content-Type"].startswith("text/html")
    return response.status_code, b"" if page else response.content


@pytest.mark.parametrize("kind", USERS)
def test_what_is_hidden_is_seen_by_right_and_others_see_what_a_stranger_sees(hidden: Hidden, kind: str) -> None:
    make, sees = USERS[kind]
    user = make()
    program, browser = client_of(user), Client()
    browser.force_login(user)

    answers = {name: (answer(program, at(hidden)), answer(Client(), at(hidden))) for name, at in READ.items()}
    answers |= {name: (answer(browser, at(hidden)), answer(Client(), at(hidden))) for name, at in SEEN.items()}

    assert {name: mine != strangers for name, (mine, strangers) in answers.items()} == dict.fromkeys(answers, sees)
    assert {mine[0] for mine, _ in answers.values()} == ({200} if sees else {200, 404})


@pytest.mark.parametrize("address", [*READ, *SEEN])
def test_partners_see_what_strangers_see(hidden: Hidden, address: str) -> None:
    at = (READ | SEEN)[address](hidden)

    assert answer(partner(), at) == answer(Client(), at)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_for_shoppers_is_the_same_for_everybody(hidden: Hidden, address: str) -> None:
    owner, at = user_with(role=Role.OWNER, is_staff=True), PUBLIC[address](hidden)
    browser = Client()
    browser.force_login(owner)

    assert answer(client_of(owner), at) == answer(browser, at) == answer(Client(), at)


WRITES: dict[str, tuple[str, Callable[[Client, Hidden], Any]]] = {
    "delete": ("delete_article", lambda client, hidden: client.delete(f"/api/articles/{hidden.article.pk}")),
    "add a photo": (
        "add_photo",
        lambda client, hidden: client.post(f"/api/articles/{hidden.article.pk}/photos", {"image": picture()}),
    ),
    "change a photo": (
        "change_photo",
        lambda client, hidden: send(
            client, "patch", f"/api/articles/{hidden.article.pk}/photos/{hidden.photo.pk}", {"alt": "New"}
        ),
    ),
    "order photos": (
        "change_photo",
        lambda client, hidden: send(
            client, "put", f"/api/articles/{hidden.article.pk}/photos/order", {"photos": [hidden.photo.pk]}
        ),
    ),
    "delete a photo": (
        "delete_photo",
        lambda client, hidden: client.delete(f"/api/articles/{hidden.article.pk}/photos/{hidden.photo.pk}"),
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_is_hidden_is_written_by_who_sees_it(hidden: Hidden, write: str) -> None:
    right, act = WRITES[write]
    user = user_with(right)

    blind = act(client_of(user), hidden).status_code
    kept = Article.objects.get(pk=hidden.article.pk).photos.get().alt
    user.user_permissions.add(Permission.objects.get(codename="view_article"))
    seeing = act(client_of(User.objects.get()), hidden).status_code

    assert (blind, kept) == (404, hidden.photo.alt)
    assert seeing in {200, 201, 204}
