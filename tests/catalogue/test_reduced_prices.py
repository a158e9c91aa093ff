"""A reduced price, as shoppers see it, hear it and find it, as staff set it, and as apps read and write it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from catalogue.feeds import import_articles, open_source
from catalogue.messages import english
from catalogue.models import Article
from tests.catalogue.api.conftest import client_of, send
from tests.factories import ArticleFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LIST = reverse("admin:catalogue_article_changelist")


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def staff(admin_user: Any) -> Client:
    return client_of(admin_user)


@pytest.mark.parametrize(
    ("prefix", "said", "struck"),
    [("", "Was €49.90, now €29.90", "€49.90"), ("/fr", "29,90 € au lieu de 49,90 €", "49,90 €")],
)
def test_a_reduced_price_is_struck_through_and_said_in_words(
    client: Client, prefix: str, said: str, struck: str
) -> None:
    article = ArticleFactory.create(price="29.90", regular_price="49.90")
    PhotoFactory.create(article=article)

    for address in (f"{prefix}/articles/", f"{prefix}/articles/{article.slug}-{article.pk}/", f"{prefix}/"):
        page = client.get(address).text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert said in words(page), address
        assert f'<s aria-hidden="true">{struck}</s>' in page, address


def test_a_price_that_is_not_reduced_is_said_once(client: Client) -> None:
    ArticleFactory.create(price="29.90")

    page = client.get("/articles/").text

    assert "<s " not in page
    assert "Was €" not in page


def test_search_engines_are_told_both_prices(client: Client) -> None:
    article = ArticleFactory.create(price="29.90", regular_price="49.90")

    page = client.get(article.get_absolute_url()).text

    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    offer = json.loads(found[1])[0]["offers"]
    assert (offer["price"], offer["priceSpecification"]) == (
        "29.90",
        {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/StrikethroughPrice",
            "price": "49.90",
            "priceCurrency": "EUR",
        },
    )
    assert '<meta property="product:original_price:amount" content="49.90">' in page


def test_the_database_holds_no_regular_price_that_is_not_higher() -> None:
    for price in ("49.90", None):
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleFactory.create(price=price, regular_price="49.90")


def test_apps_read_both_prices(client: Client) -> None:
    article = ArticleFactory.create(price="29.90", regular_price="49.90")
    ArticleFactory.create(price="5.00")

    one = client.get(f"/api/articles/{article.pk}").json()
    every = client.get("/api/articles").json()["results"]

    assert one["regular_price"] == {"amount": "49.90", "currency": "EUR"}
    assert [row["regular_price"] for row in every] == [None, one["regular_price"]]


def test_apps_write_both_prices_and_take_the_reduction_away(staff: Client) -> None:
    article = ArticleFactory.create(price="49.90")
    address = f"/api/articles/{article.pk}"

    def write(**values: Any) -> Any:
        return send(staff, "patch", address, values)

    reduced = write(price={"amount": "29.90", "currency": "EUR"}, regular_price={"amount": "49.90", "currency": "EUR"})
    assert reduced.json()["regular_price"] == {"amount": "49.90", "currency": "EUR"}
    ended = write(regular_price=None)
    assert (ended.json()["price"]["amount"], ended.json()["regular_price"]) == ("29.90", None)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"regular_price": {"amount": "49.90", "currency": "EUR"}}, "must be higher than the price"),
        ({"regular_price": {"amount": "59.90", "currency": "CHF"}}, "in different currencies"),
        ({"price": {"amount": "90", "currency": "EUR"}}, None),
        ({"price": None, "regular_price": {"amount": "59.90", "currency": "EUR"}}, "must be higher than the price"),
    ],
)
def test_a_regular_price_that_is_none_is_refused(staff: Client, values: dict[str, Any], why: str | None) -> None:
    article = ArticleFactory.create(price="49.90")

    response = send(staff, "patch", f"/api/articles/{article.pk}", values)

    article.refresh_from_db()
    assert article.regular_price is None
    if why:
        assert why in response.json()["errors"]["regular_price"][0]


def test_a_price_above_the_regular_price_is_refused_with_what_helps(staff: Client) -> None:
    article = ArticleFactory.create(price="29.90", regular_price="49.90")

    response = send(staff, "patch", f"/api/articles/{article.pk}", {"price": {"amount": "60.00", "currency": "EUR"}})

    assert "regular_price" in response.json()["errors"]
    article.refresh_from_db()
    assert article.price == Decimal("29.90")


def test_staff_reduce_a_price_in_the_list(admin_client: Client) -> None:
    article = ArticleFactory.create(price="49.90")

    def save(price: str, regular: str) -> Any:
        return admin_client.post(
            LIST,
            {
                "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": article.pk, "form-0-price": price,
                "form-0-regular_price": regular, "form-0-stock": "", "form-0-published": "on", "_save": "Save",
            },
        )  # fmt: skip

    assert "must be higher than the price" in save("49.90", "39.90").text
    assert save("29.90", "49.90").status_code == 302
    article.refresh_from_db()
    assert (article.price, article.regular_price) == (Decimal("29.90"), Decimal("49.90"))


def test_many_prices_are_reduced_with_the_present_ones_struck_through(admin_client: Client) -> None:
    plain = ArticleFactory.create(price="100.00")
    reduced = ArticleFactory.create(price="80.00", regular_price="100.00")
    bare = ArticleFactory.create(price=None)

    def change(button: str, value: str, **more: str) -> Any:
        selected = [article.pk for article in (plain, reduced, bare)]
        return admin_client.post(
            LIST,
            {"action": "change_prices", "_selected_action": selected, button: "1", "how": "percent", "value": value}
            | more,
        )

    shown = change("preview", "-20", keep="on").context["shown"]
    change("apply", "-20", keep="on")

    def stored() -> list[tuple[Decimal | None, Decimal | None]]:
        return list(Article.objects.order_by("pk").values_list("price", "regular_price"))

    assert [row["after"] for row in shown] == ["€80.00 instead of €100.00", "€64.00 instead of €100.00",
                                               "Price on request"]  # fmt: skip
    assert stored() == [(Decimal(80), Decimal(100)), (Decimal(64), Decimal(100)), (None, None)]
    # A price that reaches the regular price ends the reduction.
    change("apply", "25")
    assert stored() == [(Decimal(100), None), (Decimal(80), Decimal(100)), (None, None)]


def test_an_exported_reduction_is_imported_again(tmp_path: Path) -> None:
    ArticleFactory.create(sku="a", price="29.90", regular_price="49.90", colours=[ColourFactory.create()])
    file = str(tmp_path / "shop.csv")

    call_command("export_catalogue", file, verbosity=0)
    Article.objects.all().delete()
    call_command("import_catalogue", file, verbosity=0)

    assert Article.objects.get().regular_price == Decimal("49.90")


def test_an_error_across_columns_has_the_names_that_the_file_gives_them(tmp_path: Path) -> None:
    file = tmp_path / "prix.csv"
    file.write_text("Réf;Prix TTC;Prix barré\nA-1;39,90;35,00\nA-2;10;20\nA-2;10;20\n", encoding="utf-8")
    columns = {"sku": "Réf", "price": "Prix TTC", "regular_price": "Prix barré"}

    reader = open_source(file, kind="csv", columns=columns)
    refused = [english(row.message) for progress in import_articles(reader) for row in progress.refusals]

    assert {text.partition(":")[0] for text in refused} == {"Prix barré", "Réf"}
