"""Sizes with their numbers and stock, prices and further categories: recorded and taken back with their article."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalogue import history
from catalogue.models import Article, ChangeSet, Edit
from tests.catalogue.api.conftest import send
from tests.catalogue.history.test_undo import undo
from tests.catalogue.test_variants import bring_in, form_of, sized, staff, stored
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory

__all__ = ["staff"]
pytestmark = [pytest.mark.django_db, pytest.mark.database]

CHANGED = [("S", "", "d-s", "4006381333931", 5), ("L", "", "", "", 0)]
COLUMNS = "sku,name,variant_size,variant_barcode,variant_stock"
BEFORE = [("S", "", "d-s", "", 2), ("M", "", "", "", 1)]


def dress() -> Article:
    article = sized({"S": 2, "M": 1}, sku="d")
    article.variants.filter(size="S").update(sku="d-s")
    article.refresh_from_db()
    Edit.objects.all().delete()
    return article


def in_the_form(article: Article, admin: Client, staff: Client, folder: Path) -> None:
    rows = {"variants-0-stock": "5", "variants-0-barcode": "4006381333931"}
    page = reverse("admin:catalogue_article_change", args=[article.pk])
    assert admin.post(page, form_of(article, sizes="S, L", **rows)).status_code == 302


def by_an_app(article: Article, admin: Client, staff: Client, folder: Path) -> None:
    variants = [
        {"size": "S", "sku": "d-s", "barcode": "4006381333931", "stock": 5},
        {"size": "L", "sku": "", "barcode": "", "stock": 0},
    ]
    assert send(staff, "patch", f"/api/articles/{article.pk}", {"variants": variants}).status_code == 200


def by_an_import(article: Article, admin: Client, staff: Client, folder: Path) -> None:
    columns = "sku,variant_size,variant_sku,variant_barcode,variant_stock"
    bring_in(folder, f"{columns}\nd,S|L,d-s|,4006381333931|,5|0\n")


@pytest.mark.parametrize("how", [in_the_form, by_an_app, by_an_import])
def test_changed_sizes_are_one_edit_and_come_back_with_numbers_and_stock(
    admin_client: Client, staff: Client, tmp_path: Path, how: Any
) -> None:
    article = dress()

    how(article, admin_client, staff, tmp_path)
    article.refresh_from_db()
    assert (stored("d"), article.sizes, article.stock) == (CHANGED, ["S", "L"], 5)
    edit = Edit.objects.get(kind="article")
    undone = undo(edit.change_set, admin_client)
    article.refresh_from_db()
    assert (stored("d"), article.sizes, article.stock) == (BEFORE, ["S", "M"], 3)
    undo(undone, admin_client)

    article.refresh_from_db()
    assert (stored("d"), article.sizes, article.stock) == (CHANGED, ["S", "L"], 5)
    assert (undone.changed, undone.left_out_count) == (1, 0)


def test_a_size_that_was_counted_since_stays_and_its_list_of_sizes_too(
    admin_client: Client, staff: Client, tmp_path: Path
) -> None:
    article = dress()
    by_an_app(article, admin_client, staff, tmp_path)
    change = Edit.objects.get(kind="article").change_set
    article.variants.filter(size="S").update(stock=4)

    page = admin_client.get(reverse("admin:catalogue_changeset_undo", args=[change.pk])).text
    undo(change, admin_client)

    article.refresh_from_db()
    assert article.sizes == ["S", "L"]
    assert [row[4] for row in stored("d")] == [4, 0]
    assert "<del>S (d-s): 2, M: 1</del> →" in page
    assert "<ins>S (d-s, 4006381333931): 5, L: 0</ins>" in page
    assert "<strong>d, Variants</strong>: It has been changed since" in page


def test_sizes_that_say_no_more_are_taken_back_as_a_list(admin_client: Client) -> None:
    article = ArticleFactory.create(sku="d", sizes=["S", "M"], stock=4)
    article.sizes = ["S"]
    article.save()

    undo(ChangeSet.objects.get(edits__fields__has_key="sizes", edits__did="changed"), admin_client)

    article.refresh_from_db()
    assert (article.sizes, article.stock) == (["S", "M"], 4)
    assert [row[0] for row in stored("d")] == ["S", "M"]


def test_an_import_that_made_sizes_is_taken_back_into_the_bin(admin_client: Client, tmp_path: Path) -> None:
    bring_in(tmp_path, f"{COLUMNS}\nd,Dress,S|M,4006381333931|,5|1\n")
    change = Edit.objects.get(kind="article").change_set

    undone = undo(change, admin_client)
    lost = admin_client.get("/articles/", {"q": "4006381333931"}).context["page"].object_list
    in_admin = admin_client.get(reverse("admin:catalogue_article_changelist"), {"q": "4006381333931"})

    assert (Article.objects.count(), undone.left_out) == (0, [])
    assert (list(lost), list(in_admin.context["cl"].result_list)) == ([], [])
    # Nor does the number of a size in the bin keep another from having it.
    bring_in(tmp_path, f"{COLUMNS}\nd,Dress,S,4006381333931,5\n")
    found = admin_client.get("/api/articles", {"q": "4006381333931"}).json()
    assert [article["sku"] for article in found["results"]] == ["d"]


def test_a_colour_of_a_size_that_is_gone_is_told(admin_client: Client, staff: Client) -> None:
    colour = ColourFactory.create()
    article = sized({"S": 1}, sku="d")
    article.variants.update(colour=colour)
    send(staff, "patch", f"/api/articles/{article.pk}", {"variants": [{"size": "S", "stock": 1}]})
    change = ChangeSet.objects.get(how="api")
    colour.delete()

    undone = undo(change, admin_client)

    assert (undone.changed, [row[2]["code"] for row in undone.left_out]) == (0, ["history.related_gone"])


def test_changed_prices_keep_the_price_before_and_both_come_back(admin_client: Client, admin_user: User) -> None:
    plain, reduced = ArticleFactory.create(price="20.00"), ArticleFactory.create(price="10.00", regular_price="15.00")
    params = {"how": "percent", "value": "-50", "keep": True}
    change = history.begin("change_prices", [plain.pk, reduced.pk], by=admin_user, params=params)

    def prices() -> list[tuple[Decimal | None, Decimal | None]]:
        return list(Article.objects.order_by("pk").values_list("price", "regular_price"))

    assert prices() == [(Decimal("10.00"), Decimal("20.00")), (Decimal("5.00"), Decimal("15.00"))]
    page = admin_client.get(reverse("admin:catalogue_changeset_change", args=[change.pk])).text
    undo(change, admin_client)

    assert prices() == [(Decimal("20.00"), None), (Decimal("10.00"), Decimal("15.00"))]
    assert "Change prices by -50 %, old price struck through" in page


def test_a_price_is_not_put_back_above_the_regular_price_of_now(admin_client: Client, admin_user: User) -> None:
    article = ArticleFactory.create(sku="d", price="20.00")
    change = history.begin("change_prices", [article.pk], by=admin_user, params={"how": "to", "value": "10"})
    Article.objects.filter(pk=article.pk).update(regular_price="18.00")

    undone = undo(change, admin_client)

    article.refresh_from_db()
    assert (article.price, article.regular_price) == (Decimal("10.00"), Decimal("18.00"))
    assert [row[2]["code"] for row in undone.left_out] == ["history.not_reduced"]


def test_a_regular_price_that_was_changed_since_keeps_the_price_too(admin_client: Client, admin_user: User) -> None:
    article = ArticleFactory.create(sku="d", price="20.00")
    params = {"how": "to", "value": "10", "keep": True}
    change = history.begin("change_prices", [article.pk], by=admin_user, params=params)
    Article.objects.filter(pk=article.pk).update(regular_price="25.00")

    undone = undo(change, admin_client)

    article.refresh_from_db()
    assert (article.price, article.regular_price) == (Decimal("10.00"), Decimal("25.00"))
    assert [row[1] for row in undone.left_out] == ["regular_price", "price"]


def test_additional_categories_are_recorded_and_come_back(admin_client: Client, staff: Client) -> None:
    sale, summer = CategoryFactory.create(name="Sale"), CategoryFactory.create(name="Summer")
    article = ArticleFactory.create(sku="d")
    article.additional_categories.add(sale)
    Edit.objects.all().delete()

    send(staff, "patch", f"/api/articles/{article.pk}", {"additional_categories": [summer.slug]})
    edit = Edit.objects.get()
    assert edit.fields == {"additional_categories": [[sale.pk], [summer.pk]]}
    page = admin_client.get(reverse("admin:catalogue_changeset_change", args=[edit.change_set_id])).text
    undo(edit.change_set, admin_client)

    assert list(article.additional_categories.all()) == [sale]
    assert "<del>Sale</del> →" in page
