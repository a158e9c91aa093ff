"""Brings the demo assortment into the catalogue: rows and pictures, article by article.

Articles are known by their sku and photos by their position, so that loading again, also after it was killed, adds
only what is missing. The pictures are drawn by processes that know neither Django nor the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.text import slugify

from catalogue.demo.article import SHOP_COLOURS, DemoArticle
from catalogue.demo.assortment import ASSORTMENT, DEPARTMENTS
from catalogue.demo.darkroom import PhotoOrder, develop
from catalogue.demo.draw import SIZE, VIEWS
from catalogue.models import Article, Brand, Category, Colour, Photo, article_slug, photo_path, photo_storage
from catalogue.signals import photos_imported

# Articles of one commit: few enough that the first are for sale, and looked at by the worker, after a second or two.
BATCH_SIZE = 8


def missing(articles: Sequence[DemoArticle] = ASSORTMENT) -> dict[str, tuple[int, ...]]:
    """Return the positions of the photos that each article lacks, by sku; articles that are complete are left out."""
    there: dict[str, set[int]] = {}
    wanted = Photo.objects.filter(article__sku__in=[article.sku for article in articles])
    for sku, position in wanted.values_list("article__sku", "position"):
        there.setdefault(sku, set()).add(position)
    lacking = {
        article.sku: tuple(view for view in range(VIEWS) if view not in there.get(article.sku, ()))
        for article in articles
    }
    return {sku: views for sku, views in lacking.items() if views}


def load(
    articles: Sequence[DemoArticle] = ASSORTMENT, *, size: tuple[int, int] = SIZE, processes: int = 1
) -> Iterator[int]:
    """Add what the catalogue lacks of the articles, yielding the number of photos added after each commit.

    Articles are committed together with their photos, a few at a time, and `photos_imported` is sent after each
    commit. `size` is width and height in pixels. With one process the pictures are drawn in this one.
    """
    lacking = missing(articles)
    if not lacking:
        return
    terms = _Terms()
    by_sku = {article.sku: article for article in articles}
    drawn = develop([PhotoOrder(sku, views, size) for sku, views in lacking.items()], processes=processes)
    while batch := list(islice(drawn, BATCH_SIZE)):
        stored = [(by_sku[order.sku], _stored(order, pictures)) for order, pictures in batch]
        with transaction.atomic():
            for demo, photos in stored:
                article = terms.article(demo)
                for photo in photos:
                    photo.article = article
            photos = [photo for _, photos in stored for photo in photos]
            Photo.objects.bulk_create(photos)
        photos_imported.send_robust(sender=Photo, photo_ids=[photo.pk for photo in photos])
        yield len(photos)


def _stored(order: PhotoOrder, pictures: Sequence[bytes]) -> list[Photo]:
    """Put the pictures into the store of photos, and return their rows, not yet written and without an article."""
    photos = []
    for view, picture in zip(order.views, pictures, strict=True):
        photo = Photo(position=view, sha256=hashlib.sha256(picture).hexdigest())
        photo.file = photo_storage().save(photo_path(photo, "photo.jpg"), ContentFile(picture))
        photos.append(photo)
    return photos


class _Terms:
    """The categories, brands and colours of the demo shop, made where they are missing."""

    def __init__(self) -> None:
        self._categories: dict[str, Category] = {}
        for department in DEPARTMENTS:
            parent = self._category(department.slug, department.name, department.name_fr, below=None)
            for child in department.below:
                self._categories[child.slug] = self._category(child.slug, child.name, child.name_fr, below=parent)
        self._colours = {
            colour.slug: Colour.objects.get_or_create(
                slug=colour.slug, defaults={"name": colour.name, "name_fr": colour.name_fr, "hex": colour.hex}
            )[0]
            for colour in SHOP_COLOURS
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
