"""Bulk actions on articles: changing prices, with a preview, and changing the category."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from django import forms
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalogue.browsing.money import written
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import Article, Category, is_reduction

# The most articles in the preview of prices.
SHOWN = 12
ROWS_AT_ONCE = 500
# The first price that the column does not hold.
PRICE_BELOW = Decimal(10) ** 8
CENT = Decimal("0.01")


class PriceForm(forms.Form):
    """How the prices of the selected articles change."""

    how = forms.ChoiceField(
        label=_("Change"),
        choices=[("percent", _("by percent")), ("amount", _("by an amount")), ("to", _("to a price"))],
    )
    value = forms.DecimalField(
        label=_("Value"),
        max_digits=10,
        decimal_places=2,
        help_text=_(
            "Below zero, as in -20, makes cheaper. Articles without a price are given one only by “to a price”."
        ),
    )

    keep = forms.BooleanField(
        label=_("Show the present price struck through, as the regular price"),
        required=False,
        help_text=_("Products that are reduced already keep their regular price."),
    )

    def new_prices(self, article: Article) -> tuple[Decimal | None, Decimal | None]:
        """Return an article's new price and regular price. A price that is not below the regular price ends that."""
        price = self.new_price(article.price)
        regular = article.regular_price or (article.price if self.cleaned_data["keep"] else None)
        return price, regular if regular is not None and is_reduction(price, regular) else None

    def new_price(self, price: Decimal | None) -> Decimal | None:
        """Return an article's new price; None if it has none and is not given one."""
        how: str = self.cleaned_data["how"]
        value: Decimal = self.cleaned_data["value"]
        if how == "to":
            return value
        if price is None:
            return None
        changed = price * (100 + value) / 100 if how == "percent" else price + value
        return changed.quantize(CENT, ROUND_HALF_UP)


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [] at run time
    """A choice of category, indented by its depth in the tree."""

    def label_from_instance(self, category: Category) -> str:
        steps: int = category.depth - 1
        return "\N{EN DASH} " * steps + str(category.title)


class CategoryForm(forms.Form):
    """The category that the selected articles get."""

    category = CategoryField(label=_("Category"), queryset=Category.objects.order_by("path"))


def change_prices(
    model_admin: ModelAdmin[Article], request: HttpRequest, articles: QuerySet[Article]
) -> HttpResponse | None:
    """Return the form, with a preview of the new prices if they are valid; None once they are written."""
    form = PriceForm(request.POST if "apply" in request.POST or "preview" in request.POST else None)
    articles = articles.order_by("pk")
    shown: list[dict[str, str]] = []
    if form.is_valid():
        try:
            if "apply" in request.POST:
                changed = write_prices(form, request, articles)
            else:
                check_prices(form, articles)
        except ValidationError as error:
            form.add_error("value", error)
        else:
            if "apply" in request.POST:
                said = ngettext("%(n)d price is changed.", "%(n)d prices are changed.", changed) % {"n": changed}
                model_admin.message_user(request, said)
                return None
            shown = [
                {
                    "article": str(article),
                    "before": said_price(article, article.price, article.regular_price),
                    "after": said_price(article, *form.new_prices(article)),
                }
                for article in articles[:SHOWN]
            ]
    context = {"action": "change_prices", "shown": shown, "more": max(articles.count() - SHOWN, 0)}
    return ask(model_admin, request, articles, form, gettext("Change prices"), context)


def change_category(
    model_admin: ModelAdmin[Article], request: HttpRequest, articles: QuerySet[Article]
) -> HttpResponse | None:
    """Return the form; None once the articles have the category."""
    form = CategoryForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        category = form.cleaned_data["category"]
        with transaction.atomic():
            note(request, articles, gettext("Category: %(name)s.") % {"name": category})
            changed = articles.order_by().update(category=category, updated=timezone.now())
        said = ngettext("%(n)d article is in “%(name)s” now.", "%(n)d articles are in “%(name)s” now.", changed)
        model_admin.message_user(request, said % {"n": changed, "name": category})
        return None
    return ask(model_admin, request, articles, form, gettext("Change category"), {"action": "change_category"})


def ask(
    model_admin: ModelAdmin[Article],
    request: HttpRequest,
    articles: QuerySet[Article],
    form: forms.Form,
    title: str,
    more: dict[str, Any],
) -> TemplateResponse:
    """Return the page with the form of a bulk change, which keeps the selection in hidden fields."""
    count = articles.count()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "said_count": ngettext("%(n)d article is selected.", "%(n)d articles are selected.", count) % {"n": count},
        "selected": request.POST.getlist("_selected_action"),
        "select_across": request.POST.get("select_across", "0"),
        **more,
    }
    return TemplateResponse(request, "admin/catalogue/article/change_many.html", context)


def check_prices(form: PriceForm, articles: QuerySet[Article]) -> None:
    """Raise ValidationError if a new price would be negative, or have more digits than the column."""
    for sku, price in articles.values_list("sku", "price").iterator(ROWS_AT_ONCE):
        check_price(sku, form.new_price(price))


def check_price(sku: str, price: Decimal | None) -> None:
    """Raise ValidationError for a price that is negative, or has more digits than the column."""
    if price is not None and not 0 <= price < PRICE_BELOW:
        raise ValidationError(render(Message.of("request.price_out_of_range", sku=sku, price=str(price))))


@transaction.atomic
def write_prices(form: PriceForm, request: HttpRequest, articles: QuerySet[Article]) -> int:
    """Write the new prices in one transaction. Returns how many changed.

    Raises ValidationError if a new price would not do: prices may have changed since the form was shown.
    """
    changed: list[Article] = []
    # Without joins: PostgreSQL refuses to lock the nullable side of an outer join.
    rows = Article.objects.filter(pk__in=articles.order_by().values("pk")).order_by("pk").select_for_update()
    for article in rows:
        price, regular_price = form.new_prices(article)
        check_price(article.sku, price)
        if (price, regular_price) != (article.price, article.regular_price):
            article.price, article.regular_price = price, regular_price
            article.updated = timezone.now()
            changed.append(article)
    Article.objects.bulk_update(changed, ["price", "regular_price", "updated"], batch_size=ROWS_AT_ONCE)
    note(request, changed, gettext("Price changed with others."))
    return len(changed)


def note(request: HttpRequest, articles: Iterable[Article], message: str) -> None:
    """Record the change in each article's admin history."""
    LogEntry.objects.log_actions(cast(int, request.user.pk), articles, CHANGE, message)


def said_price(article: Article, price: Decimal | None, regular_price: Decimal | None) -> str:
    if price is None:
        return gettext("Price on request")
    if regular_price is None:
        return written(price, article.currency)
    prices = {"price": written(price, article.currency), "regular": written(regular_price, article.currency)}
    return gettext("%(price)s instead of %(regular)s") % prices
