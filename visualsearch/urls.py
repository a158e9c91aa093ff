"""Pages of search by photo."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "visualsearch"

urlpatterns: list[URLPattern | URLResolver] = []
