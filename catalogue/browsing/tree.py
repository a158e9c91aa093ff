"""The category tree, with the number of published articles of each category and its descendants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count

from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet

# The many-to-many table of articles and their additional categories.
ADDITIONAL: Any = Article.additional_categories.through


@dataclass
class Branch:
    """A category and its children."""

    category: Category
    # Published articles of the category and its descendants.
    count: int
    children: list[Branch] = field(default_factory=list)


def count_by_path(articles: ArticleQuerySet) -> dict[str, int]:
    """Return the number of articles of each category and its descendants, by the category's path. Three queries.

    An article of several categories counts once in each, and once in every category above them.
    """
    totals: Counter[str] = Counter()
    # Counted by an index alone: 4 ms for 100,000 articles, where a join took 450 ms.
    counted = dict(articles.order_by().values_list("category").annotate(Count("pk")))
    for pk, path in Category.objects.values_list("pk", "path"):
        for above in _with_those_above(path):
            totals[above] += counted.get(pk, 0)
    listed = ADDITIONAL.objects.filter(article__in=articles.order_by())
    rows = listed.order_by("article").values_list("article", "article__category__path", "category__path")
    for _, of_one in groupby(rows.iterator(), key=itemgetter(0)):
        entries = list(of_one)
        known = set(_with_those_above(entries[0][1] or ""))
        totals.update({above for _, _, path in entries for above in _with_those_above(path)} - known)
    return totals


def _with_those_above(path: str) -> list[str]:
    """Return the paths of a category and of those above it, the root first."""
    return [path[:step] for step in range(Category.steplen, len(path) + 1, Category.steplen)]


def category_tree() -> list[Branch]:
    """Return the root categories with their descendants, in tree order. Four queries."""
    totals = count_by_path(Article.objects.published())
    roots: list[Branch] = []
    # The path from a root to the previous category: rows come in depth-first order.
    above: list[Branch] = []
    for category in Category.objects.order_by("path"):
        branch = Branch(category, totals.get(category.path, 0))
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
