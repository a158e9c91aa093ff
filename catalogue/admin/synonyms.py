"""The admin of synonyms: what shoppers call one thing, for the text search."""

from __future__ import annotations

from django.contrib import admin

from catalogue.models import SynonymGroup


@admin.register(SynonymGroup)
class SynonymGroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Groups of synonyms. A search finds what a new group says within seconds."""

    list_display = ("__str__", "active")
    list_editable = ("active",)
    list_filter = ("active",)
    search_fields = ("words",)
    list_per_page = 50
