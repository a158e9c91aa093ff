"""The page that merges two articles: what differs, side by side, and which of it stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue import scheduled_feeds
from catalogue.admin.actions import run, said_price
from catalogue.history import merging
from catalogue.models import Article, Variant

TEXT_AT_MOST = 200


class MergeForm(forms.Form):
    """Which value of each thing that differs stays."""

    def __init__(self, keep: Article, gone: Article, data: Any = None) -> None:
        super().__init__(data)
        for unit, offered in merging.units_of(keep, gone).items():
            said = {merging.KEEP: value_text(keep, unit), merging.GONE: value_text(gone, unit)}
            if merging.BOTH in offered:
                said[merging.BOTH] = both_text(keep, gone, unit)
            self.fields[unit] = forms.ChoiceField(
                label=unit_name(unit),
                choices=[(choice, said[choice] or gettext("(empty)")) for choice in said if choice in offered],
                initial=offered[0],
                widget=forms.RadioSelect,
            )

    @property
    def choices(self) -> dict[str, str]:
        return dict(self.cleaned_data)


class MergesArticles(ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: a page that merges two articles."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.merge_view)
        return [path("merge/<int:keep>/<int:gone>/", view, name="catalogue_article_merge"), *super().get_urls()]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    def merge_view(self, request: HttpRequest, keep: int, gone: int) -> HttpResponse:
        """Show what differs between two articles, and merge the second into the first."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        rows: Mapping[int, Article] = self.get_queryset(request).in_bulk([keep, gone])
        if len(rows) < 2:
            raise Http404
        stays, goes = rows[keep], rows[gone]
        back = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = ""
        seen = f"{stays.updated.isoformat()} {goes.updated.isoformat()}"
        sent = request.method == "POST"
        form = MergeForm(stays, goes, request.POST if sent else None)
        if sent and request.POST.get("seen") != seen:
            text = gettext(
                "One of the products was changed in the meantime. Nothing has been merged yet: please check again."
            )
            self.message_user(request, text, messages.WARNING)
            form = MergeForm(stays, goes)
        elif sent and form.is_valid():
            params = {"keep": keep, "gone": gone, "skus": [stays.sku, goes.sku], "choices": form.choices}
            # In this order: the first one stays.
            run(self, request, "merge", [keep, gone], params)
            return HttpResponseRedirect(back or reverse("admin:catalogue_article_change", args=[keep]))
        moved = merging.photos_to_move(stays, goes)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Merge two products"),
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "keep": stays,
            "gone": goes,
            "moved": moved,
            "doubles": goes.photos.count() - len(moved),
            "seen": seen,
            "back": back,
            "swap": reverse("admin:catalogue_article_merge", args=[gone, keep])
            + (f"?{urlencode({'next': back})}" if back else ""),
            "listed": scheduled_feeds.listed(Article.objects.filter(pk=gone)),
        }
        return TemplateResponse(request, "admin/catalogue/article/merge.html", context)

    def merge_two(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        """Lead from a selection of two articles to their page."""
        keys = list(articles.order_by("created", "pk").values_list("pk", flat=True)[:3])
        if len(keys) != 2:
            self.message_user(request, gettext("Select exactly two products to merge."), messages.WARNING)
            return None
        return HttpResponseRedirect(reverse("admin:catalogue_article_merge", args=keys))


def unit_name(unit: str) -> str:
    if unit == "price":
        return gettext("Price")
    return capfirst(str(Article._meta.get_field(unit).verbose_name))  # type: ignore[union-attr]  # no relation


def value_text(article: Article, unit: str) -> str:
    """Return what an article has of a unit, in words."""
    if unit == "price":
        return said_price(article, article.price, article.regular_price)
    if unit == "sizes":
        return variants_text(article.variants.select_related("colour"))
    if unit in merging.RELATIONS:
        return ", ".join(map(str, getattr(article, unit).all()))
    value = getattr(article, unit)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if unit == "stock":
        return gettext("Not counted") if value is None else str(value)
    return Truncator("" if value is None else str(value)).chars(TEXT_AT_MOST)


def both_text(keep: Article, gone: Article, unit: str) -> str:
    if unit == "stock":
        return gettext("Total: %(n)d") % {"n": (keep.stock or 0) + (gone.stock or 0)}
    if unit == "sizes":
        return gettext("All sizes of both. For a size that both have, the SKU and stock of the product you keep.")
    return gettext("Everything from both")


def variants_text(variants: QuerySet[Variant]) -> str:
    return "; ".join(_variant_texts(variants))


def _variant_texts(variants: QuerySet[Variant]) -> Iterator[str]:
    for row in variants.order_by("position", "pk"):
        named = " / ".join(filter(None, (row.size, row.colour.title if row.colour else "")))
        numbers = ", ".join(filter(None, (row.sku, row.barcode)))
        stock = "" if row.stock is None else gettext("stock %(n)d") % {"n": row.stock}
        yield ", ".join(filter(None, (named, numbers, stock)))


MERGE_ACTION = _("Merge two products …")
