"""What search by photo adds to the start page of staff: photos that failed, near-duplicates, searches without match."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from catalogue.models import Article
from catalogue.todos import SEES_ARTICLES, Source, list_address, register
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelFailure, NearDuplicate, Pile
from visualsearch.services import duplicates, versions

# Photos of searches that are shown on the start page.
PICTURES = 4


def with_failed_photos() -> QuerySet[Article]:
    """Return the articles of which a photo cannot be searched for; none while search is not available."""
    try:
        version = versions.serving_version()
    except SearchUnavailableError:
        return Article.objects.none()
    # From the failures, of which there are few: asked of each article, 100,000 take seconds.
    failures = version.failures.filter(photo_sha256=F("photo__sha256"), photo__deleted=None)
    return Article.objects.filter(pk__in=failures.values("photo__article"))


def photos_left() -> list[str]:
    """Return the addresses of the photos that shoppers left with their last searches without match."""
    newest = ModelFailure.objects.without_match().with_photo().values_list("pk", flat=True)[:PICTURES]
    return [reverse("admin:visualsearch_modelfailure_photo", args=[pk]) for pk in newest]


register(
    Source(
        "photos_failed",
        SEES_ARTICLES,
        with_failed_photos,
        lambda n: ngettext(
            "product has a photo that cannot be opened. Replace it.",
            "products have a photo that cannot be opened. Replace it.",
            n,
        ),
        lambda: list_address(Article, "search=failed"),
        urgent=True,
    ),
    Source(
        "piles",
        ("catalogue.add_article",),
        Pile.objects.to_add,
        lambda n: ngettext(
            "batch of photos is sorted. Check the products and add them.",
            "batches of photos are sorted. Check the products and add them.",
            n,
        ),
        lambda: list_address(Pile, "todo=yes"),
    ),
    Source(
        "near_duplicates",
        SEES_ARTICLES,
        duplicates.open_pairs,
        lambda n: ngettext(
            "pair of products looks the same. Are they one product?",
            "pairs of products look the same. Are they one product each?",
            n,
        ),
        lambda: list_address(NearDuplicate),
    ),
    Source(
        "searches_without_match",
        ("visualsearch.view_modelfailure",),
        ModelFailure.objects.without_match,
        lambda n: ngettext(
            "search by photo gave a customer nothing that matched.",
            "searches by photo gave customers nothing that matched.",
            n,
        ),
        lambda: list_address(ModelFailure, "kind__exact=not_similar"),
        pictures=photos_left,
    ),
)
