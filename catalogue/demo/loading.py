"""Brings the demo assortment into the catalogue: rows and photos, article by article.

Articles are known by their sku and photos by their position, so that loading again, also after it was killed or with a
version whose pictures are others, adds only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.text import slugify

from catalogue.demo.assortment import PICTURES, DemoArticle, read_assortment
from catalogue.models import Article, Brand, Category, Colour, Photo, article_slug, photo_path, photo_storage
from catalogue.models.recording import Recording, continued
from catalogue.signals import photos_imported

# Articles of one commit: few enough that the first are for sale, and being embedded, while the others are stored.
BATCH_SIZE = 8


def missing(articles: Sequence[DemoArticle] | None = None) -> dict[str, tuple[int, ...]]:
    """Return the positions of the photos that each article lacks, by sku; articles that are complete are left out."""
    articles = read_assortment().articles if articles is None else articles
    stored: dict[str, set[int]] = {}
    rows = Photo.objects.filter(article__sku__in=[article.sku for article in articles])
    for sku, position in rows.values_list("article__sku", "position"):
        stored.setdefault(sku, set()).add(position)
    lacking = {
        article.sku: tuple(
            position for position in range(len(article.photos)) if position not in stored.get(article.sku, ())
        )
        for article in articles
    }
    return {sku: positions for sku, positions in lacking.items() if positions}


def load(articles: Sequence[DemoArticle] | None = None) -> Iterator[int]:
    """Add what the catalogue lacks of the articles, yielding the number of photos added after each commit.

    Without an argument these are all articles of the demo shop. They are committed together with their photos, a few at
    a time, and `photos_imported` is sent after each commit.
    """
    articles = read_assortment().articles if articles is None else articles
    lacking = missing(articles)
    if not lacking:
        return
    # One change, that can be looked at and taken back as one.
    recorded = Recording("command")
    terms = _Terms()
    incomplete = iter([article for article in articles if article.sku in lacking])
    while batch := list(islice(incomplete, BATCH_SIZE)):
        stored = [(demo, _stored(demo, lacking[demo.sku])) for demo in batch]
        with transaction.atomic(), continued(recorded):
            for demo, photos in stored:
                article = terms.article(demo)
                for photo in photos:
                    photo.article = article
            photos = [photo for _, photos in stored for photo in photos]
            Photo.objects.bulk_create(photos)
        photos_imported.send_robust(sender=Photo, photo_ids=[photo.pk for photo in photos])
        yield len(photos)


def _stored(demo: DemoArticle, positions: Sequence[int]) -> list[Photo]:
    """Put photos into their store as they are, and return their rows, not yet written and without an article."""
    photos = []
    for position in positions:
        name = demo.photos[position]
        content = (PICTURES / name).read_bytes()
        photo = Photo(position=position, sha256=hashlib.sha256(content).hexdigest())
        photo.file = photo_storage().save(photo_path(photo, name), ContentFile(content))
        photos.append(photo)
    return photos


class _Terms:
    """The categories, brands and colours of the demo shop, made where they are missing."""

    def __init__(self) -> None:
        self._categories: dict[str, Category] = {}
        for department in read_assortment().departments:
            parent = self._category(department.slug, department.name, department.name_fr, below=None)
            for child in department.below:
                self._categories[child.slug] = self._category(child.slug, child.name, child.name_fr, below=parent)
        self._colours = {
            colour.slug: Colour.objects.get_or_create(
                slug=colour.slug, defaults={"name": colour.name, "name_fr": colour.name_fr, "hex": colour.hex}
            )[0]
            for colour in read_assortment().colours
        }
        self._brands: dict[str, Brand] = {}

    def article(self, demo: DemoArticle) -> Article:
        """Return the article's row, made if it is missing and left as it is otherwise."""
        if demo.brand not in self._brands:
            self._brands[demo.brand], _ = Brand.objects.get_or_create(
                slug=slugify(demo.brand), defaults={"name": demo.brand}
            )
        article, new = Article.objects.get_or_create(
            sku=demo.sku,
            defaults={
                "name": demo.name,
                "name_fr": demo.name_fr,
                "slug": article_slug(demo.name),
                "description": demo.description,
                "description_fr": demo.description_fr,
                "category": self._categories[demo.category],
                "brand": self._brands[demo.brand],
                "price": demo.price,
                "currency": "EUR",
                "sizes": list(demo.sizes),
                "stock": demo.stock,
            },
        )
        if new:
            article.colours.set(self._colours[slug] for slug in demo.colours)
        return article

    def _category(self, slug: str, name: str, name_fr: str, *, below: Category | None) -> Category:
        found: Category | None = Category.objects.filter(slug=slug).first()
        if found is not None:
            return found
        values = {"slug": slug, "name": name, "name_fr": name_fr}
        # Read again: its row knows how many children it has by now.
        parent = below and Category.objects.get(pk=below.pk)
        added: Category = Category.objects.add_child(parent, values) if parent else Category.objects.add_root(values)
        return added
