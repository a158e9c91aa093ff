"""What the variants of an article cost together: the price of the cheapest that can be bought, and its reduction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalogue.feeds.rows import ArticleRow, CellError
from catalogue.feeds.table_reader import LeftOut
from catalogue.models import Article, is_reduction


@dataclass(frozen=True)
class Offer:
    """What one variant costs, what it cost before a reduction, and how many there are (None: not counted)."""

    price: Decimal | None
    regular_price: Decimal | None = None
    stock: int | None = None


def offer_of(price: Decimal | None, sale: Decimal | None, stock: int | None = None) -> Offer:
    """Return the offer of a regular price and a sale price in force. A sale price of nothing is none."""
    return Offer(sale, price, stock) if sale else Offer(price, None, stock)


def price_values(offers: Iterable[Offer], *, tells_reductions: bool, left_out: LeftOut) -> dict[str, Any]:
    """Return the price and the regular price of the cheapest offer that can be bought; of all, if none can.

    Where the source `tells_reductions`, a price without one is not reduced. A regular price that is not higher than the
    price is no reduction: it is left out and noted.
    """
    priced = [offer for offer in offers if offer.price is not None]
    buyable = [offer for offer in priced if offer.stock != 0]
    if not priced:
        return {}
    cheapest = min(buyable or priced, key=lambda offer: offer.price or Decimal(0))
    values: dict[str, Any] = {"price": cheapest.price}
    if tells_reductions:
        values["regular_price"] = None
        # Programs write the price itself, or 0, where nothing is reduced.
        if cheapest.regular_price and cheapest.regular_price != cheapest.price:
            if is_reduction(cheapest.price, cheapest.regular_price):
                values["regular_price"] = cheapest.regular_price
            else:
                left_out.add("feed.reductions_left_out", f"{cheapest.regular_price} → {cheapest.price}")
    return values


def ends_reduction(article: Article, row: ArticleRow) -> bool:
    """Return whether a row ends the reduction that an article has.

    A new price that is not below the stored regular price ends it, and so does another currency. Raises CellError if
    the row itself states a regular price that is not higher than the price.
    """
    values = row.values
    price = values.get("price", article.price)
    stated = values.get("regular_price")
    if stated is not None:
        if price is None:
            raise row.error_in("regular_price", CellError("cell.regular_price_alone"))
        if not is_reduction(price, stated):
            wrong = CellError("cell.not_a_reduction", regular=f"{stated:.2f}", price=f"{price:.2f}")
            raise row.error_in("regular_price", wrong)
    if article.regular_price is None or "regular_price" in values:
        return False
    other_currency = values.get("currency", article.currency) != article.currency
    return other_currency or not is_reduction(price, article.regular_price)
