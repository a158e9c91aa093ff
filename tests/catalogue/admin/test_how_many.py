"""How many rows staff are shown, and how many are read at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.admin import actions, imports
from catalogue.history import actions as history_actions
from catalogue.models import Article
from tests.catalogue.imports.handed_in import checked, table
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalogue_article_changelist")


def send(client: Client, articles: list[Article], **more: Any) -> Any:
    selected = [article.pk for article in articles]
    return client.post(LIST, {"action": "change_prices", "_selected_action": selected, **more})


@pytest.mark.parametrize(("articles", "shown", "more"), [(2, 2, 0), (3, 3, 0), (4, 3, 1)])
def test_some_prices_are_shown_beforehand_and_the_others_counted(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, articles: int, shown: int, more: int
) -> None:
    assert actions.SHOWN == 12
    monkeypatch.setattr(actions, "SHOWN", 3)

    context = send(admin_client, ArticleFactory.create_batch(articles), preview="1", how="percent", value="10").context

    assert (len(context["shown"]), context["more"]) == (shown, more)


@pytest.mark.parametrize("articles", [1, 2, 3, 4, 5])
def test_all_prices_change_however_many_are_written_at_once(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, articles: int
) -> None:
    monkeypatch.setattr(history_actions, "ROWS_AT_ONCE", 2)
    made = [ArticleFactory.create(price=10 + number) for number in range(articles)]

    send(admin_client, made, apply="1", how="amount", value="1")

    prices = Article.objects.order_by("pk").values_list("price", flat=True)
    assert list(prices) == [Decimal(11 + number) for number in range(articles)]


@pytest.mark.parametrize(("value", "price"), [("99999999.99", "99999999.99"), ("0", "0.00")])
def test_a_price_is_changed_up_to_what_its_column_holds(admin_client: Client, value: str, price: str) -> None:
    article = ArticleFactory.create(price="10.00")

    send(admin_client, [article], apply="1", how="to", value=value)

    article.refresh_from_db()
    assert article.price == Decimal(price)


@pytest.mark.parametrize(("before", "value"), [("99999999.99", "0.01"), ("0.00", "-0.01")])
def test_a_price_beyond_what_its_column_holds_changes_none(admin_client: Client, before: str, value: str) -> None:
    articles = [ArticleFactory.create(price="10.00"), ArticleFactory.create(price=before)]

    refused = send(admin_client, articles, apply="1", how="amount", value=value)

    assert "value" in refused.context["form"].errors
    prices = Article.objects.order_by("pk").values_list("price", flat=True)
    assert list(prices) == [Decimal("10.00"), Decimal(before)]


@pytest.mark.parametrize(("bad", "shown", "more"), [(2, 2, 0), (3, 2, 1)])
def test_some_refused_rows_are_shown_and_the_others_counted(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, bad: int, shown: int, more: int
) -> None:
    assert imports.SHOWN == 20
    monkeypatch.setattr(imports, "SHOWN", 2)
    run = checked(table(1, bad=bad))

    context = admin_client.get(reverse("admin:catalogue_importrun_change", args=[run.pk])).context

    assert (len(context["refusals"]), context["more_refusals"]) == (shown, more)
