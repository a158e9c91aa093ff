"""What staff change of many articles at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from catalogue.models import Article, ChangeSet
from tests.factories import ArticleFactory, CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]

LIST = reverse("admin:catalogue_article_changelist")


def send(client: Client, action: str, articles: list[Article], **more: Any) -> Any:
    selected = [article.pk for article in articles]
    return client.post(LIST, {"action": action, "_selected_action": selected, **more})


def prices() -> list[Decimal | None]:
    return list(Article.objects.order_by("pk").values_list("price", flat=True))


def test_prices_are_shown_before_they_change_and_changed_together(admin_client: Client) -> None:
    articles = [ArticleFactory.create(price=price) for price in ("10.00", "19.99", None)]
    ArticleFactory.create(price="7.00")

    asked = send(admin_client, "change_prices", articles)
    shown = send(admin_client, "change_prices", articles, preview="1", how="percent", value="-15")

    assert "3 products are selected." in asked.text
    assert [(row["before"], row["after"]) for row in shown.context["shown"]] == [
        ("€10.00", "€8.50"), ("€19.99", "€16.99"), ("Price on request", "Price on request"),
    ]  # fmt: skip
    assert prices() == [Decimal("10.00"), Decimal("19.99"), None, Decimal("7.00")]
    done = send(admin_client, "change_prices", articles, apply="1", how="percent", value="-15")
    assert done.status_code == 302
    assert prices() == [Decimal("8.50"), Decimal("16.99"), None, Decimal("7.00")]
    assert "2 prices changed." in admin_client.get(LIST).text
    edits = ChangeSet.objects.get(how="bulk").edits.order_by("pk")
    assert [(edit.article_id, edit.fields) for edit in edits] == [
        (articles[0].pk, {"price": ["10.00", "8.50"]}), (articles[1].pk, {"price": ["19.99", "16.99"]}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "value", "price"), [("amount", "-2.50", "7.50"), ("to", "25", "25.00"), ("percent", "33.33", "13.33")]
)
def test_a_price_changes_by_an_amount_to_a_price_or_by_percent(
    admin_client: Client, how: str, value: str, price: str
) -> None:
    article = ArticleFactory.create(price="10.00")
    send(admin_client, "change_prices", [article], apply="1", how=how, value=value)
    assert prices() == [Decimal(price)]


@pytest.mark.parametrize("value", ["-5.01", "99999999", "nothing", "", "NaN"])
def test_a_change_that_one_price_cannot_take_changes_none(admin_client: Client, value: str) -> None:
    articles = [ArticleFactory.create(price="80.00"), ArticleFactory.create(price="5.00", sku="LOW")]

    page = send(admin_client, "change_prices", articles, apply="1", how="amount", value=value)

    assert page.status_code == 200
    assert page.context["form"].errors["value"]
    assert prices() == [Decimal("80.00"), Decimal("5.00")]


def test_all_that_a_list_finds_change_also_those_on_other_pages(admin_client: Client) -> None:
    for number in range(60):
        ArticleFactory.create(price="10.00", name="Sock" if number else "Coat")
    first = Article.objects.filter(name="Sock")[:1]

    admin_client.post(
        f"{LIST}?q=Sock",
        {"action": "change_prices", "_selected_action": [first[0].pk], "select_across": "1", "apply": "1", "how": "to",
         "value": "3"},
    )  # fmt: skip

    assert Article.objects.filter(price="3.00").count() == 59
    assert Article.objects.get(name="Coat").price == Decimal("10.00")


def test_the_category_of_several_changes_at_once(admin_client: Client) -> None:
    hats = CategoryFactory.create(name="Hats")
    articles = [ArticleFactory.create(), ArticleFactory.create(category=None), ArticleFactory.create()]
    before = Article.objects.get(pk=articles[0].pk).updated

    asked = send(admin_client, "change_category", articles[:2])
    send(admin_client, "change_category", articles[:2], apply="1", category=hats.pk)

    assert "2 products are selected." in asked.text
    assert list(Article.objects.filter(category=hats).order_by("pk")) == articles[:2]
    assert Article.objects.get(pk=articles[0].pk).updated > before
    edits = ChangeSet.objects.get(how="bulk").edits.filter(article_id=articles[0].pk)
    assert edits.get().fields == {"category_id": [articles[0].category_id, hats.pk]}


def test_whoever_may_only_look_changes_nothing(client: Client) -> None:
    article = ArticleFactory.create(price="10.00")
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_article"))
    client.force_login(reader)

    send(client, "change_prices", [article], apply="1", how="to", value="1")

    assert prices() == [Decimal("10.00")]
