"""Actions on selected articles: each is one change that can be taken back; large ones are left to a worker."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalogue import history, scheduled_feeds, tasks
from catalogue.broker import enqueue_unique
from catalogue.browsing.money import written
from catalogue.history.starting import ARTICLES_AT_ONCE
from catalogue.messages.rendering import render
from catalogue.models import Article, Category, ChangeSet
from catalogue.models.querysets import ArticleQuerySet

# The most articles in the preview of prices.
SHOWN = 12


class PriceForm(forms.Form):
    """How the prices of the selected articles change."""

    how = forms.ChoiceField(
        label=_("Change"),
        choices=[("percent", _("by a percentage")), ("amount", _("by an amount")), ("to", _("to a price"))],
    )
    value = forms.DecimalField(
        label=_("Value"),
        max_digits=10,
        decimal_places=2,
        help_text=_(
            "Use a negative value such as -20 to lower prices. Only “to a price” sets a price for products without one."
        ),
    )

    keep = forms.BooleanField(
        label=_("Show the current price struck through, as the regular price"),
        required=False,
        help_text=_("Products already on sale keep their regular price."),
    )

    @property
    def change(self) -> history.PriceChange:
        return history.PriceChange(self.cleaned_data["how"], self.cleaned_data["value"], keep=self.cleaned_data["keep"])


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [] at run time
    """A choice of category, indented by its depth in the tree."""

    def label_from_instance(self, category: Category) -> str:
        steps: int = category.depth - 1
        return "\N{EN DASH} " * steps + str(category.title)


class CategoryForm(forms.Form):
    """The category that the selected articles get."""

    category = CategoryField(label=_("Category"), queryset=Category.objects.order_by("path"))


def run(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    action: str,
    articles: QuerySet[Any] | list[int],
    params: dict[str, Any] | None = None,
) -> HttpResponse | None:
    """Do an action to the selected articles, or to those with these ids, in their order.

    Returns where to see how far it is; None where it is done.
    """
    keys = articles if isinstance(articles, list) else list(articles.order_by("pk").values_list("pk", flat=True))
    change = history.begin(action, keys, by=request.user, params=params)
    if change.is_working:
        enqueue_unique(tasks.run_change, str(change.pk), queue="bulk")
        return HttpResponseRedirect(page_of(change))
    said = done_text(change)
    if change.changed and action != "purge":
        undo = reverse("admin:catalogue_changeset_undo", args=[change.pk])
        model_admin.message_user(request, format_html('{} <a href="{}">{}</a>', said, undo, gettext("Undo …")))
    elif change.changed:
        model_admin.message_user(request, said)
    if change.left_out_count:
        left = ngettext("%(n)d was skipped", "%(n)d were skipped", change.left_out_count)
        text = left % {"n": change.left_out_count}
        link = format_html('<a href="{}">{}</a>', page_of(change), gettext("Why?"))
        model_admin.message_user(request, format_html("{}. {}", text, link), "warning")
    elif not change.changed:
        model_admin.message_user(request, said)
    if bare := bare_text(change):
        model_admin.message_user(request, bare, "warning")
    return None


def bare_text(change: ChangeSet) -> str:
    """Return how many of the articles that a change published have no photo, in words; "" if all have one."""
    if change.action != "publish":
        return ""
    changed = change.edits.filter(kind="article").values("article_id")
    bare = Article.objects.without_photos().filter(pk__in=changed, published=True).count()
    text = ngettext(
        "%(n)d of them has no photo: customers cannot find it by photo.",
        "%(n)d of them have no photo: customers cannot find them by photo.",
        bare,
    )
    return text % {"n": bare} if bare else ""


def page_of(change: ChangeSet) -> str:
    return reverse("admin:catalogue_changeset_change", args=[change.pk])


def done_text(change: ChangeSet) -> str:
    """Return what an action did, in words."""
    n = change.changed
    match change.action:
        case "publish":
            text = ngettext("%(n)d product published.", "%(n)d products published.", n)
        case "hide":
            text = ngettext("%(n)d product hidden.", "%(n)d products hidden.", n)
        case "change_prices":
            text = ngettext("%(n)d price changed.", "%(n)d prices changed.", n)
        case "change_category":
            text = ngettext("%(n)d product moved to “%(name)s”.", "%(n)d products moved to “%(name)s”.", n)
            return text % {"n": n, "name": Category.objects.filter(pk=change.params.get("category")).first()}
        case "propose":
            text = ngettext("Suggestions were made for %(n)d product.", "Suggestions were made for %(n)d products.", n)
        case "confirm":
            text = ngettext("%(n)d product confirmed.", "%(n)d products confirmed.", n)
        case "delete":
            text = ngettext("%(n)d product moved to the bin.", "%(n)d products moved to the bin.", n)
        case "merge":
            return gettext("The products are merged.") if n else gettext("Nothing was merged.")
        case "restore":
            text = ngettext("%(n)d product restored.", "%(n)d products restored.", n)
        case _:
            text = ngettext("%(n)d product permanently deleted.", "%(n)d products permanently deleted.", n)
    return text % {"n": n}


def change_prices(
    model_admin: ModelAdmin[Article], request: HttpRequest, articles: QuerySet[Article]
) -> HttpResponse | None:
    """Return the form, with a preview of the new prices if they are valid; else do it."""
    form = PriceForm(request.POST if "apply" in request.POST or "preview" in request.POST else None)
    articles = articles.order_by("pk")
    shown: list[dict[str, str]] = []
    if form.is_valid():
        for why in islice(history.check_prices(form.change, _plain(articles)), 1):
            form.add_error("value", render(why))
        if not form.errors and confirmed(request, articles):
            return run(model_admin, request, "change_prices", articles, form.change.as_params())
        if not form.errors:
            shown = [
                {
                    "article": str(article),
                    "before": said_price(article, article.price, article.regular_price),
                    "after": said_price(article, *form.change.new_prices(article)),
                }
                for article in articles[:SHOWN]
            ]
    context = {"action": "change_prices", "shown": shown, "more": max(articles.count() - SHOWN, 0)}
    return ask(model_admin, request, articles, form, gettext("Change prices"), context)


def _plain(articles: QuerySet[Article]) -> ArticleQuerySet:
    return Article.objects.filter(pk__in=articles.order_by().values("pk")).order_by("pk")


def change_category(
    model_admin: ModelAdmin[Article], request: HttpRequest, articles: QuerySet[Article]
) -> HttpResponse | None:
    """Return the form; else do it."""
    form = CategoryForm(request.POST if "apply" in request.POST else None)
    if form.is_valid() and confirmed(request, articles):
        params = {"category": form.cleaned_data["category"].pk}
        return run(model_admin, request, "change_category", articles, params)
    return ask(model_admin, request, articles, form, gettext("Change category"), {"action": "change_category"})


def delete_many(
    model_admin: ModelAdmin[Article], request: HttpRequest, articles: QuerySet[Article]
) -> HttpResponse | None:
    """Ask whether the articles are to go into the bin; else do it."""
    if confirmed(request, articles):
        return run(model_admin, request, "delete", articles)
    explained = gettext("They can be restored from the bin for %(n)d days, with their photos.") % {
        "n": settings.BIN_DAYS
    }
    explained = " ".join(filter(None, [explained, feeds_text(_plain(articles))]))
    more = {"action": "delete_selected", "explained": explained, **first_names(articles)}
    return ask(model_admin, request, articles, forms.Form(), gettext("Delete products"), more)


def feeds_text(articles: ArticleQuerySet) -> str:
    """Return how many of the articles feeds will add again, in words; "" if none."""
    n = scheduled_feeds.listed(articles)
    text = ngettext(
        "A feed lists %(n)d of them and will add it again at its next fetch. Hide it instead.",
        "Feeds list %(n)d of them and will add them again at their next fetch. Hide them instead.",
        n,
    )
    return text % {"n": n} if n else ""


def first_names(articles: QuerySet[Any]) -> dict[str, Any]:
    names = [str(article) for article in articles.order_by("pk")[:SHOWN]]
    return {"names": names, "more": max(articles.count() - SHOWN, 0)}


def confirmed(request: HttpRequest, articles: QuerySet[Any]) -> bool:
    """Return whether staff confirmed the present number of articles: a filter may find others by now."""
    return "apply" in request.POST and request.POST.get("expected") in {None, str(articles.count())}


def ask(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    articles: QuerySet[Any],
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
        "count": count,
        "count_differs": "apply" in request.POST and not confirmed(request, articles),
        "in_background": count > ARTICLES_AT_ONCE,
        "said_count": ngettext("%(n)d product is selected.", "%(n)d products are selected.", count) % {"n": count},
        "selected": request.POST.getlist("_selected_action"),
        "select_across": request.POST.get("select_across", "0"),
        **more,
    }
    return TemplateResponse(request, "admin/catalogue/article/change_many.html", context)


def said_price(article: Article, price: Decimal | None, regular_price: Decimal | None) -> str:
    if price is None:
        return gettext("Price on request")
    if regular_price is None:
        return written(price, article.currency)
    prices = {"price": written(price, article.currency), "regular": written(regular_price, article.currency)}
    return gettext("%(price)s instead of %(regular)s") % prices
