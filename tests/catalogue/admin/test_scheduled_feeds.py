"""Staff add a feed, look at it, switch it on, and answer what it asks. The password is never shown again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue import scheduled_feeds
from catalogue.models import Article, FeedFetch, ImportRun, ScheduledFeed
from tests.catalogue.scheduled_feeds.conftest import supplier  # noqa: F401  (a fixture)
from tests.catalogue.scheduled_feeds.supplier import Supplier, fetched, shown, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
ADD = reverse("admin:catalogue_scheduledfeed_add")
GIVEN = {
    "name": "Supplier", "url": "https://supplier.example/feed.xml", "user": "shop", "password": "hunter2",
    "schedule": "daily", "daily_at": "04:30", "kind": "", "encoding": "", "columns_text": "", "on_leaving": "hide",
    "leaving_percent": "33",
}  # fmt: skip


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("staff"))
    return client


def address(name: str, feed: ScheduledFeed) -> str:
    return reverse(f"admin:catalogue_scheduledfeed_{name}", args=[feed.pk])


def page(client: Client, feed: ScheduledFeed) -> str:
    response = client.get(address("change", feed))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def steer(client: Client, feed: ScheduledFeed, do: str, **more: Any) -> None:
    assert client.post(address("steer", feed), {"do": do, **more}).status_code == 302
    feed.refresh_from_db()


def test_a_feed_is_added_and_not_fetched_before_it_is_switched_on(staff: Client) -> None:
    response = staff.post(ADD, {**GIVEN, "columns_text": "sku=ref, price=pvp", "hidden": "on"})

    feed = ScheduledFeed.objects.get()
    assert response.headers["Location"] == address("change", feed)
    assert (feed.state, feed.due, feed.published) == ("new", None, False)
    assert feed.columns == {"sku": ["ref"], "price": ["pvp"]}
    assert "Not switched on yet" in page(staff, feed)
    assert not FeedFetch.objects.exists()


def test_the_password_is_kept_and_never_shown_again(staff: Client) -> None:
    staff.post(ADD, GIVEN)
    feed = ScheduledFeed.objects.get()

    shown_texts = [staff.get(address(name, feed)).content for name in ("change", "settings")]
    staff.post(address("settings", feed), {**GIVEN, "password": "", "name": "Renamed"})
    feed.refresh_from_db()
    kept = feed.name, feed.password
    staff.post(address("settings", feed), {**GIVEN, "password": "", "user": ""})
    feed.refresh_from_db()

    assert not any(b"hunter2" in text for text in shown_texts)
    assert kept == ("Renamed", "hunter2")
    assert feed.password == ""


def test_the_password_is_not_sent_to_another_server_than_it_was_given_for(staff: Client) -> None:
    staff.post(ADD, GIVEN)
    feed = ScheduledFeed.objects.get()
    elsewhere = {**GIVEN, "url": "https://evil.example/feed.xml"}

    refused = staff.post(address("settings", feed), {**elsewhere, "password": ""})
    feed.refresh_from_db()
    before = feed.url
    staff.post(address("settings", feed), {**elsewhere, "password": "another"})
    feed.refresh_from_db()

    assert "Enter the password again" in refused.content.decode()
    assert before == GIVEN["url"]
    assert (feed.url, feed.password) == (elsewhere["url"], "another")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("url", "ftp://supplier.example/feed", "not a plain http or https address"),
        ("url", "https://user:secret@supplier.example/", "not a plain http or https address"),
        ("url", "http://127.0.0.1/feed.csv", "not on the public Internet"),
        ("url", "http://supplier.example:6379/", "a port other than 80 or 443"),
        ("columns_text", "nonsense", "nonsense"),
        ("columns_text", "no_such=x", "no_such"),
        ("leaving_percent", "101", "less than or equal to 100"),
        ("daily_at", "25:00", "Enter a valid time"),
        ("kind", "folder", "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_cause(staff: Client, field: str, value: str, text: str) -> None:
    response = staff.post(ADD, {**GIVEN, field: value})

    assert response.status_code == 200
    assert text in response.content.decode()
    assert not ScheduledFeed.objects.exists()


def test_settings_that_say_how_the_file_is_read_have_it_read_again(staff: Client) -> None:
    feed = ScheduledFeed.objects.create(
        name="Supplier", url=GIVEN["url"], state="on", sha256="0" * 64, etag='"1"', due=timezone.now()
    )

    staff.post(address("settings", feed), {**GIVEN, "schedule": "6h"})
    feed.refresh_from_db()
    same = feed.sha256, feed.etag
    staff.post(address("settings", feed), {**GIVEN, "kind": "google-xml"})
    changed = ScheduledFeed.objects.get()

    assert same == ("0" * 64, '"1"')
    assert feed.due is not None
    assert timedelta(hours=5) < feed.due - timezone.now() <= timedelta(hours=6)
    assert (changed.sha256, changed.etag, changed.state) == ("", "", "on")


def test_a_feed_is_looked_at_switched_on_fetched_and_paused(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1", "A-2")
    feed = supplier.feed(state="new")

    steer(staff, feed, "look")
    work()
    looked = page(staff, feed)
    written = Article.objects.count()
    steer(staff, feed, "switch_on")
    work()
    on = page(staff, feed)
    supplier.has("A-1", "A-2", "A-3", more="B-1,Bad,dear")
    steer(staff, feed, "fetch")
    work()
    steer(staff, feed, "pause")

    assert "Checked: see the preview, then switch the feed on" in looked
    assert written == 0
    assert "Fetch now" in on
    assert "Imported." in on
    assert feed.state == "paused"
    assert shown() == ["A-1", "A-2", "A-3"]
    told = page(staff, feed)
    assert "Resume" in told
    (fetch, _) = FeedFetch.objects.all()
    assert fetch.by is not None
    assert f"/admin/catalogue/importrun/{fetch.run_id}/change/" in told
    run_page = staff.get(reverse("admin:catalogue_importrun_change", args=[fetch.run_id])).content.decode()
    assert address("change", feed) in run_page


def test_a_question_shows_how_many_and_which_and_is_answered(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1", "A-2", "=A-3")
    feed = supplier.feed(leaving_percent=33)
    fetched(feed)
    supplier.has("A-1")
    fetch = fetched(feed)

    text = page(staff, feed)
    listed = staff.get(address("left", feed)).getvalue().decode("utf-8-sig").splitlines()
    steer(staff, feed, "leave", fetch=fetch.pk + 1)
    untouched = len(shown())
    steer(staff, feed, "leave", fetch=fetch.pk)
    work()

    assert "2 of 3 products are no longer in the feed" in text
    assert "more than 33%" in text
    assert "Hide these 2 products" in text
    assert sorted(listed[1:]) == ["'=A-3,Article =A-3", "A-2,Article A-2"]
    assert untouched == 3
    assert shown() == ["A-1"]
    assert "2 products are no longer in the feed." in page(staff, feed)
    assert staff.get(address("left", feed)).status_code == 404


def test_keeping_leaves_the_articles_as_they_are(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1", "A-2")
    feed = supplier.feed(leaving_percent=0)
    fetched(feed)
    supplier.has("A-1")
    fetch = fetched(feed)

    steer(staff, feed, "keep", fetch=fetch.pk)
    work()

    assert shown() == ["A-1", "A-2"]
    assert "1 product is no longer in the feed; you kept it." in page(staff, feed)


def test_a_failure_is_told_with_its_reason_and_the_next_attempt(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.status = 500
    feed = supplier.feed()
    fetched(feed)

    text = page(staff, feed)
    changes = staff.get(reverse("admin:catalogue_scheduledfeed_changelist")).content.decode()

    assert "The server responded with status 500." in text
    assert "Next attempt: " in text
    assert "Failed once" in changes


def test_two_feeds_with_the_same_article_name_each_other(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1")
    one, other = supplier.feed(name="One"), supplier.feed(name="Other", path="b.csv")
    fetched(one)
    fetched(other)

    text = page(staff, one)

    assert "These feeds list the same products." in text
    assert address("change", other) in text


def test_progress_is_told_to_the_page_and_changes_its_revision(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1")
    feed = supplier.feed()
    before = staff.get(address("progress", feed)).json()
    steer(staff, feed, "fetch")
    during = staff.get(address("progress", feed)).json()
    work()
    after = staff.get(address("progress", feed)).json()

    assert [each["working"] for each in (before, during, after)] == [False, True, False]
    assert during["text"] == "Waiting to start"
    assert len({each["revision"] for each in (before, during, after)}) == 3


def test_deleting_a_feed_keeps_its_articles(
    staff: Client,
    supplier: Supplier,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    supplier.has("A-1")
    feed = supplier.feed()
    fetched(feed)

    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address("delete", feed), {"post": "yes"})

    assert not ScheduledFeed.objects.exists()
    assert shown() == ["A-1"]


def test_who_may_not_write_articles_may_look_at_feeds_and_not_steer_them(client: Client) -> None:
    feed = ScheduledFeed.objects.create(name="Supplier", url=GIVEN["url"])
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_scheduledfeed", "change_scheduledfeed", "add_scheduledfeed"])
    )
    client.force_login(user)

    assert "Switch on" not in page(client, feed)
    assert client.post(address("steer", feed), {"do": "switch_on"}).status_code == 403
    assert client.get(ADD).status_code == 403
    feed.refresh_from_db()
    assert feed.state == "new"


def test_who_may_only_look_is_shown_no_password(client: Client) -> None:
    feed = ScheduledFeed.objects.create(name="Supplier", url=GIVEN["url"], user="shop", password="hunter2")
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_scheduledfeed"))
    client.force_login(user)
    # As Django's admin quotes a key, which leads past the feed's own page.
    quoted = address("change", feed).replace(f"/{feed.pk}/", f"/_{ord(str(feed.pk)[0]):X}{str(feed.pk)[1:]}/")

    answers = [client.get(url) for url in (address("change", feed), address("settings", feed), quoted)]

    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert not any(b"hunter2" in answer.content for answer in answers)


@pytest.mark.parametrize("name", ["change", "settings", "progress", "left"])
def test_a_feed_that_is_gone_is_not_found(staff: Client, name: str) -> None:
    response = staff.get(address(name, ScheduledFeed(pk=7)))

    assert response.status_code in (302, 404)


def test_pages_are_in_french(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed(leaving_percent=10)
    fetched(feed)
    supplier.has("A-1", "A-2")
    fetched(feed)

    text = staff.get(address("change", feed), headers={"accept-language": "fr"}).content.decode()

    assert "1 article sur 3 n’est plus dans le flux" in text
    assert "Récupérer maintenant" in text


def test_the_page_leads_to_the_columns_where_they_are_not_known(staff: Client, supplier: Supplier) -> None:  # noqa: F811
    supplier.content = b"Kode;Ding\nR-1;Robe\n"
    feed = supplier.feed(state="new")
    scheduled_feeds.look(feed)
    work()

    text = page(staff, feed)

    assert "We could not tell which column is the SKU: choose the columns" in text
    assert reverse("admin:catalogue_importrun_change", args=[ImportRun.objects.get().pk]) in text
    assert "Switch on" not in text
