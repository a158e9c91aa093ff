"""Where staff's pages are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

LIST = reverse("admin:catalogue_article_changelist")

ADD = reverse("admin:catalogue_article_add")

CATEGORIES = reverse("admin:catalogue_category_changelist")


def change(row: Any) -> str:
    return reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk])


def delete(row: Any) -> str:
    return reverse(f"admin:catalogue_{row._meta.model_name}_delete", args=[row.pk])
