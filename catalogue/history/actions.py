"""What can be done to many articles at once, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from catalogue import scheduled_feeds
from catalogue.history.merging import merge
from catalogue.history.outcome import LeftOut, Outcome
from catalogue.messages import Message
from catalogue.models import Article, Category, is_reduction
from catalogue.models.querysets import ArticleQuerySet

ROWS_AT_ONCE = 500
# The first price that the column does not hold.
PRICE_BELOW = Decimal(10) ** 8
CENT = Decimal("0.01")


@dataclass(frozen=True)
class PriceChange:
    """How prices change: "percent" or "amount" by a value, or "to" it."""

    how: str
    value: Decimal
    # Whether the present price stays as the regular price, struck through.
    keep: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> PriceChange:
        return cls(params["how"], Decimal(params["value"]), keep=params.get("keep", False))

    def new_prices(self, article: Article) -> tuple[Decimal | None, Decimal | None]:
        """Return an article's new price and regular price. A price that is not below the regular price ends that."""
        price = self.new_price(article.price)
        regular = article.regular_price or (article.price if self.keep else None)
        return price, regular if regular is not None and is_reduction(price, regular) else None

    def new_price(self, price: Decimal | None) -> Decimal | None:
        """Return an article's new price; None if it has none and is not given one."""
        if self.how == "to":
            return self.value
        if price is None:
            return None
        changed = price * (100 + self.value) / 100 if self.how == "percent" else price + self.value
        return changed.quantize(CENT, ROUND_HALF_UP)

    def as_params(self) -> dict[str, str | bool]:
        return {"how": self.how, "value": str(self.value), "keep": self.keep}


def check_prices(change: PriceChange, articles: ArticleQuerySet) -> Iterator[Message]:
    """Yield why a new price would not do: it is negative, or has more digits than the column."""
    for sku, price in articles.values_list("sku", "price").iterator(ROWS_AT_ONCE):
        if why := _wrong_price(sku, change.new_price(price)):
            yield why


def _wrong_price(sku: str, price: Decimal | None) -> Message | None:
    if price is None or 0 <= price < PRICE_BELOW:
        return None
    return Message.of("request.price_out_of_range", sku=sku, price=str(price))


def _publish(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    return _show(keys, published=True)


def _hide(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    return _show(keys, published=False)


def _show(keys: Sequence[int], *, published: bool) -> Outcome:
    articles = Article.objects.filter(pk__in=keys)
    # Also of those that are shown or hidden already: staff have decided.
    scheduled_feeds.release(articles)
    return _set(articles.exclude(published=published), published=published)


def _change_category(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    category = Category.objects.filter(pk=params["category"]).first()
    chosen = Article.objects.filter(pk__in=keys).order_by("pk")
    articles = chosen.exclude(category=category)
    if category is None:
        why = Message.of("history.related_gone")
        return Outcome(left_out=[LeftOut(sku, why, "category_id") for sku in articles.values_list("sku", flat=True)])
    # Also of those that are in it already: staff have decided.
    marked = [article for article in chosen.exclude(proposed=[]).select_for_update() if "category" in article.proposed]
    alone = sum(article.category_id == category.pk for article in marked)
    for article in marked:
        article.proposed = article.with_confirmed({}, "category")["proposed"]
    Article.objects.bulk_update(marked, ["proposed"], batch_size=ROWS_AT_ONCE)
    return Outcome(_set(articles, category=category).changed + alone)


def _confirm(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    return _set(Article.objects.filter(pk__in=keys).exclude(proposed=[]), proposed=[])


def _set(articles: ArticleQuerySet, **values: Any) -> Outcome:
    return Outcome(articles.update(**values, updated=timezone.now()))


def _change_prices(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    change, outcome = PriceChange.of(params), Outcome()
    changed: list[Article] = []
    for article in Article.objects.filter(pk__in=keys).order_by("pk").select_for_update():
        price, regular_price = change.new_prices(article)
        if why := _wrong_price(article.sku, price):
            outcome.left_out.append(LeftOut(article.sku, why, "price"))
        elif (price, regular_price) != (article.price, article.regular_price):
            article.price, article.regular_price, article.updated = price, regular_price, timezone.now()
            changed.append(article)
    Article.objects.bulk_update(changed, ["price", "regular_price", "updated"], batch_size=ROWS_AT_ONCE)
    outcome.changed = len(changed)
    return outcome


def _delete(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    return Outcome(Article.objects.filter(pk__in=keys).delete()[0])


def _restore(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    binned = Article.all_objects.binned().filter(pk__in=keys)
    found = binned.count()
    outcome, stay = Outcome(), binned.restore()
    for sku in Article.all_objects.filter(pk__in=stay).values_list("sku", flat=True):
        outcome.leave(sku, "history.sku_taken", sku=sku)
    outcome.changed = found - len(stay)
    return outcome


def _purge(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    return Outcome(Article.all_objects.binned().filter(pk__in=keys).purge())


ACTIONS: dict[str, Callable[[Sequence[int], Mapping[str, Any]], Outcome]] = {
    "publish": _publish,
    "hide": _hide,
    "change_prices": _change_prices,
    "change_category": _change_category,
    "confirm": _confirm,
    "delete": _delete,
    "restore": _restore,
    "purge": _purge,
    "merge": merge,
}


@dataclass(frozen=True)
class SlowAction:
    """An action that looks at each article for long before it changes any. It is always left to a worker.

    `look` returns what it saw of the articles with these ids; no transaction is open meanwhile. It raises NotNowError
    where it can look at none at the moment. `apply` changes the articles by that, in a transaction.
    """

    look: Callable[[Sequence[int]], Any]
    apply: Callable[[Any], Outcome]
    # Articles that are looked at, and then changed, together.
    articles_at_once: int


# By name; whoever brings one adds it.
SLOW_ACTIONS: dict[str, SlowAction] = {}
