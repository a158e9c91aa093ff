"""The home page: the newest articles, the categories, and a note about the demo. No picture is shown twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.browsing.offers import Offer, published_offer
from catalogue.browsing.tree import Branch, category_tree, in_use
from catalogue.columns.table import ColumnTable
from catalogue.demo.assortment import read_assortment
from catalogue.demo.loading import loaded
from catalogue.demo.photographed import DATASET_URL, LICENCE_URL, read_photographed
from catalogue.models import Article, Photo
from catalogue.models.querysets import ArticleQuerySet

NEWEST_SHOWN = 8
COLLAGE = 3
# Of each category: the newest articles that are looked at, and those whose photos are fetched.
NEWEST_OF_EACH, ILLUSTRATIONS = 24, 2
# The newest articles that are looked through for pictures that are not shown yet.
LOOKED_THROUGH = 3 * (NEWEST_SHOWN + COLLAGE)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    offer = published_offer()
    return render(request, "catalogue/home.html", {**pictures(offer), "demo": demo_shown(offer.table)})


class Shown:
    """The pictures that a page shows. Two photos of the same bytes are one picture."""

    def __init__(self) -> None:
        self._digests: set[str] = set()

    def first_new(self, photos: Iterable[Photo]) -> Photo | None:
        """Return the first of the photos whose picture is not shown yet, and count it as shown; None without one."""
        for photo in photos:
            if photo.sha256 not in self._digests:
                self._digests.add(photo.sha256)
                return photo
        return None


def pictures(offer: Offer) -> dict[str, Any]:
    """Return the newest articles, the categories with a picture each, and the pictures beside the page's heading.

    The newest come first: they have their own first photo. Where most categories have no other picture, none has one,
    and where too few are left for the heading it has none.
    """
    shown = Shown()
    recent, newest, passed_over = recent_articles(), list[Article](), list[Article]()
    while len(newest) < NEWEST_SHOWN and (article := next(recent, None)):
        (newest if shown.first_new(article.photos.all()[:1]) else passed_over).append(article)
    branches = in_use(category_tree(offer.table))
    tiles = [(branch, shown.first_new(photos)) for branch, photos in candidates(offer, branches, newest)]
    others = chain(passed_over, recent, newest)
    collage = list(islice(filter(None, (shown.first_new(article.photos.all()) for article in others)), COLLAGE))
    return {
        "newest": newest,
        "categories": tiles,
        "categories_illustrated": 2 * sum(photo is not None for _, photo in tiles) >= len(tiles),
        "collage": collage if len(collage) == COLLAGE else [],
        "empty": not newest and not len(offer.table),
    }


def recent_articles() -> Iterator[Article]:
    """Yield the newest articles to be looked through: those that are needed, and the others if pictures repeat."""
    rows = illustrated().order_by("-created", "-pk").for_display()
    first = list(rows[: NEWEST_SHOWN + COLLAGE])
    yield from first
    if len(first) == NEWEST_SHOWN + COLLAGE:
        yield from rows[len(first) : LOOKED_THROUGH]


def newest() -> list[Article]:
    """Return the newest published articles that have a name and a photo, at most NEWEST_SHOWN."""
    return list(illustrated().order_by("-created", "-pk").for_display()[:NEWEST_SHOWN])


def illustrated() -> ArticleQuerySet:
    """Return the published articles that have a name and a photo."""
    return Article.objects.published().exclude(name="").filter(Exists(Photo.objects.filter(article=OuterRef("pk"))))


def candidates(offer: Offer, branches: list[Branch], newest: list[Article]) -> Iterator[tuple[Branch, Iterable[Photo]]]:
    """Yield each branch with the photos that may illustrate it: of other articles than the newest, then of those.

    Three queries, and three for each branch whose newest articles have neither name nor photo.
    """
    table, shown = offer.table, [article.pk for article in newest]
    others = ~table.with_ids(shown)
    masks = [table.in_categories(offer.tree.with_those_below([branch.category.pk])) for branch in branches]
    lists = [table.newest_of(mask & others, NEWEST_OF_EACH) for mask in masks]
    keys = {key for each in lists for key in each}
    fit = set(illustrated().filter(pk__in=keys).order_by().values_list("pk", flat=True))
    chosen = [[key for key in each if key in fit][:ILLUSTRATIONS] for each in lists]
    found = Article.objects.for_display().in_bulk([key for each in chosen for key in each])
    for branch, keys_of_branch, mask in zip(branches, chosen, masks, strict=True):
        articles = [found[key] for key in keys_of_branch if key in found]
        in_branch = table.passing(mask, shown)
        articles += [article for article in newest if article.pk in in_branch]
        if not articles:
            further = illustrated().in_category(branch.category).order_by("-created", "-pk")
            articles = list(further.for_display()[:1])
        yield branch, [photo for article in articles for photo in article.photos.all()]


@lru_cache(maxsize=1)
def demo_shown(table: ColumnTable) -> dict[str, Any]:
    """Return which demos the shop shows articles of, and where their photos are from; empty if of none.

    Asked once for a table: as long as that is the same, no article has changed.
    """
    drawn, photographed = (
        loaded(articles).published().exists() for articles in (read_assortment().articles, read_photographed().articles)
    )
    if not (drawn or photographed):
        return {}
    return {"drawn": drawn, "photographed": photographed, "dataset": DATASET_URL, "licence": LICENCE_URL}
