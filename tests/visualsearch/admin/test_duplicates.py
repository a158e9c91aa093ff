"""The list of articles that may be one, over HTTP."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Article, ChangeSet
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
    assert "97% match" in page
    assert "D-1" in page
    assert "D-2" in page

    admin_client.post(settle(pair))
    settled = admin_client.get(LIST)
    assert list(settled.context["page"]) == []
    assert "This pair is no longer shown." in settled.text
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
    assert "No near-duplicates" in admin_client.get(LIST).text


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


def do(what: str, pair: NearDuplicate, article: Article) -> str:
    return reverse(f"admin:visualsearch_nearduplicate_{what}", args=[pair.pk, article.pk])


def test_each_side_of_a_pair_can_be_hidden_deleted_or_merged_from_there(
    admin_client: Client, pair: NearDuplicate
) -> None:
    page = admin_client.get(LIST).text

    for article in (pair.first, pair.second):
        assert f'href="{do("hide", pair, article)}"' in page
        assert f'href="{do("bin", pair, article)}"' in page
    merge = reverse("admin:catalogue_article_merge", args=[pair.first_id, pair.second_id])
    assert f'href="{merge}?next={LIST}"' in page
    assert "Not a duplicate" in page


def test_one_of_a_pair_is_hidden_after_asking_and_the_pair_is_settled(
    admin_client: Client, pair: NearDuplicate
) -> None:
    asked = admin_client.get(do("hide", pair, pair.second)).text
    assert "Hide this product?" in asked
    assert Article.objects.filter(published=True).count() == 2

    answer = admin_client.post(do("hide", pair, pair.second), follow=True)

    assert list(Article.objects.filter(published=True)) == [pair.first]
    assert list(answer.context["page"]) == []
    assert "Undo …" in answer.text
    assert ChangeSet.objects.get(action="hide").edits.get().article_id == pair.second_id


def test_one_of_a_pair_goes_into_the_bin_after_asking(admin_client: Client, pair: NearDuplicate) -> None:
    assert "It can be restored for 30 days" in admin_client.get(do("bin", pair, pair.first)).text
    assert Article.objects.count() == 2

    answer = admin_client.post(do("bin", pair, pair.first), follow=True)

    assert Article.objects.get() == pair.second
    assert list(answer.context["page"]) == []


def test_a_pair_is_merged_and_leads_back_to_the_pairs(admin_client: Client, pair: NearDuplicate) -> None:
    address = reverse("admin:catalogue_article_merge", args=[pair.first_id, pair.second_id]) + f"?next={LIST}"
    page = admin_client.get(address)
    sent = {"seen": page.context["seen"], **{field.name: field.initial for field in page.context["form"]}}

    answer = admin_client.post(address, sent)

    assert answer["Location"] == LIST
    assert Article.objects.get() == pair.first


def test_what_is_not_of_the_pair_is_not_touched_by_it(admin_client: Client, pair: NearDuplicate) -> None:
    other = PhotoFactory.create().article

    assert admin_client.post(do("hide", pair, other)).status_code == 404
    assert admin_client.post(do("bin", pair, other)).status_code == 404
    assert Article.objects.filter(published=True).count() == 3


def test_whoever_may_not_delete_hides_and_says_that_it_is_no_duplicate(client: Client, pair: NearDuplicate) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_article", "change_article"]))
    client.force_login(clerk)

    page = client.get(LIST).text

    assert do("hide", pair, pair.first) in page
    assert do("bin", pair, pair.first) not in page
    assert "Merge …" not in page
    assert client.post(do("bin", pair, pair.first)).status_code == 403
    assert Article.objects.count() == 2


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
