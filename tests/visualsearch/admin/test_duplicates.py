"""The list of articles that may be one, over HTTP."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import PhotoFactory
from visualsearch.models import DuplicateReport, NearDuplicate

pytestmark = pytest.mark.django_db

LIST = reverse("admin:visualsearch_nearduplicate_changelist")
BEGIN = reverse("admin:visualsearch_nearduplicate_begin")
PROGRESS = reverse("admin:visualsearch_nearduplicate_progress")


def settle(pair: NearDuplicate) -> str:
    return reverse("admin:visualsearch_nearduplicate_settle", args=[pair.pk])


@pytest.fixture
def pair() -> NearDuplicate:
    first, second = PhotoFactory.create(article__sku="D-1"), PhotoFactory.create(article__sku="D-2")
    return NearDuplicate.objects.create(
        first=first.article, second=second.article, first_photo=first, second_photo=second, similarity=0.97,
        found=timezone.now(),
    )  # fmt: skip


def test_a_pair_stands_side_by_side_and_is_settled_and_taken_back(admin_client: Client, pair: NearDuplicate) -> None:
    page = admin_client.get(LIST).text
    assert "97% alike" in page
    assert "D-1" in page
    assert "D-2" in page

    admin_client.post(settle(pair))
    settled = admin_client.get(LIST)
    assert list(settled.context["page"]) == []
    assert "The pair is not shown any more." in settled.text
    admin_client.post(settle(pair), {"undo": ""})

    assert list(admin_client.get(LIST).context["page"]) == [pair]


def test_a_report_is_begun_once_and_says_how_far_it_is(admin_client: Client) -> None:
    assert "Compare all photos" in admin_client.get(LIST).text

    admin_client.post(BEGIN)
    admin_client.post(BEGIN)
    DuplicateReport.objects.update(looked_at=50, total=200)

    assert DuplicateReport.objects.count() == 1
    said = admin_client.get(PROGRESS).json()
    assert (said["text"], said["percent"], said["working"]) == ("Comparing photos: 50 of 200.", 25, True)
    DuplicateReport.objects.update(state="finished", looked_at=200)
    finished = admin_client.get(PROGRESS).json()
    assert finished["text"] == "200 photos were compared."
    assert finished["revision"] != said["revision"]
    assert "No two articles look that much alike." in admin_client.get(LIST).text


def test_whoever_may_only_look_settles_nothing(client: Client, pair: NearDuplicate) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_article"))
    client.force_login(reader)

    assert client.get(LIST).status_code == 200
    assert client.post(settle(pair)).status_code == 403
    assert client.post(BEGIN).status_code == 403
    assert not NearDuplicate.objects.get().dismissed
    reader.user_permissions.clear()
    assert client.get(LIST).status_code == 403
    assert client.get(PROGRESS).status_code == 403


def test_many_pairs_are_paged(admin_client: Client) -> None:
    photos = PhotoFactory.create_batch(31)
    for other in photos[1:]:
        NearDuplicate.objects.create(
            first=photos[0].article, second=other.article, first_photo=photos[0], second_photo=other, similarity=0.95,
            found=timezone.now(),
        )  # fmt: skip

    assert "Page 1 of 2" in admin_client.get(LIST).text
    assert len(admin_client.get(LIST, {"p": "2"}).context["page"]) == 5
    assert admin_client.get(LIST, {"p": "nonsense"}).status_code == 200
