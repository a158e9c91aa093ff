"""The admin's start page: what there is to do next, each with the way to just those rows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue import roles, tasks, todos
from catalogue.models import Article, FeedFetch, ImportRun, PhotoSource, ScheduledFeed
from catalogue.roles import Role
from tests.catalogue.admin.addresses import LIST
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]

START = "/admin/"


def shown(page: str) -> dict[str, tuple[str, str]]:
    """Return what there is to do: by its name, the number, and the address of the rows."""
    found = re.findall(r'<li class="todo-(\w+)[^>]*>\s*<a href="([^"]+)">\s*<strong>([^<]+)</strong>', page)
    return {name: (number, address.replace("&amp;", "&")) for name, address, number in found}


def rows_at(client: Client, address: str) -> list[object]:
    return list(client.get(address).context["cl"].result_list)


def seed(more: str = "") -> Article:
    """Make a shop that has something of each kind, and an article that needs nothing."""
    fine = PhotoFactory.create().article
    ArticleFactory.create(sku=f"bare{more}")
    PhotoFactory.create(article=ArticleFactory.create(sku=f"draft{more}", published=False))
    PhotoFactory.create(article=ArticleFactory.create(sku=f"proposed{more}", proposed=["name"]))
    why = {"code": "x", "params": {}}
    PhotoSource.objects.create(article=fine, url="https://a.example/1.jpg", position=1, error=why)
    PhotoSource.objects.create(article=fine, url="https://a.example/2.jpg", position=2, due=timezone.now())
    for state, refused in (("checked", 0), ("mapping", 0), ("finished", 2), ("finished", 0), ("cancelled", 3)):
        ImportRun.objects.create(name=f"{state}-{refused}.csv", size=1, state=state, refused=refused)
    failing = ScheduledFeed.objects.create(name="Broken", url="https://a.example/", state="on", failures=1)
    asking = ScheduledFeed.objects.create(name="Asks", url="https://b.example/", state="on")
    FeedFetch.objects.create(feed=asking, state="asking")
    ScheduledFeed.objects.create(name="Off", url="https://c.example/", state="paused", failures=failing.failures)
    return fine


def test_each_thing_to_do_has_its_number_and_leads_to_just_those_rows(admin_client: Client) -> None:
    seed()

    found = shown(admin_client.get(START).text)

    rows = {name: [str(row) for row in rows_at(admin_client, address)] for name, (_, address) in found.items()}
    numbers = {name: number for name, (number, _) in found.items()}
    assert {name: str(len(of)) for name, of in rows.items()} == numbers
    assert rows.pop("without_photo")[0].endswith("(bare)")
    assert rows.pop("drafts")[0].endswith("(draft)")
    assert rows.pop("proposals")[0].endswith("(proposed)")
    assert rows == {
        "feeds_failing": ["Broken"],
        "feeds_asking": ["Asks"],
        "imports_waiting": ["mapping-0.csv", "checked-0.csv"],
        "imports_with_errors": ["finished-2.csv"],
        "downloads_failed": ["https://a.example/1.jpg"],
    }


def test_what_is_urgent_comes_first(admin_client: Client) -> None:
    seed()

    page = admin_client.get(START).text

    assert page.index("todo-downloads_failed urgent") < page.index("todo-without_photo")
    assert "product has no photo. Customers cannot find it by photo." in page


def test_a_shop_without_anything_to_do_says_so(admin_client: Client) -> None:
    PhotoFactory.create()

    page = admin_client.get(START)

    assert "All done: nothing is waiting for you." in page.text
    assert shown(page.text) == {}


def test_old_errors_are_no_longer_told_of(admin_client: Client) -> None:
    PhotoFactory.create()
    run = ImportRun.objects.create(name="old.csv", size=1, state="finished", refused=2)
    ImportRun.objects.filter(pk=run.pk).update(begun=timezone.now() - timedelta(days=15))

    assert shown(admin_client.get(START).text) == {}


def test_of_a_feed_only_the_last_import_counts(admin_client: Client) -> None:
    PhotoFactory.create()
    feed = ScheduledFeed.objects.create(name="Supplier", url="https://a.example/", state="on")
    for refused in (1, 2):
        run = ImportRun.objects.create(name=f"{refused}.csv", size=1, state="finished", refused=refused)
        FeedFetch.objects.create(feed=feed, run=run, state="finished")

    number, address = shown(admin_client.get(START).text)["imports_with_errors"]

    assert number == "1"
    assert [str(row) for row in rows_at(admin_client, address)] == ["2.csv"]


def test_an_empty_shop_leads_to_an_import_the_demo_and_the_first_product(admin_client: Client) -> None:
    page = admin_client.get(START).text

    for address in ("catalogue_importrun_add", "catalogue_article_add", "catalogue_article_load_demo"):
        assert f'"{reverse(f"admin:{address}")}"' in page
    assert "Your shop is still empty" in page
    ArticleFactory.create()
    assert "Your shop is still empty" not in admin_client.get(START).text


def test_the_demo_is_loaded_into_an_empty_shop_alone(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[str] = []

    def enqueue(task: Any, *, queue: str) -> bool:
        queued.append(task.name)
        return True

    monkeypatch.setattr("catalogue.admin.demo.enqueue_unique", enqueue)
    address = reverse("admin:catalogue_article_load_demo")

    first = admin_client.post(address, follow=True)
    ArticleFactory.create()
    second = admin_client.post(address, follow=True)

    assert queued == [tasks.load_demo.name]
    assert "The demo is being loaded." in first.text
    assert "The shop has products already." in second.text
    assert admin_client.get(address).status_code == 405


def test_who_may_not_see_something_is_not_told_of_it(client: Client) -> None:
    seed()
    clerk = User.objects.create_user("clerk", is_staff=True)
    client.force_login(clerk)
    nothing = client.get(START).text
    clerk.user_permissions.add(Permission.objects.get(codename="view_scheduledfeed"))

    feeds = client.get(START).text

    assert shown(nothing) == {}
    assert "Your account has no right to any page." in nothing
    assert set(shown(feeds)) == {"feeds_failing", "feeds_asking"}
    assert "Your shop is still empty" not in feeds


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CATALOGUE])
def test_a_viewer_of_an_empty_shop_is_offered_nothing_that_is_refused(client: Client, role: Role) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    roles.give_role(user, role)
    client.force_login(user)

    page = client.get(START).text

    assert (reverse("admin:catalogue_importrun_add") in page) == (role == Role.CATALOGUE)
    assert (reverse("admin:catalogue_article_load_demo") in page) == (role == Role.CATALOGUE)


def test_a_larger_shop_costs_no_more_statements(admin_client: Client) -> None:
    counts = []
    admin_client.get(START)
    for round_ in ("", "2"):
        seed(round_)
        for number in range(5):
            ArticleFactory.create(published=bool(number % 2))
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(START)
        counts.append(len(captured))

    # One more where the number of indexed photos, which is kept for a second, is counted again.
    assert counts[1] <= counts[0] + 1 <= 60


def test_counting_ends_at_a_thousand(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(todos, "COUNTED_AT_MOST", 3)
    for _ in range(6):
        ArticleFactory.create()

    with CaptureQueriesContext(connection) as captured:
        page = admin_client.get(START).text

    assert shown(page)["without_photo"][0] == "3+"
    counted = [query["sql"] for query in captured if "COUNT(*)" in query["sql"] and "LIMIT 4" in query["sql"]]
    assert len(counted) >= len(todos._SOURCES) - 1


def test_the_pages_are_in_groups_that_people_know(client: Client, admin_client: Client) -> None:
    page = admin_client.get(START).text

    titles = re.findall(r"<h3>([^<]+)</h3>\s*<ul>", page)
    assert titles[:2] == ["Products", "Adding many products"]
    assert titles[-2:] == ["Staff", "For developers"]
    assert LIST in page
