"""URLs of the pages of search by photo."""

from __future__ import annotations

from django.urls import path

from visualsearch.web import views

app_name = "visualsearch"

urlpatterns = [
    path("", views.search, name="search"),
    path("share/", views.share, name="share"),
    path("feedback/", views.give_feedback, name="feedback"),
    path("apps/", views.apps, name="apps"),
]
