"""Categories, brands and colours by the names that a source gives them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TypeVar

from django.utils.text import slugify

from catalogue.feeds.rows import TaxonomyRow
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

    def brand(self, term: str | TaxonomyRow) -> Brand:
        return self._term(Brand, _row(term))

    def colour(self, term: str | TaxonomyRow) -> Colour:
        return self._term(Colour, _row(term))

    def category(self, path: tuple[str | TaxonomyRow, ...]) -> Category | None:
        """Return the category at the end of `path`. One that exists is taken wherever in the tree it is."""
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
            # Read again: its row knows how many children it has by now.
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
