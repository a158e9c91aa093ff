"""What a caller may do: the one rule of the API, of pages and of pictures.

A right is a permission of Django, as in "catalogue.view_article". It is asked for by name, never by who is on the
staff: who lacks it sees what a stranger sees. A token has of its user's rights those that it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from catalogue.models import ApiToken, Article
from catalogue.models.querysets import ArticleQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What the API asks for, so what a token may name, each with what it is for. Other apps add theirs.
API_RIGHTS: dict[str, StrPromise] = {
    "catalogue.view_article": _("Read hidden products"),
    "catalogue.add_article": _("Add products"),
    "catalogue.change_article": _("Change products, and read hidden ones"),
    "catalogue.delete_article": _("Put products into the bin"),
    "catalogue.add_photo": _("Add photos to products"),
    "catalogue.change_photo": _("Change and reorder photos of products"),
    "catalogue.delete_photo": _("Delete photos of products"),
}


def register_rights(rights: dict[str, StrPromise]) -> None:
    """Let tokens name rights of another app that its API asks for."""
    API_RIGHTS.update(rights)


def rights_of(user: Any) -> list[str]:
    """Return which of the rights that the API asks for a user has."""
    return [right for right in API_RIGHTS if user.has_perm(right)]


def has_right(request: Any, right: str) -> bool:
    """Whether the active user of a request, of Django or of REST framework, has a right, and the token names it."""
    user, token = getattr(request, "user", None), getattr(request, "auth", None)
    within = not isinstance(token, ApiToken) or token.allows(right)
    return bool(within and user and user.is_active and user.has_perm(right))


def sees_hidden(request: Any) -> bool:
    """Whether the caller sees articles that are not published, and their photos. Who may change them does."""
    return has_right(request, "catalogue.view_article") or has_right(request, "catalogue.change_article")


def visible_articles(request: Any) -> ArticleQuerySet:
    """Return the articles that the caller sees, none of the bin."""
    return Article.objects.all() if sees_hidden(request) else Article.objects.published()
