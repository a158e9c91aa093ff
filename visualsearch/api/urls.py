"""URLs below /api/ of search by photo."""

from __future__ import annotations

from django.urls import path

from visualsearch.api import batches, feedback, links, views, webhooks

urlpatterns = [
    path("predict", views.PredictView.as_view(), name="api-predict"),
    path("search", views.SearchView.as_view(), name="api-search"),
    path("articles/<int:pk>/similar", views.SimilarView.as_view(), name="api-article-similar"),
    path("batches", batches.BatchListView.as_view(), name="api-batches"),
    path("batches/<uuid:pk>", batches.BatchView.as_view(), name="api-batch"),
    path("batches/<uuid:pk>/cancel", batches.CancelView.as_view(), name="api-batch-cancel"),
    path("batches/<uuid:pk>/results", batches.ResultsView.as_view(), name="api-batch-results"),
    path("webhook-secret", webhooks.WebhookSecretView.as_view(), name="api-webhook-secret"),
    path("links", links.LinksView.as_view(), name="api-links"),
    path("feedback", feedback.FeedbackView.as_view(), name="api-feedback"),
    path("health", views.HealthView.as_view(), name="api-health"),
    path("health/live", views.LiveView.as_view(), name="api-health-live"),
    path("health/ready", views.ReadyView.as_view(), name="api-health-ready"),
]
