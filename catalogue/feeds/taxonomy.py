"""Categories, brands and colours by the names that a source gives them.

A brand or colour is its name, a category its whole path of names (`catalogue.naming.name_key` says which names are the
same). Slugs are derived from names and are no identity: different names may give the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.text import slugify

from catalogue.feeds.rows import TaxonomyRow
from catalogue.models import Brand, Category, Colour, Named
from catalogue.naming import derive_slug, name_key, unique_slug

Term = TypeVar("Term", Brand, Colour)

SLUG_AT_MOST = 100


@dataclass(frozen=True)
class NewTerm:
    """A category, brand or colour that an import adds."""

    # "category", "brand" or "colour".
    kind: str
    # A category with those above it, as in "Women > Dresses".
    name: str


class Terms:
    """Finds terms by name, or makes them. Call it within a transaction."""

    def __init__(self) -> None:
        # Made and not taken yet; taken last; taken ever.
        self._new: list[NewTerm] = []
        self._taken: list[NewTerm] = []
        self._told: set[NewTerm] = set()
        # The last category that was there before: a single name may stand for one of those wherever in the tree.
        self._last_category = max(Category.objects.values_list("pk", flat=True), default=0)
        self.forget()

    def forget(self) -> None:
        """Read everything again: the transaction was rolled back, so what was made in it is not there."""
        self._categories: _Categories | None = None
        self._terms: dict[type[Named], dict[str, Named]] = {}
        self._new = []

    def fail(self) -> None:
        """Like `forget`, where the same rows are written once more."""
        self._told.difference_update(self._taken)
        self.forget()

    def take_new(self) -> tuple[NewTerm, ...]:
        """Return what was made since the last call, each once: a dry run makes the terms again in each transaction."""
        self._taken = [term for term in self._new if term not in self._told]
        self._told.update(self._taken)
        self._new = []
        return tuple(self._taken)

    def said(self, field: str, value: Any) -> str:
        """Return the value of an article's field for people: a category or a brand by its name."""
        if value is None:
            return ""
        if field == "category_id":
            return self._tree().path_of_id(value)
        if field == "brand_id":
            return next((row.name for row in self._known(Brand).values() if row.pk == value), "")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def brand(self, term: str | TaxonomyRow) -> Brand:
        return self._term(Brand, _row(term))

    def colour(self, term: str | TaxonomyRow) -> Colour:
        return self._term(Colour, _row(term))

    def category(self, path: tuple[str | TaxonomyRow, ...]) -> Category | None:
        """Return the category of this path, from the root of the tree; None for ().

        A single name is also a category below the root that was there before, if just one is called so.
        """
        rows = [_row(term) for term in path]
        tree = self._tree()
        if len(rows) == 1 and (known := tree.single(rows[0])):
            return known
        category: Category | None = None
        for row in rows:
            category = tree.child(category, row) or self._add_category(tree, row, below=category)
        return category

    def _tree(self) -> _Categories:
        if self._categories is None:
            self._categories = _Categories(self._last_category)
        return self._categories

    def _add_category(self, tree: _Categories, row: TaxonomyRow, *, below: Category | None) -> Category:
        slugs = [row.slug or _derived(row.name)]
        if below is not None:
            # The next best for the second of two that differ in those above them: homme-chaussures.
            slugs.append(f"{below.slug}-{slugs[0]}"[:SLUG_AT_MOST].strip("-_"))
        taken = {category.slug: category for category in Category.objects.filter(slug__in=slugs)}
        for category in taken.values():
            if tree.is_child(category, below) and name_key(category.name) == name_key(row.name):
                # Somebody else has made it meanwhile.
                tree.add(category)
                return category
        slug = next((slug for slug in slugs if slug not in taken), None) or _free_slug(Category, slugs[-1])
        values = {"name": row.name, "slug": slug, "name_fr": row.name_fr}
        if below is None:
            made: Category = Category.objects.add_root(values)
        else:
            # Read again: its row knows how many children it has by now.
            made = Category.objects.add_child(Category.objects.get(pk=below.pk), values)
        tree.add(made)
        self._new.append(NewTerm("category", tree.path_of(made)))
        return made

    def _term(self, model: type[Term], row: TaxonomyRow) -> Term:
        known = self._known(model)
        found = known.get(name_key(row.name))
        if isinstance(found, model):
            return found
        slug = row.slug or _derived(row.name)
        taken = model._default_manager.filter(slug=slug).first()
        if taken is not None and name_key(taken.name) == name_key(row.name):
            # Somebody else has made it meanwhile.
            known[name_key(row.name)] = taken
            return taken
        if taken is not None:
            slug = _free_slug(model, slug)
        more = {"hex": row.hex} if row.hex else {}
        made = model._default_manager.create(name=row.name, name_fr=row.name_fr, slug=slug, **more)
        known[name_key(row.name)] = made
        self._new.append(NewTerm("brand" if model is Brand else "colour", row.name))
        return made

    def _known(self, model: type[Named]) -> dict[str, Named]:
        if model not in self._terms:
            rows = list(model._default_manager.order_by("-pk"))
            # The oldest of those that are called alike, by its own name before another one's French name.
            known = {name_key(row.name_fr): row for row in rows if row.name_fr}
            known |= {name_key(row.name): row for row in rows}
            self._terms[model] = known
        return self._terms[model]


class _Categories:
    """The tree of categories by name."""

    def __init__(self, last: int) -> None:
        """`last`: the largest pk of a category that a single name may stand for wherever in the tree it is."""
        self._last = last
        self._children: defaultdict[str, dict[str, Category]] = defaultdict(dict)
        self._by_path: dict[str, Category] = {}
        self._by_id: dict[int, Category] = {}
        self._anywhere: defaultdict[str, list[Category]] = defaultdict(list)
        # In the tree's order, so that the first of those that are called alike is found.
        for category in Category.objects.order_by("path"):
            self.add(category)

    def add(self, category: Category) -> None:
        path: str = category.path
        self._by_path[path] = self._by_id[category.pk] = category
        siblings = self._children[path[: -Category.steplen]]
        for number, key in enumerate(_keys(category)):
            # Its name counts before the French name or the slug of another one.
            if key not in siblings or (number == 0 and name_key(siblings[key].name) != key):
                siblings[key] = category
            if category.pk <= self._last:
                self._anywhere[key].append(category)

    def child(self, above: Category | None, row: TaxonomyRow) -> Category | None:
        """Return the category of this name directly below another, or at the root."""
        return self._children[above.path if above else ""].get(name_key(row.name))

    def is_child(self, category: Category, above: Category | None) -> bool:
        path: str = category.path
        return path[: -Category.steplen] == (above.path if above else "")

    def single(self, row: TaxonomyRow) -> Category | None:
        """Return the category that a single name stands for."""
        if found := self.child(None, row):
            return found
        called_so = {category.pk: category for category in self._anywhere[name_key(row.name)]}
        return next(iter(called_so.values())) if len(called_so) == 1 else None

    def path_of_id(self, pk: int) -> str:
        category = self._by_id.get(pk)
        return self.path_of(category) if category else ""

    def path_of(self, category: Category) -> str:
        steps = range(Category.steplen, len(category.path) + 1, Category.steplen)
        return " > ".join(self._by_path[category.path[:step]].name for step in steps)


def _keys(category: Category) -> list[str]:
    """Return what a category is called: its name, its French name, and a slug that staff chose.

    A slug that was derived from the name is none of its own: that of "H&M" may be what another category is called.
    """
    keys = [name_key(category.name)]
    if category.name_fr:
        keys.append(name_key(category.name_fr))
    derived = {slugify(category.name), _derived(category.name)}
    # As it is derived where another one has it: homme-chaussures, chaussures-2.
    made = any(re.fullmatch(rf"(?:.+-)?{re.escape(slug)}(?:-\d+)?", category.slug) for slug in derived if slug)
    if not made or category.slug == keys[0].replace(" ", "-"):
        keys.append(category.slug)
    return list(dict.fromkeys(keys))


def _free_slug(model: type[Named], slug: str) -> str:
    return unique_slug(slug, at_most=SLUG_AT_MOST, taken=lambda text: model._default_manager.filter(slug=text).exists())


def _derived(name: str) -> str:
    return derive_slug(name, at_most=SLUG_AT_MOST, default="name")


def _row(term: str | TaxonomyRow) -> TaxonomyRow:
    return TaxonomyRow(term) if isinstance(term, str) else term
