"""How many pictures are fetched at once, of how many hosts in one call, and announced together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from catalogue.exceptions import NotFetchedError
from catalogue.imaging import Fetched
from catalogue.models import Photo, PhotoSource
from catalogue.signals import photos_imported
from catalogue.sources import fetching, host_limiter
from catalogue.sources.host_limiter import back_off
from lab.harness.trial_shop import patience_s
from tests.catalogue.sources.gallery import Gallery
from tests.factories import drawn_picture
from tests.processes.valkey import Valkey

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NAMES = [f"{number}.png" for number in range(5)]


@pytest.fixture
def pictures(gallery: Gallery) -> Gallery:
    for number, name in enumerate(NAMES):
        gallery.pictures[name] = drawn_picture(f"#0000{40 * number:02x}", size=(20, 20))
    return gallery


@pytest.fixture
def announced() -> Iterator[list[int]]:
    """How many photos were announced each time."""
    heard: list[int] = []

    def listen(sender: type, photo_ids: list[int], **kwargs: Any) -> None:
        heard.append(len(photo_ids))

    photos_imported.connect(listen, sender=Photo)
    yield heard
    photos_imported.disconnect(listen, sender=Photo)


def due() -> list[tuple[str, str]]:
    rows = PhotoSource.objects.due().order_by("host", "position").values_list("host", "url")
    return [(host, url.rsplit("/", 1)[1]) for host, url in rows]


@pytest.mark.parametrize(("pictures_of_one", "groups"), [(2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_photos_are_announced_in_groups_and_the_rest_at_the_end(
    pictures: Gallery,
    announced: list[int],
    monkeypatch: pytest.MonkeyPatch,
    pictures_of_one: int,
    groups: list[int],
) -> None:
    assert fetching._ANNOUNCED == 8
    monkeypatch.setattr(fetching, "_ANNOUNCED", 2)
    pictures.import_article(*NAMES[:pictures_of_one])

    pictures.fetch()

    assert announced == groups


def test_one_call_looks_at_so_many_pictures_of_a_host(pictures: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_A_HOST", 2)
    pictures.import_article(*NAMES[:3])

    assert pictures.fetch().fetched == 2
    assert due() == [("pictures.example", NAMES[2])]
    assert pictures.fetch().fetched == 1


def test_one_call_looks_at_so_many_hosts(pictures: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_HOSTS", 2)
    for number, host in enumerate(("a.example", "b.example", "c.example")):
        pictures.import_article(NAMES[number], sku=f"D-{number}", host=host)

    assert pictures.fetch().fetched == 2
    assert due() == [("c.example", NAMES[2])]


@pytest.mark.parametrize("most", [1, 3])
def test_so_many_pictures_are_fetched_at_once_from_all_hosts_together(
    pictures: Gallery, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Two hosts, of which two pictures each might be."""
    lock, full, running, peak = threading.Lock(), threading.Event(), 0, 0

    def fetch_picture(url: str, **options: Any) -> Fetched:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
            if running == most:
                full.set()
        assert full.wait(patience_s(20))
        # One too many would be here by now.
        time.sleep(0.1)
        with lock:
            running -= 1
        raise NotFetchedError("made up")

    monkeypatch.setattr(fetching, "_AT_ONCE", most)
    monkeypatch.setattr(fetching, "fetch_picture", fetch_picture)
    for number, host in enumerate(("a.example", "b.example")):
        pictures.import_article(*NAMES[2 * number : 2 * number + 2], sku=f"D-{number}", host=host)

    assert pictures.fetch().failed == 4

    assert peak == most


def test_a_busy_host_rests_for_an_hour_at_the_most(valkey: Valkey) -> None:
    rests = []
    for _ in range(9):
        rests.append(back_off("a.example", None))
        cache.delete(host_limiter._key("next", "a.example"))

    assert rests == [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]


@pytest.mark.parametrize(("asked_s", "granted_s"), [(86_399.0, 86_399.0), (86_400.0, 86_400.0), (86_401.0, 86_400.0)])
def test_a_busy_host_is_granted_a_day_at_the_most(valkey: Valkey, asked_s: float, granted_s: float) -> None:
    assert back_off("a.example", asked_s) == granted_s
