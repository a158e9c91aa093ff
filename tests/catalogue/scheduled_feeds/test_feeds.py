"""The command that lists feeds and fetches one."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from catalogue.models import FeedFetch
from tests.catalogue.scheduled_feeds.supplier import Supplier, shown

pytestmark = [pytest.mark.django_db]


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("feeds", *words, stdout=out)
    return out.getvalue()


def test_a_shop_without_feeds_says_so() -> None:
    assert said() == "There are no feeds. Add one in the admin.\n"


def test_feeds_are_listed_with_what_came_of_the_last_fetch(supplier: Supplier) -> None:
    supplier.has("A-1", more="B-1,Bad,dear")
    feed = supplier.feed(name="Anna\x1b[31m", user="shop", password="hunter2")

    fetched = said("--fetch", str(feed.pk))
    supplier.status = 500
    with pytest.raises(CommandError, match="not imported"):
        said("--fetch", str(feed.pk))
    listed = said()

    assert fetched == "finished: 1 created, 0 changed, 0 unchanged, 1 refused, 0 no longer in the feed\n"
    assert shown() == ["A-1"]
    assert listed.startswith(f"{feed.pk}  Anna\N{REPLACEMENT CHARACTER}[31m: on; next fetch ")
    assert "failed: The server responded with status 500." in listed
    assert "hunter2" not in listed


def test_a_feed_is_fetched_by_its_name(supplier: Supplier) -> None:
    supplier.has("A-1")
    supplier.feed(name="Anna")
    supplier.feed(name="Bert")

    said("--fetch", "Anna")

    assert FeedFetch.objects.get().feed.name == "Anna"


def test_a_feed_that_cannot_be_fetched_says_why(supplier: Supplier) -> None:
    feed = supplier.feed(name="Off", state="paused")
    supplier.feed(name="Off")
    busy = supplier.feed(name="Busy")
    FeedFetch.objects.create(feed=busy)

    for wanted, reason in (
        (str(feed.pk), "not switched on"),
        ("Busy", "already being fetched"),
        ("Off", "2 feeds have this name"),
        ("None", "0 feeds have this name"),
    ):
        with pytest.raises(CommandError, match=reason):
            said("--fetch", wanted)
