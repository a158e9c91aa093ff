"""Staff's list of photos from addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.messages import Message
from catalogue.models import Article, PhotoSource
from tests.catalogue.admin.addresses import delete
from tests.factories import ArticleFactory
from tests.processes.valkey import Valkey

pytestmark = pytest.mark.database

SOURCES = reverse("admin:catalogue_photosource_changelist")
GONE = "The server responded with status 404. Open the address in a browser to see why."


def stock() -> list[PhotoSource]:
    """Make one of each state: waiting, fetched, failed."""
    article = ArticleFactory.create(sku="D-1")
    states: list[dict[str, Any]] = [
        {"due": timezone.now()},
        {},
        {"error": Message.of("fetch.status", status=404).as_json()},
    ]
    return [
        PhotoSource.objects.create(article=article, url=f"https://a.example/{n}", host="a.example", position=n, **state)
        for n, state in enumerate(states)
    ]


@pytest.mark.django_db
def test_the_list_says_what_became_of_each_and_why(admin_client: Client) -> None:
    stock()

    page = admin_client.get(SOURCES).content.decode()

    assert f'<span class="photo-state failed">Failed: {GONE}</span>' in page
    assert '<span class="photo-state waiting">Waiting</span>' in page
    assert '<span class="photo-state fetched">Downloaded</span>' in page
    assert 'href="https://a.example/0" rel="noreferrer"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "number"), [("waiting", 0), ("fetched", 1), ("failed", 2)])
def test_the_list_is_filtered_by_state(admin_client: Client, state: str, number: int) -> None:
    rows = stock()

    page = admin_client.get(SOURCES, {"state": state})

    assert list(page.context["cl"].result_list) == [rows[number]]


@pytest.mark.django_db(transaction=True)
def test_failed_ones_are_tried_again_and_no_others(admin_client: Client, valkey: Valkey) -> None:
    waiting, fetched, failed = stock()

    page = admin_client.post(
        SOURCES, {"action": "try_again", "_selected_action": [row.pk for row in (fetched, failed)]}, follow=True
    )

    assert "Retrying 1 photo." in page.content.decode()
    assert set(PhotoSource.objects.waiting()) == {waiting, failed}


@pytest.mark.django_db
def test_who_may_only_look_is_offered_no_trying_again(client: Client) -> None:
    _, _, failed = stock()
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_photosource"))
    client.force_login(clerk)

    assert b"try_again" not in client.get(SOURCES).content
    client.post(SOURCES, {"action": "try_again", "_selected_action": [failed.pk]})

    assert list(PhotoSource.objects.failed()) == [failed]


@pytest.mark.django_db
def test_pictures_of_an_article_in_the_bin_are_not_fetched(admin_client: Client) -> None:
    stock()

    admin_client.post(delete(Article.objects.get()), {"post": "yes"})

    assert not PhotoSource.objects.waiting().exists()


@pytest.mark.django_db
def test_the_list_is_in_the_language_of_the_browser(admin_client: Client) -> None:
    stock()

    page = admin_client.get("/admin/catalogue/photosource/", headers={"Accept-Language": "fr"}).content.decode()

    assert "En échec\u00a0: Le serveur a répondu avec le statut 404." in page
    assert "Photos distantes" in page
