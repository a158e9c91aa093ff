"""What is kept of each way to change the catalogue: old and new values, who did it, and how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from catalogue.models import ApiToken, Article, ChangeSet, Edit, Photo
from catalogue.models.recording import recording
from tests.admin_pages import filled_in
from tests.catalogue.feeds.rows import bring_in, row
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def edits(**of: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(edit.did, edit.fields) for edit in Edit.objects.filter(**of)]


def test_a_form_is_one_change_of_its_user(admin_client: Client, admin_user: User) -> None:
    blue = ColourFactory.create(name="Blue")
    article = ArticleFactory.create(name="Dress", price="39.90", stock=None)
    page = reverse("admin:catalogue_article_change", args=[article.pk])
    form = filled_in(admin_client.get(page)) | {"name": "Gown", "price": "45", "colours": [blue.pk]}
    Edit.objects.all().delete()

    admin_client.post(page, form)

    change = ChangeSet.objects.get(how="form")
    assert (change.by, change.state) == (admin_user, "finished")
    assert edits(change_set=change) == [
        ("changed", {"name": ["Dress", "Gown"], "price": ["39.90", "45.00"], "colours": [[], [blue.pk]]}),
    ]


def test_the_api_is_recorded_with_the_owner_of_the_token(client: Client, admin_user: User) -> None:
    article = ArticleFactory.create(stock=3)
    _, key = ApiToken.issue(admin_user, "stock")

    client.patch(
        f"/api/articles/{article.pk}", {"stock": 1}, content_type="application/json",
        headers={"Authorization": f"Token {key}"},
    )  # fmt: skip

    change = ChangeSet.objects.get(how="api")
    assert (change.by, edits(change_set=change)) == (admin_user, [("changed", {"stock": [3, 1]})])


def test_statements_on_many_rows_are_recorded_and_what_does_not_differ_is_not() -> None:
    first, second = ArticleFactory.create(published=False), ArticleFactory.create(published=True)
    Edit.objects.all().delete()

    Article.objects.update(published=True)
    second.price = Decimal("1.00")
    Article.objects.bulk_update([second], ["price"])

    assert edits(article_id=first.pk) == [("changed", {"published": [False, True]})]
    assert edits(article_id=second.pk) == [("changed", {"price": ["39.90", "1.00"]})]


def test_an_import_is_one_change_with_one_edit_an_article() -> None:
    bring_in(row("1", colours=("red",), values={"name": "Hat"}, brand="Anna"))
    created = Edit.objects.get(kind="article")
    Edit.objects.all().delete()

    bring_in(row("1", colours=("blue",), values={"name": "Cap"}), row("2", values={"name": "Bag"}))

    article = Article.objects.get(sku="1")
    brand, blue = article.brand, article.colours.get().pk
    [red] = created.fields["colours"][1]
    assert brand is not None
    assert created.fields["brand_id"] == [None, brand.pk]
    changed, new = Edit.objects.filter(kind="article").order_by("article_id")
    assert changed.fields == {"name": ["Hat", "Cap"], "colours": [[red], [blue]]}
    assert (new.did, new.fields["name"]) == ("created", [None, "Bag"])
    assert changed.change_set_id == new.change_set_id


def test_photos_brands_and_categories_are_recorded_too() -> None:
    photo, brand = PhotoFactory.create(), BrandFactory.create(name="Anna")
    category = CategoryFactory.create(name="Hats")
    Edit.objects.all().delete()

    Photo.objects.filter(pk=photo.pk).update(alt="Front")
    brand.name = "Anne"
    brand.save()
    brand.delete()
    category.name = "Caps"
    category.save()

    assert edits(kind="photo") == [("changed", {"alt": ["", "Front"]})]
    assert edits(kind="category") == [("changed", {"name": ["Hats", "Caps"]})]
    assert [did for did, _ in edits(kind="brand")] == ["changed", "removed"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_edit_and_later_edits_have_their_change() -> None:
    article = ArticleFactory.create(stock=1)
    Edit.objects.all().delete()

    with recording("command"):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Article.objects.filter(pk=article.pk).update(stock=2)
            raise ZeroDivisionError
        Article.objects.filter(pk=article.pk).update(stock=3)

    assert edits() == [("changed", {"stock": [1, 3]})]
    assert Edit.objects.get().change_set.how == "command"
