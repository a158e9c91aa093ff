"""Admin pages of articles with their photos."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from adminsortable2.admin import SortableAdminBase
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue import scheduled_feeds
from catalogue.admin.actions import change_category, change_prices, delete_many, run
from catalogue.admin.api_clients import ApiClientAdmin
from catalogue.admin.bin import BinnedArticleAdmin
from catalogue.admin.concurrent import EditsList
from catalogue.admin.demo import LoadsDemo
from catalogue.admin.drafts import KeepsPhotos
from catalogue.admin.filters import CategoryFilter, PhotoFilter, ProposedFilter, StockFilter
from catalogue.admin.history import ChangeSetAdmin, KeepsHistory
from catalogue.admin.history_text import proposed_text
from catalogue.admin.imports import ImportRunAdmin
from catalogue.admin.inlines import NamesInlines
from catalogue.admin.merging import MERGE_ACTION, MergesArticles
from catalogue.admin.photos import PhotoInline, thumbnail
from catalogue.admin.scheduled_feeds import ScheduledFeedAdmin
from catalogue.admin.sources import PhotoSourceAdmin
from catalogue.admin.styles import STYLES
from catalogue.admin.terms import Deletion
from catalogue.admin.variants import CountsStockBySize, VariantInline, follow_variants
from catalogue.models import (
    MAX_STOCK,
    PROPOSABLE,
    ApiClient,
    Article,
    BinnedArticle,
    ChangeSet,
    ImportRun,
    PhotoSource,
    ScheduledFeed,
    Variant,
    recorded_variants,
)

admin.site.site_header = admin.site.site_title = settings.SHOP_NAME
admin.site.index_title = _("Overview")
admin.site.index_template = "admin/start.html"
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

    sizes = SizesField(label=_("Sizes"), required=False, help_text=_("Comma-separated: S, M, L"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("price", MAX_PRICE), ("stock", MAX_STOCK)):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"min": 0, "max": most}

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        # A constraint that has a condition reports no field.
        if Article.objects.filter(sku=sku).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another product already has this SKU."), "unique")
        return sku

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own, not in the stubs
        # Read by PhotoFormSet: what else is wrong comes first.
        self.instance.is_refused = bool(self.errors)


@admin.register(Article)
class ArticleAdmin(
    KeepsHistory,
    KeepsPhotos,
    EditsList,
    MergesArticles,
    LoadsDemo,
    NamesInlines,
    SortableAdminBase,  # type: ignore[misc]  # no stubs
    admin.ModelAdmin,  # type: ignore[type-arg]  # no [] at run time
):
    """Articles. What changes daily (price, stock, published) is edited in the list itself."""

    form = ArticleForm
    inlines: ClassVar[tuple[Any, ...]] = (PhotoInline, VariantInline)
    list_display = (
        "first_photo", "product", "sku", "category", "brand", "price", "regular_price", "stock", "published",
    )  # fmt: skip
    list_display_links = ("first_photo", "product", "sku")
    list_editable = ("price", "regular_price", "stock", "published")
    list_filter: ClassVar[tuple[Any, ...]] = (
        "published",
        StockFilter,
        PhotoFilter,
        ProposedFilter,
        CategoryFilter,
        ("colours", admin.RelatedOnlyFieldListFilter),
        ("brand", admin.RelatedOnlyFieldListFilter),
    )
    list_per_page = 50
    # A row sends ten fields, and a request has 2,000 at the most.
    list_max_show_all = 150
    change_list_template = "admin/catalogue/article/change_list.html"
    show_full_result_count = False
    search_fields = (
        "sku", "style_number", "name", "name_fr", "description", "description_fr", "brand__name", "=variants__sku",
        "=variants__barcode",
    )  # fmt: skip
    search_help_text = _("SKU, style number, name, description, brand, or a size’s SKU or barcode.")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("category", "additional_categories", "brand", "colours")
    readonly_fields = ("created", "updated", "proposed_shown")
    actions: tuple[str, ...] = (
        "publish", "hide", "change_prices", "change_category", "confirm", "merge", "delete_selected",
    )  # fmt: skip
    save_on_top = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("sku", "style_number", "published"),
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
        css = {"all": STYLES}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        articles: QuerySet[Article] = super().get_queryset(request)
        return articles.select_related("category", "brand").prefetch_related("photos", "variants")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_import = self.admin_site.get_model_admin(ImportRun).has_add_permission(request)
        return super().changelist_view(request, {"may_import": may_import, **(extra_context or {})})

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=CountsStockBySize, **kwargs)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if isinstance(form, ArticleForm):
            # Whoever saves the form has what was proposed before them, unless it came later; the list shows none of it.
            unseen = form.left_to_others
            obj.proposed = [name for name in obj.proposed if not unseen.isdisjoint(PROPOSABLE[name])]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        if any(formset.model is Variant and formset.has_changed() for formset in formsets):
            with recorded_variants(form.instance):
                super().save_related(request, form, formsets, change)
            follow_variants(form.instance)
        else:
            super().save_related(request, form, formsets, change)

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [(None, {"fields": ("proposed_shown",)}), *fieldsets] if obj and obj.proposed else fieldsets

    @admin.display(description=_("Suggested from the photos"))
    def proposed_shown(self, article: Article) -> str:
        names = {"names": proposed_text(article.proposed)}
        return gettext("%(names)s: correct what is wrong. Saving confirms the rest.") % names

    @admin.display(description=_("photo"))
    def first_photo(self, article: Article) -> str:
        # The prefetched list; .first() would cost one query per row.
        photos = article.photos.all()
        if photos:
            return thumbnail(photos[0])
        # Nobody finds it by photo, and few buy what they cannot see.
        return format_html('<span class="no-photo">{}</span>', _("No photo")) if article.published else "\N{EM DASH}"

    @admin.display(description=_("product"), ordering="name")
    def product(self, article: Article) -> SafeString:
        # Narrow screens have no column for the SKU.
        return format_html('{}<span class="narrow quiet">{}</span>', article.title, article.sku)

    @admin.action(description=_("Publish selected products"), permissions=["change"])
    def publish(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, "publish", articles)

    @admin.action(description=_("Hide selected products"), permissions=["change"])
    def hide(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, "hide", articles)

    @admin.action(description=_("Confirm suggestions from photos"), permissions=["change"])
    def confirm(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, "confirm", articles)

    @admin.action(description=_("Change the prices of selected products …"), permissions=["change"])
    def change_prices(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return change_prices(self, request, articles)

    @admin.action(description=_("Change the category of selected products …"), permissions=["change"])
    def change_category(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return change_category(self, request, articles)

    @admin.action(description=MERGE_ACTION, permissions=["merge"])
    def merge(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return self.merge_two(request, articles)

    # In place of Django's own, which sends a field for each article, and Django refuses more than 1,000.
    @admin.action(description=_("Delete selected products …"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return delete_many(self, request, articles)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Deletion:
        """Return the articles alone: what belongs to them goes into the bin with them, and comes back with them."""
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(article) for article in objs], {}, needed, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        listed = object_id.isdecimal() and scheduled_feeds.listed(Article.objects.filter(pk=object_id))
        context = {"days": settings.BIN_DAYS, "listed": listed, **(extra_context or {})}
        return super().delete_view(request, object_id, context)
