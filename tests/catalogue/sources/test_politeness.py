"""Whoever is asked for pictures is asked politely, and never from within our own network."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from catalogue.imaging import FetchPolicy
from catalogue.models import Photo, PhotoSource
from catalogue.sources import fetch_waiting
from catalogue.sources.host_limiter import AT_ONCE
from tests.catalogue.sources.gallery import Gallery, source_of
from tests.factories import drawn_picture
from tests.processes.valkey import Valkey

pytestmark = pytest.mark.django_db(transaction=True)

RED, GREEN, BLUE = (drawn_picture(colour) for colour in ("#c0392b", "#27ae60", "#3b5998"))


def test_the_shop_names_itself_to_the_servers_that_it_asks(gallery: Gallery, settings: LazySettings) -> None:
    settings.SHOP_NAME = "Chez Zoé\r\nX: (1)"
    gallery.pictures = {"a.png": RED}

    gallery.bring("a.png")

    _, headers = gallery.server.asked[0]
    assert headers["User-Agent"] == f"Vitrine/{settings.VERSION} (photos for the shop Chez Zoe X 1)"


def test_no_address_within_the_own_network_is_asked(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    gallery.import_article("a.png", host="127.0.0.1")

    counts = fetch_waiting(for_s=5, policy=gallery.server.reach(allow=FetchPolicy().allow))

    assert counts.failed == 1
    assert source_of("a.png").error == {"code": "fetch.not_public", "params": {}}
    assert gallery.asked() == []


def test_no_host_is_asked_by_more_than_two_at_once_and_others_need_not_wait(gallery: Gallery) -> None:
    gallery.slow_s = 0.6
    names = [f"{n}.png" for n in range(6)]
    gallery.pictures = {name: drawn_picture(f"#{i}{i}0000") for i, name in enumerate(names)}
    gallery.import_article(*names)

    gallery.fetch()
    one_host = gallery.most_at_once
    gallery.import_article(*names, sku="D-2", host="other.example")
    gallery.import_article(*names)
    gallery.fetch()

    assert one_host == AT_ONCE
    assert gallery.most_at_once == 2 * AT_ONCE
    assert Photo.objects.count() == 12


def test_a_pause_lies_between_two_requests_to_a_host(gallery: Gallery, settings: LazySettings) -> None:
    settings.FETCH_PAUSE_S = 0.3
    gallery.pictures = {"a.png": RED, "b.png": GREEN, "c.png": BLUE}
    started = time.monotonic()

    gallery.bring("a.png", "b.png", "c.png")

    assert time.monotonic() - started >= 0.6
    assert len(gallery.asked()) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_is_left_alone_for_as_long_as_it_asks(gallery: Gallery, status: int) -> None:
    gallery.refusals = {"a.png": (status, {"Retry-After": "300"})}
    gallery.pictures = {f"{n}.png": RED for n in range(8)}
    gallery.import_article("a.png", *gallery.pictures)

    gallery.fetch(for_s=1)
    asked = len(gallery.asked())
    again = gallery.fetch(for_s=1)

    # Only what was under way already.
    assert asked <= AT_ONCE
    assert (again.asked, gallery.asked()) == (0, [])
    due = source_of("a.png").due
    assert due and timedelta(seconds=290) < due - timezone.now() < timedelta(seconds=310)
    # All others wait as long, and none has lost an attempt.
    assert PhotoSource.objects.waiting().filter(attempts=0, due__gt=timezone.now()).count() == 9 - asked


def test_what_does_not_heal_is_given_up_after_eight_attempts_ever_further_apart(gallery: Gallery) -> None:
    gallery.refusals = {"a.png": (500, {})}
    gallery.import_article("a.png")
    delays = []

    for _ in range(8):
        gallery.fetch()
        due = source_of("a.png").due
        delays.append(round((due - timezone.now()) / timedelta(minutes=1)) if due else None)
        PhotoSource.objects.filter(due__isnull=False).update(due=timezone.now())

    assert delays == [1, 2, 4, 8, 16, 32, 64, None]
    assert source_of("a.png").state == "failed"


def test_a_cache_that_is_down_leaves_everything_waiting(gallery: Gallery, valkey: Valkey) -> None:
    gallery.pictures = {"a.png": RED}
    gallery.import_article("a.png")
    valkey.stop()

    counts = gallery.fetch(for_s=1)

    assert (counts.asked, gallery.asked()) == (0, [])
    assert source_of("a.png").state == "waiting"
