"""Categories, brands and colours by the names that a source gives them."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from django.utils.text import slugify

from catalogue.models import Brand, Category, Colour, Named

Term = TypeVar("Term", Brand, Colour)


def term_slug(name: str) -> str:
    """Return the slug of a term of this name. A name without a Latin letter or digit gets a number made from it."""
    slug = slugify(name)[:100].strip("-_")
    return slug or f"name-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


class Terms:
    """Finds terms by slug, or makes them; each is looked up once. To be used within a transaction."""

    def __init__(self) -> None:
        self._found: dict[tuple[type[Named], str], Named] = {}

    def forget(self) -> None:
        """Forget what was found: after a transaction that failed, some of it may not be there."""
        self._found.clear()

    def brand(self, name: str) -> Brand:
        return self._term(Brand, name)

    def colour(self, name: str) -> Colour:
        return self._term(Colour, name)

    def category(self, path: tuple[str, ...]) -> Category | None:
        """Return the category at the end of `path`. One that exists is taken wherever in the tree it is."""
        category: Category | None = None
        for name in path:
            category = self._category(name, below=category)
        return category

    def _category(self, name: str, *, below: Category | None) -> Category:
        slug = term_slug(name)
        found = self._found.get((Category, slug)) or Category.objects.filter(slug=slug).first()
        if not isinstance(found, Category):
            found = self._add_category({"name": name, "slug": slug}, below=below)
        self._found[Category, slug] = found
        return found

    def _add_category(self, values: dict[str, str], *, below: Category | None) -> Category:
        if below is None:
            made: Category = Category.objects.add_root(values)
        else:
            # Read again: its row knows how many children it has by now.
            made = Category.objects.add_child(Category.objects.get(pk=below.pk), values)
        return made

    def _term(self, model: type[Term], name: str) -> Term:
        slug = term_slug(name)
        found = self._found.get((model, slug))
        if not isinstance(found, model):
            found, _ = model._default_manager.get_or_create(slug=slug, defaults={"name": name})
            self._found[model, slug] = found
        return found
