"""The currencies of the shop's prices. Two amounts are compared within one currency only."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Case, F, Value, When
from django.db.models.expressions import OrderBy

from catalogue.columns.following import column_table
from catalogue.columns.table import ColumnTable


def price_currencies() -> list[str]:
    """Return the currencies in which published articles have prices, the main one first; at least one.

    The main one is the shop's (settings.CURRENCY); where no price is in that, the first by its code.
    """
    return currencies_of(column_table())


def currencies_of(table: ColumnTable) -> list[str]:
    """Return the same of a table that was read."""
    own = str(settings.CURRENCY)
    return sorted(table.currencies, key=lambda code: (code != own, code)) or [own]


def by_price(*, descending: bool, one: bool = False, any_articles: bool = False) -> tuple[str | OrderBy | Case, ...]:
    """Return an ordering by price: of the main currency, then of each other one; articles without a price last.

    `one`: all prices are in one currency. `any_articles`: also articles that are not published, whose currencies no
    index has; or so few that sorting them costs nothing.
    """
    price = F("price").desc(nulls_last=True) if descending else F("price").asc(nulls_last=True)
    main, *others = [""] if one else price_currencies()
    if one or not (others or any_articles):
        return (price, "-pk")
    place = Case(When(price__isnull=True, then=Value(2)), When(currency=main, then=Value(0)), default=Value(1))
    return (place, "currency", price, "-pk")
