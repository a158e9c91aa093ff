"""A feed comes from its address when it is due, is imported, and says what became of it."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from catalogue import imports, scheduled_feeds, tasks
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, FeedFetch, ImportRun, ScheduledFeed
from catalogue.scheduled_feeds import fetching, worker
from tests.catalogue.imports.handed_in import FEED, kept_files, workbook
from tests.catalogue.scheduled_feeds.supplier import Supplier, fetched, shown, work

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = FeedFetch.State


def test_a_feed_is_imported_as_an_upload_is_and_its_fetch_names_the_import(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", more="A-3,Bad,dear")
    feed = supplier.feed()

    fetch = fetched(feed)

    assert (fetch.state, fetch.unchanged, fetch.present, fetch.left) == (State.FINISHED, False, 2, 0)
    assert fetch.run is not None
    assert (fetch.run.state, fetch.run.created, fetch.run.refused) == (ImportRun.State.FINISHED, 2, 1)
    assert fetch.run.name == "Supplier.csv"
    assert shown() == ["A-1", "A-2"]
    assert feed.due is not None
    assert fetch.run.file.name == ""


def test_a_feed_that_the_server_says_is_unchanged_is_not_imported_again(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed()
    fetched(feed)

    again = fetched(feed)

    assert (again.state, again.unchanged, again.run) == (State.FINISHED, True, None)
    assert supplier.statuses == [200, 304]


def test_a_feed_with_the_same_bytes_is_not_imported_again(supplier: Supplier) -> None:
    supplier.has("A-1")
    supplier.with_etag = False
    feed = supplier.feed()
    fetched(feed)
    supplier.content = gzip.compress(supplier.content)

    again = fetched(feed)

    assert (again.state, again.unchanged, again.run) == (State.FINISHED, True, None)
    assert supplier.statuses == [200, 200]


def test_a_file_whose_import_failed_is_read_again(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed()
    fetched(feed)
    supplier.content = b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>Coat</ti'

    failed = fetched(feed), fetched(feed)

    assert [fetch.state for fetch in failed] == [State.FAILED] * 2
    assert supplier.statuses == [200, 200, 200]
    assert feed.failures == 2
    assert shown() == ["A-1"]


@pytest.mark.parametrize("path", ["feed.xlsx", "feed", "feed.csv.gz"])
def test_a_workbook_is_read_whatever_its_address_is_called(supplier: Supplier, path: str) -> None:
    supplier.content = workbook(["sku", "name"], ["A-1", "Coat"])

    fetch = fetched(supplier.feed(path=path))

    assert (fetch.state, shown()) == (State.FINISHED, ["A-1"])


def test_a_compressed_feed_of_a_chosen_format_is_read(supplier: Supplier) -> None:
    supplier.content = gzip.compress(FEED.encode())

    fetch = fetched(supplier.feed(kind="google-xml"))

    assert (fetch.state, shown()) == (State.FINISHED, ["G-1"])


def test_a_feed_of_a_format_that_was_chosen_wrongly_fails_and_says_so(supplier: Supplier) -> None:
    supplier.has("A-1")

    fetch = fetched(supplier.feed(kind="google-xml"))

    assert fetch.state == State.FAILED
    assert "Supplier.csv" in render_stored(fetch.error)


def test_user_and_password_are_sent_and_stand_in_no_log(supplier: Supplier, caplog: pytest.LogCaptureFixture) -> None:
    supplier.has("A-1")
    caplog.set_level("DEBUG")

    fetched(supplier.feed(user="shop", password="hunter2"))
    supplier.status = 403
    failed = fetched(ScheduledFeed.objects.get())

    assert supplier.logins == ["Basic c2hvcDpodW50ZXIy"] * 2
    assert "refuses this user name and password" in render_stored(failed.error)
    assert "hunter2" not in caplog.text
    assert "c2hvcDpodW50ZXIy" not in caplog.text


@pytest.mark.parametrize(
    ("status", "content", "text"),
    [
        (404, b"", "status 404"),
        (401, b"", "it asks for a user name and a password"),
        (200, b"", "empty"),
        (200, b"sku,name\n", "has no products"),
        (200, b"<html><body>Log in</body></html>", "Supplier.csv"),
        (200, b"\0\1\2\3", "Supplier.csv"),
    ],
)
def test_what_is_no_feed_changes_nothing_and_is_told_with_its_cause(
    supplier: Supplier, status: int, content: bytes, text: str
) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed()
    fetched(feed)
    kept = kept_files()
    supplier.status, supplier.content = status, content

    fetch = fetched(feed)

    assert fetch.state == State.FAILED
    assert text in render_stored(fetch.error)
    assert shown() == ["A-1", "A-2"]
    assert feed.failures == 1
    assert kept_files() == kept


def test_a_feed_that_is_too_large_is_not_kept(supplier: Supplier, settings: LazySettings) -> None:
    settings.IMPORT_MAX_BYTES = 100
    supplier.has(*(f"A-{n}" for n in range(100)))

    fetch = fetched(supplier.feed())

    assert fetch.state == State.FAILED
    assert "SHOP_IMPORT_MAX_BYTES" in render_stored(fetch.error)
    assert kept_files() == []


def test_a_private_address_is_refused(supplier: Supplier, monkeypatch: pytest.MonkeyPatch) -> None:
    supplier.has("A-1")
    feed = supplier.feed()
    feed.url = "http://127.0.0.1/feed.csv"
    feed.save()
    monkeypatch.undo()

    fetch = fetched(feed)

    assert fetching.fetch_policy().ports == {80, 443}
    assert fetch.error and fetch.error["code"] == "fetch.not_public"
    assert supplier.statuses == []


def test_failures_that_may_heal_are_tried_again_soon_and_then_more_and_more_seldom(supplier: Supplier) -> None:
    supplier.status = 500
    feed = supplier.feed()
    waits = []

    for _ in range(10):
        fetched(feed)
        assert feed.due is not None
        waits.append(round((feed.due - timezone.now()) / timedelta(minutes=1)))

    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]


def test_failures_that_do_not_heal_by_themselves_wait_for_the_schedule(supplier: Supplier) -> None:
    supplier.status = 404
    feed = supplier.feed(schedule="6h")
    waits = []

    for _ in range(3):
        fetched(feed)
        assert feed.due is not None
        waits.append(round((feed.due - timezone.now()) / timedelta(hours=1)))

    assert waits == [6, 12, 24]


def test_a_host_that_asks_to_be_left_alone_is(supplier: Supplier) -> None:
    supplier.status, supplier.headers = 503, {"Retry-After": "7200"}
    feed = supplier.feed()

    fetched(feed)
    scheduled_feeds.fetch_now(feed)
    work()

    assert feed.due is not None
    assert feed.due - timezone.now() > timedelta(minutes=119)
    waiting = FeedFetch.objects.get(state=State.FETCHING)
    assert waiting.due is not None
    assert supplier.statuses == [503]


def test_a_success_ends_the_back_off(supplier: Supplier) -> None:
    supplier.status = 500
    feed = supplier.feed(schedule="1h")
    fetched(feed)
    supplier.status = 200
    supplier.has("A-1")

    fetched(feed)

    assert feed.failures == 0
    assert feed.due is not None
    assert timedelta(minutes=59) < feed.due - timezone.now() <= timedelta(hours=1)


def test_what_is_due_is_found_in_the_rows_and_begun_once(supplier: Supplier, monkeypatch: pytest.MonkeyPatch) -> None:
    supplier.has("A-1")
    now = timezone.now()
    feed = supplier.feed(due=now - timedelta(minutes=1))
    supplier.feed(due=now + timedelta(minutes=1))
    supplier.feed(due=now - timedelta(minutes=1), state="paused")
    queued: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks, "enqueue_unique", lambda task, *args, queue: queued.append((task.name, *args)))

    tasks.reconcile_jobs()
    tasks.reconcile_jobs()

    fetch = FeedFetch.objects.get()
    assert fetch.feed == feed
    assert queued == [("catalogue.tasks.fetch_feed", fetch.pk)] * 2


def test_a_feed_that_was_due_long_ago_is_fetched_once(supplier: Supplier) -> None:
    supplier.has("A-1")
    supplier.feed(due=timezone.now() - timedelta(days=30), schedule="1h")

    scheduled_feeds.begin_due()
    work()
    scheduled_feeds.begin_due()

    assert FeedFetch.objects.count() == 1


def test_looking_at_a_feed_writes_nothing_and_switching_it_on_imports_what_was_looked_at(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed(state="new")

    assert scheduled_feeds.fetch_now(feed) is None
    look = scheduled_feeds.look(feed)
    work()
    seen = Article.objects.count(), FeedFetch.objects.select_related("run").get().run
    supplier.has("A-3")
    assert scheduled_feeds.switch_on(feed)
    work()

    assert look is not None
    assert seen[0] == 0
    assert seen[1] is not None
    assert (seen[1].state, seen[1].created) == (ImportRun.State.CHECKED, 2)
    assert shown() == ["A-1", "A-2"]
    feed.refresh_from_db()
    assert (feed.is_on, feed.due is not None, supplier.statuses) == (True, True, [200])


def test_looking_again_replaces_the_first_look(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed(state="new")
    scheduled_feeds.look(feed)
    work()

    assert scheduled_feeds.look(feed) is not None
    work()

    assert sorted(FeedFetch.objects.values_list("state", "run__state")) == [
        ("cancelled", "cancelled"),
        ("importing", "checked"),
    ]


def test_switching_on_without_looking_fetches_at_once(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed(state="new")

    assert scheduled_feeds.switch_on(feed)
    scheduled_feeds.begin_due()
    work()

    assert shown() == ["A-1"]


def test_a_paused_feed_is_not_fetched_until_it_is_resumed(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed(due=timezone.now())

    assert scheduled_feeds.pause(feed)
    scheduled_feeds.begin_due()
    paused = FeedFetch.objects.count()
    feed.refresh_from_db()
    assert scheduled_feeds.switch_on(feed)
    scheduled_feeds.begin_due()

    assert (paused, FeedFetch.objects.count()) == (0, 1)


def test_one_fetch_of_a_feed_is_under_way_at_once(supplier: Supplier) -> None:
    feed = supplier.feed()

    assert scheduled_feeds.fetch_now(feed) is not None
    assert scheduled_feeds.fetch_now(feed) is None


def test_a_fetch_whose_import_is_cancelled_or_deleted_ends(supplier: Supplier) -> None:
    supplier.has("A-1")
    feed = supplier.feed(state="new")

    for end in (imports.cancel, lambda run: imports.delete(run.pk)):
        scheduled_feeds.look(feed)
        work()
        end(ImportRun.objects.get(state="checked"))
        worker.KIND.remove_expired()
        work()

    assert list(FeedFetch.objects.values_list("state", flat=True)) == ["cancelled"] * 2


def test_old_fetches_are_removed_with_their_imports(supplier: Supplier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "KEPT", 2)
    feed = supplier.feed()

    for n in range(4):
        supplier.has("A-1", f"B-{n}")
        fetched(feed)

    assert (FeedFetch.objects.count(), ImportRun.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-07-01T01:00:00+00:00", "2026-07-01T02:00:00+00:00"),
        ("2026-07-01T02:00:00+00:00", "2026-07-02T02:00:00+00:00"),
        ("2026-01-01T01:00:00+00:00", "2026-01-01T03:00:00+00:00"),
        # The nights in which clocks change.
        ("2026-03-28T12:00:00+00:00", "2026-03-29T02:00:00+00:00"),
        ("2026-10-24T12:00:00+00:00", "2026-10-25T03:00:00+00:00"),
    ],
)
def test_a_daily_feed_is_due_at_its_time_in_the_shops_time_zone(
    now: str, expected: str, settings: LazySettings
) -> None:
    settings.TIME_ZONE = "Europe/Paris"

    due = ScheduledFeed(schedule="daily").next_fetch(datetime.fromisoformat(now))

    assert due == datetime.fromisoformat(expected)
