"""URLs of the catalogue's pages."""

from __future__ import annotations

from django.urls import path

from catalogue.web import home, views, wishes

app_name = "catalogue"

urlpatterns = [
    path("", home.home, name="home"),
    path("articles/", views.articles, name="articles"),
    path("articles/suggestions", views.suggestions, name="suggestions"),
    path("articles/cards", wishes.cards, name="cards"),
    path("articles/<slug:slug>-<int:pk>/", views.article, name="article"),
    path("categories/<slug:slug>/", views.category, name="category"),
    path("wish-list/", wishes.wish_list, name="wish_list"),
]

# Without a language prefix: one URL for both languages.
root_urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("media/<int:pk>/<str:digest>-<int:width>.<str:kind>", views.rendition, name="rendition"),
]
