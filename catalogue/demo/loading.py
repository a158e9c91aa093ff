"""Brings articles of a demo into the catalogue: rows and photos, article by article.

There are two demos, the drawn one (assortment.py) and the photographed one (photographed.py). Each is loaded alone;
they share categories and colours. Articles are known by their sku and photos by their position, so that loading again,
also after it was killed or with a version whose pictures are others, adds only what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.text import slugify

from catalogue.demo.assortment import PICTURES, DemoArticle, read_assortment
from catalogue.models import Article, Brand, Category, Colour, Photo, article_slug, photo_path, photo_storage
from catalogue.models.querysets import ArticleQuerySet
from catalogue.models.recording import Recording, continued
from catalogue.signals import photos_imported

# Articles of one commit: few enough that the first are for sale, and being embedded, while the others are stored.
BATCH_SIZE = 8

# Returns the bytes of photos by their names; what cannot be had is left out.
Pictures = Callable[[Sequence[str]], Mapping[str, bytes]]


def drawn(names: Sequence[str]) -> dict[str, bytes]:
    """Return the drawn pictures of the project."""
    return {name: (PICTURES / name).read_bytes() for name in names}


def loaded(articles: Sequence[DemoArticle]) -> ArticleQuerySet:
    """Return those of the articles that the catalogue has; one with another name is staff's own by now."""
    return Article.objects.filter(sku__in=[one.sku for one in articles], name__in={one.name for one in articles})


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


def load(articles: Sequence[DemoArticle] | None = None, pictures: Pictures = drawn) -> Iterator[int]:
    """Add what the catalogue lacks of the articles, yielding the number of photos added after each commit.

    Without an argument these are all articles of the drawn demo. They are committed together with their photos, a few
    at a time, and `photos_imported` is sent after each commit. An article whose photos cannot be had is left out. Where
    a batch fails, nothing of it is kept, neither rows nor files.
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
        contents = pictures([demo.photos[position] for demo in batch for position in lacking[demo.sku]])
        photos: list[Photo] = []
        try:
            stored = [(demo, _store(demo, lacking[demo.sku], contents, photos)) for demo in batch]
            with transaction.atomic(), continued(recorded):
                for demo, of_article in stored:
                    if of_article:
                        article = terms.article(demo)
                    for photo in of_article:
                        photo.article = article
                Photo.objects.bulk_create(photos)
        except BaseException:
            for photo in photos:
                with suppress(OSError):
                    photo_storage().delete(str(photo.file.name))
            raise
        if photos:
            photos_imported.send_robust(sender=Photo, photo_ids=[photo.pk for photo in photos])
        yield len(photos)


def _store(
    demo: DemoArticle, positions: Sequence[int], contents: Mapping[str, bytes], photos: list[Photo]
) -> list[Photo]:
    """Put photos into their store as they are. Returns their rows, not yet written and without an article.

    Each is appended to `photos` once it is stored.
    """
    added = []
    for position in positions:
        name = demo.photos[position]
        if (content := contents.get(name)) is None:
            continue
        photo = Photo(position=position, sha256=hashlib.sha256(content).hexdigest())
        photo.file = photo_storage().save(photo_path(photo, name), ContentFile(content))
        photos.append(photo)
        added.append(photo)
    return added


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
        if demo.brand and demo.brand not in self._brands:
            self._brands[demo.brand], _ = Brand.objects.get_or_create(
                slug=slugify(demo.brand), defaults={"name": demo.brand}
            )
        article, new = Article.objects.get_or_create(
            sku=demo.sku,
            defaults={
                "style_number": demo.style_number,
                "name": demo.name,
                "name_fr": demo.name_fr,
                "slug": article_slug(demo.name),
                "description": demo.description,
                "description_fr": demo.description_fr,
                "category": self._categories[demo.category],
                "brand": self._brands.get(demo.brand),
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
