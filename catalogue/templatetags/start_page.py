"""The admin's start page: what there is to do, where an empty shop begins, and all pages in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article
from catalogue.todos import todos_of

register = template.Library()

# The pages by the model they are of, in the order in which they are shown; others stand with the rest of their app.
SECTIONS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("catalogue", _("Products"), ("Article", "Category", "Brand", "Colour", "ChangeSet", "BinnedArticle")),
    ("imports", _("Adding many products"), ("ImportRun", "ScheduledFeed", "PhotoSource", "Pile")),
    ("visualsearch", _("Search by photo"), ("NearDuplicate", "ModelFailure", "LabelMapping")),
    ("staff", _("Staff"), ("User", "Group")),
    (
        "developers",
        _("For developers"),
        ("ApiClient", "WebhookAttempt", "ApiToken", "AccessAttempt", "AccessFailureLog", "AccessLog"),
    ),
)


@register.inclusion_tag("admin/todos.html", takes_context=True)
def todos(context: template.Context) -> dict[str, Any]:
    """Show what there is to do; of an empty shop, how it is filled."""
    user = context["request"].user
    sees_articles = user.has_perm("catalogue.view_article") or user.has_perm("catalogue.change_article")
    return {
        "todos": list(todos_of(user)),
        "sees_articles": sees_articles,
        "empty": sees_articles and not Article.objects.exists(),
        "perms": context["perms"],
        "visual_search": context.get("visual_search"),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("admin/sections.html")
def sections(app_list: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Show the pages that a user may open, in groups that do not depend on the apps that they are of."""
    place = {name: (key, number) for key, _title, names in SECTIONS for number, name in enumerate(names)}
    found: dict[str, list[tuple[int, Mapping[str, Any]]]] = {key: [] for key, *_ in SECTIONS}
    for app in app_list:
        other = app["app_label"] if app["app_label"] in found else "developers"
        # What only owners see is of no use to other staff.
        of_owners = getattr(apps.get_app_config(app["app_label"]), "owner_models", ())
        for model in app["models"]:
            rest = "developers" if model["object_name"].lower() in of_owners else other
            key, number = place.get(model["object_name"], (rest, len(place)))
            found[key].append((number, model))
    return {
        "sections": [
            {"key": key, "title": title, "models": [model for _place, model in sorted(found[key], key=_first)]}
            for key, title, _names in SECTIONS
            if found[key]
        ]
    }


def _first(entry: tuple[int, Any]) -> int:
    return entry[0]
