"""Feeds whose columns have names of their own: looked at, chosen, kept."""

from __future__ import annotations

import pytest

from catalogue import imports, scheduled_feeds
from catalogue.feeds.columns import read_columns
from catalogue.imports.kept_columns import keep
from catalogue.messages import Message, english
from catalogue.models import Article, FeedFetch, ImportRun, ScheduledFeed
from tests.catalogue.scheduled_feeds.supplier import Supplier, fetched, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

FRENCH = "Réf.;Libellé;Prix TTC\nR-1;Robe;39,90\n"
UNKNOWN = "Kode;Ding;Wert\nR-1;Robe;39,90\n"


def looked_at(feed: ScheduledFeed) -> ImportRun:
    fetch = scheduled_feeds.look(feed)
    assert fetch is not None
    work()
    return ImportRun.objects.get(fetch=fetch.pk)


def test_what_is_guessed_when_a_feed_is_looked_at_holds_from_then_on(supplier: Supplier) -> None:
    supplier.content = FRENCH.encode()
    feed = supplier.feed(state="new")
    run = looked_at(feed)
    assert (run.state, run.mapped_by) == ("checked", "guess")

    scheduled_feeds.switch_on(feed)
    work()
    # The next file has one more column, and another price.
    supplier.content = "Réf.;Libellé;Prix TTC;Poids\nR-1;Robe;29,90;3\n".encode()
    feed.refresh_from_db()
    fetched(feed)

    assert feed.columns == {"sku": ["Réf."], "name": ["Libellé"], "price": ["Prix TTC"]}
    assert str(Article.objects.get(sku="R-1").price) == "29.90"


def test_a_feed_of_unknown_columns_waits_for_them_when_it_is_looked_at(supplier: Supplier) -> None:
    supplier.content = UNKNOWN.encode()
    feed = supplier.feed(state="new")
    run = looked_at(feed)
    assert run.state == "mapping"

    assert imports.choose(run, ["sku", "name", "price"])
    work()
    scheduled_feeds.switch_on(feed)
    work()

    assert Article.objects.get(sku="R-1").name == "Robe"
    feed.refresh_from_db()
    assert feed.columns == {"sku": ["Kode"], "name": ["Ding"], "price": ["Wert"]}


def test_a_feed_that_is_fetched_uses_the_columns_that_were_kept_for_its_headings(supplier: Supplier) -> None:
    supplier.content = UNKNOWN.encode()
    keep(["Kode", "Ding", "Wert"], read_columns("sku=Kode,name=Ding,price=Wert"))

    fetch = fetched(supplier.feed())

    assert (fetch.state, fetch.run and fetch.run.mapped_by) == ("finished", "kept")
    assert Article.objects.get(sku="R-1").name == "Robe"


def test_a_feed_whose_columns_nobody_chose_fails_and_tells_what_to_do(supplier: Supplier) -> None:
    supplier.content = UNKNOWN.encode()

    fetch = fetched(supplier.feed())

    assert fetch.state == FeedFetch.State.FAILED
    said = english(Message.from_json(fetch.error or {}))
    assert "nobody has chosen what its columns mean: Kode, Ding, Wert." in said
    assert "Pause the feed and choose its columns" in said
    assert not Article.objects.exists()


def test_nothing_is_guessed_that_nobody_looks_at(supplier: Supplier) -> None:
    supplier.content = b"sku;Prix TTC\nR-1;39,90\n"

    fetched(supplier.feed())

    assert Article.objects.get(sku="R-1").price is None
    assert [note["code"] for note in ImportRun.objects.get().notes] == ["feed.unused_columns"]


def test_a_feeds_own_columns_come_before_those_that_were_kept(supplier: Supplier) -> None:
    supplier.content = UNKNOWN.encode()
    keep(["Kode", "Ding", "Wert"], read_columns("sku=Kode,name=Wert"))

    fetched(supplier.feed(columns={"sku": "Kode", "name": "Ding"}))

    assert Article.objects.get(sku="R-1").name == "Robe"
