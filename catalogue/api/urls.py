"""The catalogue's URLs below /api/. To be included last: its catch-all answers every other URL with 404."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from catalogue.api import photos, views

urlpatterns = [
    path("articles", views.ArticleListView.as_view(), name="api-articles"),
    path("articles/<int:pk>", views.ArticleView.as_view(), name="api-article"),
    path("articles/<int:pk>/photos", photos.PhotoListView.as_view(), name="api-photos"),
    path("articles/<int:pk>/photos/order", photos.PhotoOrderView.as_view(), name="api-photo-order"),
    path("articles/<int:pk>/photos/<int:photo_pk>", photos.PhotoView.as_view(), name="api-photo"),
    path("categories", views.CategoryListView.as_view(), name="api-categories"),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="api_docs.html", http_method_names=["get", "head"]
        ),
        name="api-docs",
    ),
    re_path("", views.NothingHereView.as_view()),
]
