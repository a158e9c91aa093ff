"""Template tags that tell staff about their role: what it allows, and why buttons are missing."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models.options import Options
from django.utils.text import get_text_list
from django.utils.translation import pgettext

from catalogue import roles

register = template.Library()

# The most owners that are named.
NAMED = 3


@register.inclusion_tag("admin/role_note.html", takes_context=True)
def role_note(context: template.Context) -> dict[str, Any]:
    """Say on a model's pages what the reader may not do there, and who can help; on the index, what they may."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_active or user.is_superuser or context.get("is_popup"):
        return {}
    options = context.get("opts")
    if options is None:
        return {**role_of(user), "index": True} if "app_list" in context else {}
    missing = missing_verbs(user, options)
    if not missing:
        return {}
    needed = roles.least_role(f"{options.app_label}.{verb}_{options.model_name}" for verb in missing)
    words = {"add": pgettext("verb", "add"), "change": pgettext("verb", "change"), "delete": pgettext("verb", "delete")}
    return {**role_of(user), "missing": get_text_list([words[verb] for verb in missing]), "needed": needed}


def missing_verbs(user: Any, options: Options[Any]) -> list[str]:
    """Return what a user may not do with a model, of add, change and delete."""
    return [
        verb
        for verb in ("add", "change", "delete")
        if verb in options.default_permissions and not user.has_perm(f"{options.app_label}.{verb}_{options.model_name}")
    ]


@register.simple_tag
def role_context(user: Any) -> dict[str, Any]:
    """Return a user's role, and who the owners are, for the page that refuses something."""
    return role_of(user)


def role_of(user: Any) -> dict[str, Any]:
    named = [owner.get_full_name() or owner.username for owner in roles.owners()[:NAMED]]
    return {"role": roles.role_of(user), "owners": get_text_list(named)}
