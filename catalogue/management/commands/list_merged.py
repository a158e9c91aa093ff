"""Lists what imports of earlier versions may have merged: they took two names for one if their slugs were the same."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count, Q
from django.utils.text import slugify

from catalogue.management.printing import printable
from catalogue.models import Brand, Category, Colour, Named

# Of all articles but those in the bin.
LIVE = Count("articles", filter=Q(articles__deleted=None))


class Command(BaseCommand):
    """Lists the terms that look merged; changes nothing."""

    help = (
        "List the categories, brands and colours in which an earlier version may have merged several names. Changes "
        "nothing: to put their articles right, import the file again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for model in (Category, Brand, Colour):
            for term in model._default_manager.annotate(number=LIVE).order_by("pk"):
                if reason := may_be_merged(term):
                    found += 1
                    said = f"{model._meta.model_name} {term.pk} “{term.name}” ({term.slug}), {term.number} articles: "
                    self.stdout.write(printable(said + reason))
        self.stdout.write(f"{found} to look at." if found else "No merged names found.")


def may_be_merged(term: Named) -> str:
    """Return why several names may have become this one; empty where its slug says as much as its name."""
    slug = slugify(term.name)
    if not slug:
        return "" if term.slug.startswith("name-") else "its name has no Latin letter, so that its slug was another's"
    lost = [sign for sign in term.name if sign.isalpha() and not slugify(sign)]
    if lost and term.slug == slug:
        return f"its slug leaves out {''.join(dict.fromkeys(lost))}"
    if isinstance(term, Category) and term.depth > 1 and term.slug == slug:
        return "articles of a category of this name below another one were filed here too"
    signs = [sign for sign in term.name if not sign.isalnum() and sign not in " -_"]
    if signs and term.slug == slug:
        return f"its slug leaves out {' '.join(dict.fromkeys(signs))}"
    return ""
