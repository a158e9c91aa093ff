"""Undo: what a change did is taken back, and what others changed since is left and told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from catalogue import history, imports
from catalogue.models import Article, Brand, ChangeSet, Colour, Photo
from catalogue.photos import services
from tests.catalogue.feeds.rows import bring_in, content_of, row
from tests.catalogue.imports.handed_in import checked
from tests.factories import ArticleFactory, ColourFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def undo(change: ChangeSet, client: Client, article: Article | None = None) -> ChangeSet:
    address = reverse("admin:catalogue_changeset_undo", args=[change.pk])
    client.post(f"{address}?article={article.pk}" if article else address)
    return ChangeSet.objects.get(undoes=change)


def test_a_bulk_change_is_taken_back_and_that_again(admin_client: Client, admin_user: User) -> None:
    articles = [ArticleFactory.create(price="10.00"), ArticleFactory.create(price="20.00")]
    change = history.begin(
        "change_prices", [row.pk for row in articles], by=admin_user, params={"how": "percent", "value": "-50"}
    )
    assert [row.price for row in Article.objects.order_by("pk")] == [Decimal("5.00"), Decimal("10.00")]

    undone = undo(change, admin_client)
    assert [row.price for row in Article.objects.order_by("pk")] == [Decimal("10.00"), Decimal("20.00")]
    undo(undone, admin_client)

    assert [row.price for row in Article.objects.order_by("pk")] == [Decimal("5.00"), Decimal("10.00")]
    assert (undone.how, undone.by, undone.changed) == ("undo", admin_user, 2)


def test_what_was_changed_since_is_left_and_said_beforehand(admin_client: Client, admin_user: User) -> None:
    articles = [ArticleFactory.create(sku=sku, price="10.00") for sku in "AB"]
    change = history.begin(
        "change_prices", [row.pk for row in articles], by=admin_user, params={"how": "to", "value": "5"}
    )
    Article.objects.filter(sku="A").update(price="7.00")

    asked = admin_client.get(reverse("admin:catalogue_changeset_undo", args=[change.pk])).text
    assert "1 item will be restored. Nothing has been changed yet." in asked
    assert "<strong>A, Price</strong>: It has been changed since, and stays as it is now." in asked
    assert dict(Article.objects.values_list("sku", "price")) == {"A": Decimal("7.00"), "B": Decimal("5.00")}
    undone = undo(change, admin_client)

    assert dict(Article.objects.values_list("sku", "price")) == {"A": Decimal("7.00"), "B": Decimal("10.00")}
    assert (undone.changed, undone.left_out_count) == (1, 1)


def test_an_import_is_taken_back_its_articles_go_and_removed_photos_come_back(admin_client: Client, draw: Any) -> None:
    bring_in(row("OLD", values={"name": "Hat"}, photos=(draw("a.png", "red"), draw("b.png", "blue")), colours=("red",)))
    before = list(Photo.objects.order_by("pk").values("pk", "sha256", "position"))
    bring_in(
        row("OLD", values={"name": "Cap"}, photos=(draw("c.png", "green"),), colours=()),
        row("NEW", photos=(draw("a.png"),)),
    )
    change = ChangeSet.objects.filter(edits__name="NEW").get()

    undone = undo(change, admin_client)

    old = Article.objects.get()
    assert (old.sku, old.name, old.colours.get().name) == ("OLD", "Hat", "red")
    assert list(Photo.objects.order_by("pk").values("pk", "sha256", "position")) == before
    assert Article.all_objects.binned().get().sku == "NEW"
    assert undone.left_out_count == 0
    # Redone, the new article has its photo again.
    undo(undone, admin_client)
    assert Article.objects.get(sku="NEW").photos.count() == 1


def test_an_imports_page_leads_to_what_it_changed(admin_client: Client) -> None:
    run = checked("sku,name\n1,Hat\n2,Bag")
    imports.start(run)
    imports.run_slice(run.pk, for_s=30)
    change = run.change_sets.get()

    page = admin_client.get(reverse("admin:catalogue_importrun_change", args=[run.pk])).text
    assert reverse("admin:catalogue_changeset_change", args=[change.pk]) in page
    undo(change, admin_client)

    assert not Article.objects.exists()
    assert Article.all_objects.binned().count() == 2


def test_an_import_that_has_not_ended_is_not_undone(admin_client: Client) -> None:
    run = checked("sku,name\n1,Hat")
    imports.start(run)
    imports.run_slice(run.pk, for_s=30)
    type(run).objects.update(state="importing")

    answer = admin_client.post(reverse("admin:catalogue_changeset_undo", args=[run.change_sets.get().pk]))

    assert answer.status_code == 403
    assert Article.objects.count() == 1


def test_an_article_that_was_changed_after_its_import_stays(admin_client: Client) -> None:
    bring_in(row("1", values={"name": "Hat"}), row("2", values={"name": "Bag"}))
    change = ChangeSet.objects.filter(edits__name="1").get()
    Article.objects.filter(sku="1").update(stock=3)

    undone = undo(change, admin_client)

    assert [article.sku for article in Article.objects.all()] == ["1"]
    assert [(name, field) for name, field, _ in undone.left_out] == [("1", "stock")]


def test_of_a_bulk_change_one_article_is_taken_back(admin_client: Client, admin_user: User) -> None:
    first, second = ArticleFactory.create(), ArticleFactory.create()
    change = history.begin("hide", [first.pk, second.pk], by=admin_user)

    undo(change, admin_client, first)

    assert list(Article.objects.filter(published=True)) == [first]


def test_the_history_of_an_article_shows_old_and_new_in_the_readers_language(admin_client: Client) -> None:
    article = ArticleFactory.create(published=True, price="10.00")
    Article.objects.filter(pk=article.pk).update(price="1234.50", published=False)

    page = admin_client.get(reverse("admin:catalogue_article_history", args=[article.pk])).text
    french = admin_client.get(f"/admin/catalogue/article/{article.pk}/history/", headers={"Accept-Language": "fr"}).text

    assert "<del>10.00</del> →" in page
    assert "<ins>no</ins>" in page
    assert "<del>10,00</del> →" in french
    assert "<ins>non</ins>" in french


def test_a_replaced_picture_comes_back(admin_client: Client) -> None:
    photo = PhotoFactory.create(data=drawn_picture("red"))
    old = photo.sha256
    ChangeSet.objects.all().delete()
    services.change_photo(photo, file=ContentFile(drawn_picture("blue"), name="new.png"))

    undo(ChangeSet.objects.get(), admin_client)

    photo.refresh_from_db()
    assert photo.sha256 == old
    assert content_of(photo) == drawn_picture("red")
    assert Photo.all_objects.binned().get().sha256 != old


def test_a_deleted_colour_comes_back_and_a_used_brand_stays(admin_client: Client) -> None:
    colour = ColourFactory.create(slug="teal")
    ChangeSet.objects.all().delete()
    colour.delete()
    removal = ChangeSet.objects.get()
    article = ArticleFactory.create()
    made = ChangeSet.objects.filter(edits__kind="brand").get()

    undo(removal, admin_client)
    undone = undo(made, admin_client)

    assert Colour.objects.get(slug="teal").hex == colour.hex
    assert list(Brand.objects.all()) == [article.brand]
    assert undone.left_out[0][2]["code"] == "history.in_use"


def test_whoever_may_not_delete_takes_nothing_back(client: Client, admin_user: User) -> None:
    article = ArticleFactory.create()
    change = history.begin("hide", [article.pk], by=admin_user)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="change_article"))
    client.force_login(clerk)

    answer = client.post(reverse("admin:catalogue_changeset_undo", args=[change.pk]))

    assert answer.status_code == 403
    assert not Article.objects.get().published
