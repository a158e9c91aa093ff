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

from catalogue.models import FeedFetch, ScheduledFeed
from tests.factories import ArticleFactory, PhotoFactory
from tests.processes.valkey import Valkey
from tests.visualsearch.catalogue import found_article
from visualsearch import tasks
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import SearchDay
from visualsearch.services import versions
from visualsearch.services.monitoring import dashboard as dashboards
from visualsearch.services.monitoring.diagnosis import LATE_RECONCILIATIONS, RECONCILED

pytestmark = [pytest.mark.django_db, pytest.mark.database]

INDEX = reverse("admin:index")


def test_the_shops_figures_are_shown(admin_client: Client) -> None:
    found_article("#b00020")
    ArticleFactory.create(published=False, stock=0)
    PhotoFactory.create()

    numbers = dashboards.dashboard()

    assert (numbers.articles.count, numbers.articles.hidden) == (3, 1)
    assert (numbers.articles.sold_out, numbers.articles.without_photo) == (1, 1)
    assert numbers.searching is not None
    assert (numbers.searching.vectors, numbers.searching.pending, numbers.searching.failed) == (1, 1, 0)
    page = admin_client.get(INDEX).text
    assert "How the shop is doing" in page
    assert "Nobody has searched by photo yet." in page


def test_feeds_that_fail_or_ask_are_shown(admin_client: Client) -> None:
    before = admin_client.get(INDEX).text
    failing = ScheduledFeed.objects.create(name="Broken", url="https://a.example/", state="on", failures=1)
    FeedFetch.objects.create(feed=failing, state="asking")

    page = admin_client.get(INDEX).text

    assert "Feeds that" not in before
    assert "Feeds that fail</a></dt><dd>1</dd>" in page
    assert "Feeds that ask you</a></dt><dd>1</dd>" in page


def test_searches_are_shown_and_plotted(admin_client: Client) -> None:
    SearchDay.objects.create(day=timezone.now().date(), close=8, none=2, durations={"43": 10})

    page = admin_client.get(INDEX).text

    assert "<dd>10</dd>" in page
    assert "20%" in page
    assert "43 ms" in page
    assert page.count("<title>20") == dashboards.SHOWN_DAYS


def test_whoever_may_not_see_articles_sees_no_numbers(client: Client) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert "How the shop is doing" not in client.get(INDEX).text


STALLED = "No process looks at photos at the moment"


def test_stopped_workers_are_reported_while_work_is_pending(admin_client: Client, valkey: Valkey) -> None:
    PhotoFactory.create()
    cache.set(RECONCILED, time.time() - settings.RECONCILE_INTERVAL_S * LATE_RECONCILIATIONS - 1)
    assert STALLED in admin_client.get(INDEX).text

    valkey.stop()
    assert STALLED in admin_client.get(INDEX).text

    valkey.start()
    tasks.reconcile()
    assert STALLED not in admin_client.get(INDEX).text


def test_where_nothing_waits_workers_are_not_missed(admin_client: Client) -> None:
    assert STALLED not in admin_client.get(INDEX).text


def test_a_shop_without_its_model_says_so(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SearchUnavailableError("search.no_version")

    monkeypatch.setattr(versions, "serving_version", fail)
    assert "Search by photo is not available." in admin_client.get(INDEX).text
