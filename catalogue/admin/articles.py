"""Admin pages of articles with their photos, the category tree, brands and colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeAlias

from adminsortable2.admin import SortableAdminBase
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from treebeard.admin import TreeAdmin
from treebeard.forms import movenodeform_factory

from catalogue.admin.actions import change_category, change_prices, delete_many, run
from catalogue.admin.api_clients import ApiClientAdmin
from catalogue.admin.bin import BinnedArticleAdmin
from catalogue.admin.drafts import KeepsPhotos
from catalogue.admin.filters import CategoryFilter, PhotoFilter, StockFilter
from catalogue.admin.history import ChangeSetAdmin, KeepsHistory
from catalogue.admin.imports import ImportRunAdmin
from catalogue.admin.photos import PhotoInline, thumbnail
from catalogue.admin.scheduled_feeds import ScheduledFeedAdmin
from catalogue.admin.sources import PhotoSourceAdmin
from catalogue.admin.variants import CountsStockBySize, VariantInline, follow_variants
from catalogue.models import (
    MAX_STOCK,
    ApiClient,
    Article,
    BinnedArticle,
    Brand,
    Category,
    ChangeSet,
    Colour,
    ImportRun,
    PhotoSource,
    ScheduledFeed,
    Variant,
    recorded_variants,
)

admin.site.site_header = admin.site.site_title = settings.SHOP_NAME
admin.site.index_title = _("The shop")
# The list of articles needs the width; "Home" leads to everything.
admin.site.enable_nav_sidebar = False
admin.site.register(PhotoSource, PhotoSourceAdmin)
admin.site.register(ImportRun, ImportRunAdmin)
admin.site.register(ScheduledFeed, ScheduledFeedAdmin)
admin.site.register(ApiClient, ApiClientAdmin)
admin.site.register(BinnedArticle, BinnedArticleAdmin)
admin.site.register(ChangeSet, ChangeSetAdmin)

# The largest number that the column of prices holds.
MAX_PRICE = "99999999.99"
# The result of get_deleted_objects: objects, number of each model, missing permissions, objects that prevent deletion.
Deletion: TypeAlias = tuple[list[Any], dict[str, int], set[str], list[Any]]


class SizesField(forms.CharField):
    """Sizes: comma-separated text in the form, a list in the row."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(size) for size in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # the field's whole point
        return [size.strip() for size in (value or "").split(",") if size.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class ArticleForm(CountsStockBySize):
    """An article, with its sizes as comma-separated text."""

    sizes = SizesField(label=_("Sizes"), required=False, help_text=_("With commas between, as in S, M, L."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("price", MAX_PRICE), ("stock", MAX_STOCK)):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"min": 0, "max": most}

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        # A constraint that has a condition reports no field.
        if Article.objects.filter(sku=sku).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another product has this SKU already."), "unique")
        return sku

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own, not in the stubs
        # Read by PhotoFormSet: what else is wrong comes first.
        self.instance.is_refused = bool(self.errors)


@admin.register(Article)
class ArticleAdmin(KeepsHistory, KeepsPhotos, SortableAdminBase, admin.ModelAdmin):  # type: ignore[misc,type-arg]  # no stubs; no [] at run time
    """Articles. What changes daily (price, stock, published) is edited in the list itself."""

    form = ArticleForm
    inlines: ClassVar[tuple[Any, ...]] = (PhotoInline, VariantInline)
    list_display = (
        "first_photo", "sku", "name", "category", "brand", "price", "regular_price", "stock", "published",
    )  # fmt: skip
    list_display_links = ("first_photo", "sku", "name")
    list_editable = ("price", "regular_price", "stock", "published")
    list_filter: ClassVar[tuple[Any, ...]] = (
        "published",
        StockFilter,
        PhotoFilter,
        CategoryFilter,
        ("colours", admin.RelatedOnlyFieldListFilter),
        ("brand", admin.RelatedOnlyFieldListFilter),
    )
    list_per_page = 50
    # A row sends six fields, and a request has 1,000 at the most.
    list_max_show_all = 150
    change_list_template = "admin/catalogue/article/change_list.html"
    show_full_result_count = False
    search_fields = (
        "sku", "name", "name_fr", "description", "description_fr", "brand__name", "=variants__sku",
        "=variants__barcode",
    )  # fmt: skip
    search_help_text = _("SKU, name, description, brand, or a size’s SKU or barcode.")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("category", "additional_categories", "brand", "colours")
    readonly_fields = ("created", "updated")
    actions: tuple[str, ...] = ("publish", "hide", "change_prices", "change_category", "delete_selected")
    save_on_top = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("sku", "published"),
                    ("name", "name_fr"),
                    "slug",
                    ("category", "brand"),
                    "additional_categories",
                    "colours",
                )
            },
        ),
        (_("Price and stock"), {"fields": (("price", "regular_price", "currency"), "stock", "sizes")}),
        (_("Description"), {"fields": ("description", "description_fr")}),
        (_("History"), {"fields": (("created", "updated"),), "classes": ("collapse",)}),
    )

    class Media:
        css = {"all": ["admin/shop.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        articles: QuerySet[Article] = super().get_queryset(request)
        return articles.select_related("category", "brand").prefetch_related("photos", "variants")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=CountsStockBySize, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        if any(formset.model is Variant and formset.has_changed() for formset in formsets):
            with recorded_variants(form.instance):
                super().save_related(request, form, formsets, change)
            follow_variants(form.instance)
        else:
            super().save_related(request, form, formsets, change)

    @admin.display(description=_("photo"))
    def first_photo(self, article: Article) -> str:
        # The prefetched list; .first() would cost one query per row.
        photos = article.photos.all()
        if photos:
            return thumbnail(photos[0])
        # Nobody finds it by photo, and few buy what they cannot see.
        return format_html('<span class="no-photo">{}</span>', _("No photo")) if article.published else "\N{EM DASH}"

    @admin.action(description=_("Publish selected articles"), permissions=["change"])
    def publish(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, "publish", articles)

    @admin.action(description=_("Hide selected articles"), permissions=["change"])
    def hide(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, "hide", articles)

    @admin.action(description=_("Change the prices of selected articles …"), permissions=["change"])
    def change_prices(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return change_prices(self, request, articles)

    @admin.action(description=_("Change the category of selected articles …"), permissions=["change"])
    def change_category(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return change_category(self, request, articles)

    # In place of Django's own, which sends a field for each article, and Django refuses more than 1,000.
    @admin.action(description=_("Delete selected articles …"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return delete_many(self, request, articles)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Deletion:
        """Return the articles alone: what belongs to them goes into the bin with them, and comes back with them."""
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(article) for article in objs], {}, needed, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return super().delete_view(request, object_id, {"days": settings.BIN_DAYS, **(extra_context or {})})


BIN = "admin:catalogue_binnedarticle_changelist"
LIVE = Count("articles", filter=Q(articles__deleted__isnull=True))
BINNED = Count("articles", filter=Q(articles__deleted__isnull=False))


class CountsArticles:
    """Mixin: a column with the number of articles of each row, linked to their list."""

    # The parameter that filters the list of articles by a row, and the row's field with its value.
    article_filter: tuple[str, str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of the ModelAdmin mixed into
        counted: QuerySet[Any] = rows.annotate(count_of_articles=LIVE)
        return counted

    @admin.display(description=_("articles"), ordering="count_of_articles")
    def article_count(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.articles_url(row), row.count_of_articles)

    def articles_url(self, row: Any) -> str:
        parameter, field = self.article_filter
        return f"{reverse('admin:catalogue_article_changelist')}?{parameter}={getattr(row, field)}"


class KeepsArticles(CountsArticles):
    """Mixin: prevents the deletion of rows that have articles, and links to these."""

    def deleted_with(self, rows: Iterable[Any]) -> QuerySet[Any]:
        """Return the rows that are deleted with `rows`, including these."""
        model: type[Model] = self.model  # type: ignore[attr-defined]  # of the ModelAdmin mixed into
        found: QuerySet[Any] = model._default_manager.filter(pk__in=[row.pk for row in rows])
        return found

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Deletion:
        doomed = self.deleted_with(objs)
        kept = [
            format_html('{}: <a href="{}">{}</a>', row, self.articles_url(row), said_count(row.count_of_articles))
            for row in doomed.annotate(count_of_articles=LIVE).filter(count_of_articles__gt=0)
        ]
        kept += [
            format_html('{}: <a href="{}">{}</a>', row, reverse(BIN), said_in_bin(row.binned))
            for row in doomed.annotate(binned=BINNED).filter(binned__gt=0)
        ]
        if kept:
            return [], {}, set(), kept
        found: Deletion = super().get_deleted_objects(doomed, request)  # type: ignore[misc]  # as above
        return found


def said_in_bin(articles: int) -> str:
    return ngettext("%(n)d article in the bin", "%(n)d articles in the bin", articles) % {"n": articles}


def said_count(articles: int) -> str:
    return ngettext("%(n)d article", "%(n)d articles", articles) % {"n": articles}


@admin.register(Category)
class CategoryAdmin(KeepsHistory, KeepsArticles, TreeAdmin):  # type: ignore[misc]  # no stubs
    """Categories: a tree, rearranged by dragging. Deleting one deletes those below it, if they are empty too."""

    form = movenodeform_factory(Category)
    article_filter = ("category", "slug")
    list_display = ("name", "name_fr", "slug", "article_count")
    search_fields = ("name", "name_fr", "slug")
    prepopulated_fields = {"slug": ("name",)}
    delete_confirmation_template = "admin/catalogue/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/catalogue/delete_selected_confirmation.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # treebeard sets it for GET alone, and the page of a POST without an action reads it.
        request._treebeard_parent = None  # type: ignore[attr-defined]  # as said
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def move_node(self, request: HttpRequest) -> HttpResponse:
        # treebeard asks for it only once it has read the form.
        if not self.has_change_permission(request):
            raise PermissionDenied
        response: HttpResponse = super().move_node(request)
        return response

    def deleted_with(self, rows: Iterable[Category]) -> QuerySet[Category]:
        below = Q(pk__in=[])
        for category in rows:
            below |= Q(path__startswith=category.path)
        return Category.objects.filter(below)


@admin.register(Brand)
class BrandAdmin(KeepsHistory, KeepsArticles, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Brands. One with articles cannot be deleted."""

    article_filter = ("brand__id__exact", "pk")
    list_display = ("name", "name_fr", "slug", "article_count")
    search_fields = ("name", "name_fr")
    prepopulated_fields = {"slug": ("name",)}
    delete_confirmation_template = "admin/catalogue/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/catalogue/delete_selected_confirmation.html"


class ColourForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """A colour, picked on a colour picker."""

    class Meta:
        model = Colour
        fields = ("name", "name_fr", "slug", "hex")
        widgets = {"hex": forms.TextInput(attrs={"type": "color"})}


@admin.register(Colour)
class ColourAdmin(KeepsHistory, CountsArticles, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """The colours that shoppers filter by."""

    form = ColourForm
    article_filter = ("colours__id__exact", "pk")
    list_display = ("swatch", "name", "name_fr", "slug", "article_count")
    list_display_links = ("swatch", "name")
    search_fields = ("name", "name_fr")
    prepopulated_fields = {"slug": ("name",)}

    @admin.display(description=_("swatch"), ordering="hex")
    def swatch(self, colour: Colour) -> SafeString:
        # The colour is an attribute of SVG: the Content-Security-Policy forbids style="…".
        return format_html(
            '<svg class="swatch" width="24" height="24" role="img" aria-label="{0}">'
            '<rect width="24" height="24" rx="4" fill="{0}"/></svg>',
            colour.hex,
        )
