"""What becomes of articles that a feed has no more: only of those that it brought, and of many only when asked."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalogue import imports, scheduled_feeds
from catalogue.models import Article, ChangeSet, FeedArticle, FeedFetch, ImportRun, ScheduledFeed
from catalogue.scheduled_feeds import leaving
from tests.catalogue.imports.handed_in import handed_in
from tests.catalogue.scheduled_feeds.supplier import Supplier, fetched, present, shown, work
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = FeedFetch.State


def test_an_article_that_has_left_is_hidden_and_no_other_is(supplier: Supplier) -> None:
    ArticleFactory.create(sku="OWN")
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2")

    fetch = fetched(feed)

    assert (fetch.state, fetch.present, fetch.left) == (State.FINISHED, 3, 1)
    assert shown() == ["A-1", "A-2", "OWN"]
    assert present(feed) == ["A-1", "A-2"]


def test_an_article_that_has_left_has_no_stock_or_stays_as_the_feed_is_set(supplier: Supplier) -> None:
    ArticleFactory.create(sku="A-2", stock=7)
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed(on_leaving="sold_out")
    other = supplier.feed(on_leaving="keep")
    fetched(feed)
    fetched(other)
    supplier.has("A-1", "A-3")
    fetched(other)
    kept = Article.objects.get(sku="A-2").stock

    fetched(feed)
    gone = Article.objects.get(sku="A-2").stock
    supplier.has("A-1", "A-2", "A-3")
    fetched(feed)

    assert (kept, gone, Article.objects.get(sku="A-2").stock) == (7, 0, 7)
    assert shown() == ["A-1", "A-2", "A-3"]


def test_a_stock_that_the_feed_states_or_somebody_has_counted_is_not_given_back(supplier: Supplier) -> None:
    supplier.content = b"sku,stock\nA-1,5\nA-2,5\nA-3,5\n"
    feed = supplier.feed(on_leaving="sold_out", leaving_percent=100)
    fetched(feed)
    supplier.content = b"sku,stock\nA-3,5\n"
    fetched(feed)
    Article.objects.filter(sku="A-2").update(stock=2)
    supplier.content = b"sku,stock\nA-1,3\nA-2,\nA-3,5\n"

    fetched(feed)

    assert dict(Article.objects.values_list("sku", "stock")) == {"A-1": 3, "A-2": 2, "A-3": 5}


def test_an_article_that_comes_back_is_shown_again(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2")
    fetched(feed)
    supplier.has("A-1", "A-2", "A-3")

    fetch = fetched(feed)

    assert fetch.returned == 1
    assert shown() == ["A-1", "A-2", "A-3"]


def test_an_article_that_staff_hid_stays_hidden_when_it_comes_back(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    Article.objects.filter(sku="A-3").update(published=False)
    supplier.has("A-1", "A-2")
    fetched(feed)
    supplier.has("A-1", "A-2", "A-3")

    fetched(feed)

    assert shown() == ["A-1", "A-2"]


def test_an_article_that_the_feed_hid_and_staff_published_and_hid_again_stays_hidden(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2")
    fetched(feed)
    article = Article.objects.get(sku="A-3")
    article.published = True
    article.save()
    article.published = False
    article.save()
    supplier.has("A-1", "A-2", "A-3")

    fetched(feed)

    assert shown() == ["A-1", "A-2"]


@pytest.mark.parametrize(("actions", "after"), [(["publish", "hide"], ["A-1", "A-2"]), (["hide"], ["A-1", "A-2"])])
def test_what_staff_say_in_the_list_of_articles_holds(
    supplier: Supplier, client: Client, actions: list[str], after: list[str]
) -> None:
    client.force_login(User.objects.create_superuser("staff"))
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2")
    fetched(feed)
    chosen = Article.objects.get(sku="A-3").pk
    for action in actions:
        client.post(
            reverse("admin:catalogue_article_changelist"), {"action": action, "_selected_action": [chosen], "index": 0}
        )
    supplier.has("A-1", "A-2", "A-3")

    fetched(feed)

    assert shown() == after


def test_an_article_that_the_feed_itself_says_is_hidden_stays_so(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2")
    fetched(feed)
    supplier.content = b"sku,published\nA-1,yes\nA-2,yes\nA-3,no\n"

    fetched(feed)

    assert shown() == ["A-1", "A-2"]


def test_a_row_that_cannot_be_read_is_of_an_article_that_has_not_left(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    # One whose price cannot be read, and one whose number is spelt otherwise.
    supplier.has("A-1", more="A-2,Article,dear\na-3,Article,9.90")

    fetch = fetched(feed)

    assert fetch.run and fetch.run.refused == 2
    assert (fetch.left, fetch.unidentified) == (0, 0)
    assert present(feed) == shown() == ["A-1", "A-2", "A-3"]


def test_a_row_that_may_be_of_any_article_keeps_all_from_leaving(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1", "A-2", more=",Without a number,9.90")

    fetch = fetched(feed)

    assert (fetch.unidentified, fetch.left) == (1, 0)
    assert present(feed) == shown() == ["A-1", "A-2", "A-3"]


def test_more_than_the_limit_leave_only_when_staff_say_so(supplier: Supplier) -> None:
    supplier.has(*(f"A-{n}" for n in range(6)))
    feed = supplier.feed(leaving_percent=33)
    fetched(feed)
    supplier.has("A-0", "A-1", "A-2")

    fetch = fetched(feed)

    assert (fetch.state, fetch.present, fetch.left) == (State.ASKING, 6, 3)
    assert [row.article.sku for row in scheduled_feeds.missing(fetch)] == ["A-3", "A-4", "A-5"]
    assert len(shown()) == 6
    assert feed.due is not None
    assert scheduled_feeds.let_leave(fetch)
    work()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.left, fetch.answer) == (State.FINISHED, 3, "leave")
    assert shown() == ["A-0", "A-1", "A-2"]


def test_exactly_the_limit_leaves_without_a_question(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3", "A-4")
    feed = supplier.feed(leaving_percent=50)
    fetched(feed)
    supplier.has("A-1", "A-2")

    assert fetched(feed).state == State.FINISHED
    assert shown() == ["A-1", "A-2"]


def test_what_staff_keep_is_not_asked_again_unless_it_comes_back_and_leaves_again(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed(leaving_percent=0)
    fetched(feed)
    supplier.has("A-1")
    asking = fetched(feed)

    assert scheduled_feeds.keep(asking)
    work()
    supplier.has("A-1", more="A-9,New,1")
    after = fetched(feed)
    supplier.has("A-1", "A-2", "A-9")
    fetched(feed)
    supplier.has("A-1", "A-9")
    again = fetched(feed)

    assert (asking.state, after.state, again.state) == (State.ASKING, State.FINISHED, State.ASKING)
    assert shown() == ["A-1", "A-2", "A-9"]


def test_a_later_fetch_answers_the_question_where_the_articles_are_back(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed(leaving_percent=33)
    fetched(feed)
    supplier.has("A-1")
    asking = fetched(feed)
    unchanged = fetched(feed)
    still = FeedFetch.objects.get(pk=asking.pk).state
    supplier.has("A-1", "A-2", "A-3")
    fetched(feed)

    asking.refresh_from_db()
    assert (unchanged.unchanged, still, asking.state) == (True, State.ASKING, State.FINISHED)
    assert not scheduled_feeds.let_leave(asking)
    assert shown() == ["A-1", "A-2", "A-3"]


def test_an_answer_waits_for_a_fetch_under_way(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed(leaving_percent=0)
    fetched(feed)
    supplier.has("A-1")
    asking = fetched(feed)
    scheduled_feeds.fetch_now(feed)

    assert not scheduled_feeds.let_leave(asking)
    work()
    assert scheduled_feeds.let_leave(asking)


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_feed_that_was_not_read_to_its_end_has_lost_nothing(
    supplier: Supplier, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    supplier.has("A-1")
    fetch = scheduled_feeds.fetch_now(feed)
    assert fetch is not None
    scheduled_feeds.run_slice(fetch.pk, for_s=60)
    run = ImportRun.objects.get(state="importing")
    if end == "cancelled":
        imports.cancel(run)
    else:
        ImportRun.objects.filter(pk=run.pk).update(attempts=run.ATTEMPTS)
    work()

    assert FeedFetch.objects.get(pk=fetch.pk).state == end
    assert shown() == ["A-1", "A-2", "A-3"]


def test_an_article_of_two_feeds_is_told_and_stays_while_one_has_it(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    one = supplier.feed(name="One")
    other = supplier.feed(name="Other", path="other.csv")
    fetched(one)
    supplier.has("A-3", "A-4")
    fetched(other)
    shared = scheduled_feeds.also_in(one), scheduled_feeds.also_in(other)
    supplier.has("A-1", "A-2")

    fetch = fetched(one)

    assert shared == ([(other, 1)], [(one, 1)])
    assert fetch.left == 1
    assert shown() == ["A-1", "A-2", "A-3", "A-4"]
    assert scheduled_feeds.also_in(one) == []


def test_an_upload_neither_brings_articles_to_a_feed_nor_takes_them(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed()
    fetched(feed)

    run = handed_in("sku,name\nA-2,Changed\nB-1,Own\n")
    while imports.run_slice(run.pk, for_s=60):
        pass
    run.refresh_from_db()
    imports.start(run)
    work()

    assert FeedArticle.objects.count() == 2
    assert shown() == ["A-1", "A-2", "B-1"]


def test_many_articles_leave_some_at_a_time_and_a_worker_that_stops_goes_on(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "AT_ONCE", 2)
    supplier.has(*(f"A-{n}" for n in range(7)))
    feed = supplier.feed(leaving_percent=100)
    fetched(feed)
    supplier.has("A-0", "A-1")
    fetch = scheduled_feeds.fetch_now(feed)
    assert fetch is not None
    scheduled_feeds.run_slice(fetch.pk, for_s=60)
    imports.run_slice(ImportRun.objects.get(state="importing").pk, for_s=60)

    more = [scheduled_feeds.run_slice(fetch.pk, for_s=0)]
    left = [len(shown())]
    while more[-1]:
        more.append(scheduled_feeds.run_slice(fetch.pk, for_s=0))
        left.append(len(shown()))

    fetch.refresh_from_db()
    assert left == [5, 3, 2, 2]
    assert (fetch.state, fetch.done, fetch.left) == (State.FINISHED, 5, 5)


def test_deleting_a_feed_leaves_its_articles_as_they_are(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2")
    feed = supplier.feed()
    fetched(feed)
    scheduled_feeds.fetch_now(feed)

    scheduled_feeds.delete(feed.pk)

    assert not ScheduledFeed.objects.exists()
    assert scheduled_feeds.KIND.remove_expired() == 1
    assert not ScheduledFeed.all_objects.exists()
    assert (FeedFetch.objects.count(), FeedArticle.objects.count()) == (0, 0)
    assert shown() == ["A-1", "A-2"]
    assert ImportRun.objects.count() == 1


def test_an_article_that_is_deleted_has_not_left(supplier: Supplier) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    Article.objects.get(sku="A-3").delete()
    supplier.has("A-1", "A-2", more="A-9,New,1")

    fetch = fetched(feed)

    assert (fetch.present, fetch.left) == (3, 0)


@pytest.mark.parametrize("on_leaving", ["hide", "sold_out"])
def test_what_left_is_one_change_of_the_feed_and_can_be_taken_back(
    supplier: Supplier, admin_client: Client, monkeypatch: pytest.MonkeyPatch, on_leaving: str
) -> None:
    monkeypatch.setattr(leaving, "AT_ONCE", 1)
    supplier.has("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")
    feed = supplier.feed(name="Supplier", on_leaving=on_leaving)
    fetched(feed)
    Article.objects.update(stock=3)
    supplier.has("A-1", "A-2", "A-3", "A-4")
    fetched(feed)
    change = ChangeSet.objects.get(how="feed")
    assert (change.by, sorted(change.edits.values_list("name", flat=True))) == (None, ["A-5", "A-6"])

    page = admin_client.get(reverse("admin:catalogue_changeset_change", args=[change.pk])).text
    admin_client.post(reverse("admin:catalogue_changeset_undo", args=[change.pk]))

    feed_page = admin_client.get(reverse("admin:catalogue_scheduledfeed_change", args=[feed.pk])).text
    assert "No longer in the feed: Supplier" in page
    assert f"/admin/catalogue/changeset/{change.pk}/change/" in feed_page
    assert (len(shown()), set(Article.objects.values_list("stock", flat=True))) == (6, {3})


def test_an_article_in_the_bin_is_of_no_feed_and_comes_anew(supplier: Supplier, admin_client: Client) -> None:
    supplier.has("A-1", "A-2", "A-3")
    feed = supplier.feed()
    fetched(feed)
    article = Article.objects.get(sku="A-3")
    delete = reverse("admin:catalogue_article_delete", args=[article.pk])
    chosen = {"action": "delete_selected", "_selected_action": [article.pk]}
    asked = admin_client.get(delete).text, admin_client.post(reverse("admin:catalogue_article_changelist"), chosen).text
    admin_client.post(delete, {"post": "yes"})

    page = admin_client.get(reverse("admin:catalogue_scheduledfeed_change", args=[feed.pk]))
    fetch = fetched(feed)
    supplier.has("A-1", "A-2", "A-3", more="A-9,New,1")
    fetched(feed)

    assert "A feed lists it and will add it again at its next fetch. Hide it instead." in asked[0]
    assert "A feed lists 1 of them and will add it again at its next fetch. Hide it instead." in asked[1]
    assert (page.context["present"], fetch.left) == (2, None)
    assert Article.objects.filter(sku="A-3").count() == 1
    assert Article.all_objects.filter(sku="A-3").count() == 2
