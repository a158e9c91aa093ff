"""Messages of imports about prices and variants."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

_HIGHER = gettext_noop("Write a higher one, or [clear].")

TEXTS = {
    "cell.not_a_reduction": text(
        gettext_noop("The regular price %(regular)s is not higher than the price %(price)s."),
        _HIGHER,
        regular="39.90",
        price="49.90",
    ),
    "cell.regular_price_alone": text(
        gettext_noop("A regular price needs a price that is lower."), gettext_noop("Add the price.")
    ),
    "request.regular_currency": text(
        gettext_noop("The regular price is in another currency than the price."), gettext_noop("Send both in one.")
    ),
    "feed.reductions_left_out": text(
        gettext_noop("Reductions that do not fit the price were left out (%(number)s): %(names)s."),
        number=2,
        names=["39.90 → 49.90"],
    ),
}
