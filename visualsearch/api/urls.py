"""Addresses below /api/ that search by photo answers."""

from __future__ import annotations

from django.urls import path

from visualsearch.api import views

urlpatterns = [
    path("predict", views.PredictView.as_view(), name="api-predict"),
    path("search", views.SearchView.as_view(), name="api-search"),
    path("articles/<int:pk>/similar", views.SimilarView.as_view(), name="api-article-similar"),
    path("health", views.HealthView.as_view(), name="api-health"),
    path("health/live", views.LiveView.as_view(), name="api-health-live"),
    path("health/ready", views.ReadyView.as_view(), name="api-health-ready"),
]
