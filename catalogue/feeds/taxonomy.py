"""Finds or creates the categories, brands and colours that a source names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TypeVar

from django.utils.text import slugify

from catalogue.feeds.rows import TaxonomyRow
from catalogue.models import Brand, Category, Colour, Named

Term = TypeVar("Term", Brand, Colour)


def term_slug(name: str) -> str:
    """Return the slug for a term's name, or a hash of the name if it has no Latin letter or digit."""
    slug = slugify(name)[:100].strip("-_")
    return slug or f"name-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


class Terms:
    """Finds terms by slug, or creates them; lookups are cached. Use it within a transaction."""

    def __init__(self) -> None:
        self._found: dict[tuple[type[Named], str], Named] = {}

    def forget(self) -> None:
        """Clear the cache: after a rollback, some of the cached rows may not exist."""
        self._found.clear()

    def brand(self, term: str | TaxonomyRow) -> Brand:
        return self._term(Brand, _row(term))

    def colour(self, term: str | TaxonomyRow) -> Colour:
        return self._term(Colour, _row(term))

    def category(self, path: tuple[str | TaxonomyRow, ...]) -> Category | None:
        """Return the category at the end of `path`, None if that is empty. An existing one is used wherever it is."""
        category: Category | None = None
        for term in path:
            category = self._category(_row(term), below=category)
        return category

    def _category(self, row: TaxonomyRow, *, below: Category | None) -> Category:
        found = self._found.get((Category, row.slug)) or Category.objects.filter(slug=row.slug).first()
        if not isinstance(found, Category):
            values = {"name": row.name, "slug": row.slug, "name_fr": row.name_fr}
            found = self._add_category(values, below=below)
        self._found[Category, row.slug] = found
        return found

    def _add_category(self, values: dict[str, str], *, below: Category | None) -> Category:
        if below is None:
            made: Category = Category.objects.add_root(values)
        else:
            # Reloaded: the number of children in the cached row may be out of date.
            made = Category.objects.add_child(Category.objects.get(pk=below.pk), values)
        return made

    def _term(self, model: type[Term], row: TaxonomyRow) -> Term:
        found = self._found.get((model, row.slug))
        if not isinstance(found, model):
            more = {"hex": row.hex} if row.hex else {}
            values = {"name": row.name, "name_fr": row.name_fr, **more}
            found, _ = model._default_manager.get_or_create(slug=row.slug, defaults=values)
            self._found[model, row.slug] = found
        return found


def _row(term: str | TaxonomyRow) -> TaxonomyRow:
    row = TaxonomyRow(term) if isinstance(term, str) else term
    return row if row.slug else replace(row, slug=term_slug(row.name))
