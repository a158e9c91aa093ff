"""More articles than staff wait for: a worker changes them, and may be killed, stopped, and undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue import history
from catalogue.history import starting, worker
from catalogue.jobs import running
from catalogue.models import Article, ChangeSet
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LIST = reverse("admin:catalogue_article_changelist")


@pytest.fixture
def articles(monkeypatch: pytest.MonkeyPatch) -> list[Article]:
    """Five articles, where two are many and a worker changes two at a time."""
    assert (starting.ARTICLES_AT_ONCE, worker.ROWS_AT_ONCE) == (1_000, 200)
    monkeypatch.setattr(starting, "ARTICLES_AT_ONCE", 2)
    monkeypatch.setattr(starting, "EDITS_AT_ONCE", 2)
    monkeypatch.setattr(worker, "ROWS_AT_ONCE", 2)
    return [ArticleFactory.create(sku=f"A{number}") for number in range(5)]


def begin(action: str, articles: list[Article], by: User, **params: Any) -> ChangeSet:
    return history.begin(action, [article.pk for article in articles], by=by, params=params)


def work(change: ChangeSet) -> bool:
    return running.run_slice(history.KIND, change.pk, for_s=0)


def test_1_500_selected_articles_are_deleted_with_one_field_of_the_form(admin_client: Client) -> None:
    Article.objects.bulk_create(Article(sku=f"S{n}", name=f"Sock {n}", slug="sock") for n in range(1_500))
    kept = ArticleFactory.create(name="Coat")
    first = Article.objects.filter(sku="S0").get().pk
    sent = {"action": "delete_selected", "_selected_action": [first], "select_across": "1"}

    asked = admin_client.post(f"{LIST}?q=Sock", sent)
    answer = admin_client.post(f"{LIST}?q=Sock", {**sent, "apply": "1", "expected": "1500"})

    assert "1500 products are selected." in asked.text
    assert asked.text.count('name="_selected_action"') == 1
    change = ChangeSet.objects.get(action="delete")
    assert answer.headers["Location"] == reverse("admin:catalogue_changeset_change", args=[change.pk])
    assert Article.objects.count() == 1_501
    assert running.run_slice(history.KIND, change.pk, for_s=60) is False
    assert list(Article.objects.all()) == [kept]
    change.refresh_from_db()
    assert (change.state, change.changed, change.selection) == ("finished", 1_500, [])


def test_a_selection_that_grew_meanwhile_is_asked_for_again(admin_client: Client) -> None:
    article = ArticleFactory.create(name="Sock")
    ArticleFactory.create(name="Sock")

    page = admin_client.post(
        f"{LIST}?q=Sock",
        {"action": "delete_selected", "_selected_action": [article.pk], "select_across": "1", "apply": "1",
         "expected": "1"},
    )  # fmt: skip

    assert "The selection has changed in the meantime." in page.text
    assert Article.objects.count() == 2


def test_a_worker_goes_on_where_a_killed_one_was(articles: list[Article], admin_user: User) -> None:
    change = begin("hide", articles, admin_user)
    assert work(change)
    # It died with its lease, in the middle of the next unit.
    ChangeSet.objects.filter(pk=change.pk).update(lease_token="dead", leased_until=timezone.now())

    while work(change):
        pass

    change.refresh_from_db()
    assert (change.state, change.changed) == ("finished", 5)
    assert not Article.objects.filter(published=True).exists()
    assert change.edits.count() == 5


def test_a_cancelled_change_keeps_what_it_did_and_that_is_undone(
    articles: list[Article], admin_client: Client, admin_user: User
) -> None:
    change = begin("delete", articles, admin_user)
    work(change)

    admin_client.post(reverse("admin:catalogue_changeset_cancel", args=[change.pk]))
    assert not work(change)
    assert Article.objects.count() == 3
    admin_client.post(reverse("admin:catalogue_changeset_undo", args=[change.pk]))

    change.refresh_from_db()
    assert change.state == "cancelled"
    assert Article.objects.count() == 5


def test_a_large_undo_is_a_job_too(articles: list[Article], admin_client: Client, admin_user: User) -> None:
    change = begin("change_prices", articles, admin_user, how="to", value="1.00")
    while work(change):
        pass
    Article.objects.filter(sku="A0").update(price="2.00")

    asked = admin_client.get(reverse("admin:catalogue_changeset_undo", args=[change.pk])).text
    admin_client.post(reverse("admin:catalogue_changeset_undo", args=[change.pk]))
    undo = ChangeSet.objects.get(undoes=change)
    assert undo.is_working
    while work(undo):
        pass

    assert "5 items will be restored in the background." in asked
    undo.refresh_from_db()
    assert (undo.state, undo.changed, undo.left_out_count) == ("finished", 4, 1)
    assert sorted(str(price) for price in Article.objects.values_list("price", flat=True)) == ["2.00", *["39.90"] * 4]


def test_articles_deleted_meanwhile_are_passed_over(articles: list[Article], admin_user: User) -> None:
    change = begin("hide", articles, admin_user)
    articles[4].delete()

    while work(change):
        pass

    change.refresh_from_db()
    assert change.changed == 4
