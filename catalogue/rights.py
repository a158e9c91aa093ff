"""What a caller may do: the one rule of the API, of pages and of pictures.

A right is a permission of Django, as in "catalogue.view_article". It is asked for by name, never by who is on the
staff: who lacks it sees what a stranger sees.
"""

from __future__ import annotations

from typing import Any

from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet


def has_right(request: Any, right: str) -> bool:
    """Whether the active user of a request, of Django or of REST framework, has a right."""
    user = getattr(request, "user", None)
    return bool(user and user.is_active and user.has_perm(right))


def sees_hidden(request: Any) -> bool:
    """Whether the caller sees articles that are not published, and their photos. Who may change them does."""
    return has_right(request, "catalogue.view_article") or has_right(request, "catalogue.change_article")


def visible_articles(request: Any) -> ArticleQuerySet:
    """Return the articles that the caller sees, none of the bin."""
    return Article.objects.all() if sees_hidden(request) else Article.objects.published()
