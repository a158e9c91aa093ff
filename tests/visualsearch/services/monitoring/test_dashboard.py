"""The dashboard on the admin's first page."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue import roles
from catalogue import tasks as catalogue_tasks
from catalogue.roles import Role
from tests.catalogue.admin.test_start_page import shown
from tests.factories import ArticleFactory, PhotoFactory
from tests.processes.valkey import Valkey
from tests.visualsearch.catalogue import found_article
from visualsearch import tasks
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import EmbeddingFailure, ModelFailure, NearDuplicate, SearchDay
from visualsearch.services import versions
from visualsearch.services.monitoring import dashboard as dashboards
from visualsearch.services.monitoring.health import LATE_RECONCILIATIONS, RECONCILED

pytestmark = [pytest.mark.django_db, pytest.mark.database]

INDEX = reverse("admin:index")


def test_the_shops_figures_are_shown(admin_client: Client) -> None:
    found_article("#b00020")
    ArticleFactory.create(published=False, stock=0)
    PhotoFactory.create()

    numbers = dashboards.dashboard()

    assert (numbers.articles.count, numbers.articles.hidden) == (3, 1)
    assert numbers.articles.sold_out == 1
    assert numbers.searching is not None
    assert (numbers.searching.vectors, numbers.searching.pending, numbers.searching.failed) == (1, 1, 0)
    page = admin_client.get(INDEX).text
    assert "Your shop in figures" in page
    assert "Nobody has searched by photo yet." in page


def test_only_superusers_see_what_is_of_developers(client: Client, admin_client: Client) -> None:
    found_article("#b00020")
    owner = User.objects.create_user("owner", is_staff=True)
    roles.give_role(owner, Role.OWNER)
    client.force_login(owner)

    developers, owners = admin_client.get(INDEX).text, client.get(INDEX).text

    assert "Search by photo is up to date." in owners
    for word in ("mobilenet", "snapshot", "p95", "doctor"):
        assert word not in owners.lower()
    assert "mobilenet" in developers
    assert "Changes since the last snapshot" in developers


def test_photos_that_are_being_indexed_are_told_of(admin_client: Client) -> None:
    found_article("#b00020")
    PhotoFactory.create()

    assert "Indexing… 1 photo can be found in a moment." in admin_client.get(INDEX).text


def test_near_duplicates_failed_photos_and_searches_without_match_are_to_do(admin_client: Client) -> None:
    article = found_article("#b00020")
    bad = PhotoFactory.create()
    version = versions.serving_version()
    EmbeddingFailure.objects.create(
        photo=bad, model_version=version, photo_sha256=bad.sha256, error={"code": "image.damaged", "params": {}}
    )
    NearDuplicate.objects.create(
        first=article, second=bad.article, first_photo=article.photos.get(), second_photo=bad, similarity=0.97,
        found=timezone.now(),
    )  # fmt: skip
    for number, photo in enumerate(("given.webp", "")):
        ModelFailure.objects.create(version=version, kind="not_similar", search=str(number), vector=b"", photo=photo)
    ModelFailure.objects.create(version=version, kind="unsure", search="3", vector=b"", photo="other.webp")

    found = shown(admin_client.get(INDEX).text)

    assert {name: number for name, (number, _) in found.items()} == {
        "photos_failed": "1", "near_duplicates": "1", "searches_without_match": "2",
    }  # fmt: skip
    assert list(admin_client.get(found["photos_failed"][1]).context["cl"].result_list) == [bad.article]
    assert len(admin_client.get(found["searches_without_match"][1]).context["cl"].result_list) == 2
    # The photo that a shopper agreed to leave, and no other.
    given, other = (
        reverse("admin:visualsearch_modelfailure_photo", args=[ModelFailure.objects.get(photo=name).pk])
        for name in ("given.webp", "other.webp")
    )
    assert given in admin_client.get(INDEX).text
    assert other not in admin_client.get(INDEX).text


def test_searches_are_shown_and_plotted(admin_client: Client) -> None:
    SearchDay.objects.create(day=timezone.now().date(), close=8, none=2, durations={"43": 10})

    page = admin_client.get(INDEX).text

    assert "<dd>10</dd>" in page
    assert "20%" in page
    assert "43 ms" in page
    assert page.count("<title>20") == dashboards.SHOWN_DAYS


def test_whoever_may_not_see_articles_sees_no_numbers(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert "Your shop in figures" not in client.get(INDEX).text


STALLED = "Photos and imports are not being processed at the moment."


def test_stopped_workers_are_reported_while_work_is_pending(admin_client: Client, valkey: Valkey) -> None:
    PhotoFactory.create()
    cache.set(RECONCILED, time.time() - settings.RECONCILE_INTERVAL_S * LATE_RECONCILIATIONS - 1)
    assert STALLED in admin_client.get(INDEX).text

    valkey.stop()
    assert STALLED in admin_client.get(INDEX).text

    valkey.start()
    tasks.reconcile()
    catalogue_tasks.reconcile_jobs()
    assert STALLED not in admin_client.get(INDEX).text


def test_where_nothing_waits_workers_are_not_missed(admin_client: Client) -> None:
    assert STALLED not in admin_client.get(INDEX).text


def test_a_shop_without_its_model_says_so(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SearchUnavailableError("search.no_version")

    monkeypatch.setattr(versions, "serving_version", fail)
    assert "Search by photo isn’t available." in admin_client.get(INDEX).text
