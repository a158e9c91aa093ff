"""The category tree, with the number of published articles of each category and its descendants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from catalogue.columns.following import column_table
from catalogue.columns.table import ColumnTable, Tree
from catalogue.models import Category
from catalogue.text_search.names import Names, names


@dataclass
class Branch:
    """A category and its children."""

    category: Category
    # Published articles of the category and its descendants.
    count: int
    children: list[Branch] = field(default_factory=list)


@lru_cache(maxsize=2)
def tree_of(known: Names) -> Tree:
    """Return the category tree, as the column table takes it; the same one as long as the names are."""
    by_path = {path: key for key, path in known.paths.items()}
    steps = {path: range(Category.steplen, len(path) + 1, Category.steplen) for path in by_path}
    return Tree(
        {
            key: tuple(by_path[path[:step]] for step in steps[path] if path[:step] in by_path)
            for key, path in known.paths.items()
        }
    )


def category_tree(table: ColumnTable | None = None) -> list[Branch]:
    """Return the root categories with their descendants, in tree order: by a column table, or as articles are now."""
    known, table = names(), column_table() if table is None else table
    totals = table.count_categories(table.every(), tree_of(known))
    roots: list[Branch] = []
    # The path from a root to the previous category: rows come in depth-first order.
    above: list[Branch] = []
    for category in known.categories:
        branch = Branch(category, totals.get(category.pk, 0))
        del above[category.depth - 1 :]
        (above[-1].children if above else roots).append(branch)
        above.append(branch)
    return roots


def in_use(branches: list[Branch]) -> list[Branch]:
    """Return the branches with at least one article, recursively."""
    return [Branch(branch.category, branch.count, in_use(branch.children)) for branch in branches if branch.count]


def walk(branches: list[Branch]) -> Iterator[Branch]:
    """Yield branches depth-first, parents before children."""
    for branch in branches:
        yield branch
        yield from walk(branch.children)
