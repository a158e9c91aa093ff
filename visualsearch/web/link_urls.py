"""URLs of short links to searches."""

from __future__ import annotations

from django.urls import path

from visualsearch.web import views

app_name = "links"

urlpatterns = [path("<str:link_id>", views.show_link, name="link")]
