"""Reads of the catalogue, to be chained."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Self, cast

from django.apps import apps
from django.db import connections, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.sql import Query
from django.utils import timezone

from catalogue.messages import Message
from catalogue.models.jobs import LeasedQuerySet
from catalogue.models.recording import RecordedQuerySet, current, edit_of
from catalogue.signals import photos_binned, photos_imported

if TYPE_CHECKING:
    from catalogue.models.articles import Article, Category
    from catalogue.models.photos import Photo, PhotoSource


# Why a picture of an article in the bin is not fetched, as Message.as_json() has it.
IN_BIN = Message.of("fetch.in_bin").as_json()
# Also what is not counted.
IN_STOCK = Q(stock__isnull=True) | Q(stock__gt=0)
# Of articles: what lists of them do not show.
NOT_DISPLAYED = ("description", "description_fr", "sizes", "created", "updated")
# Rows of a statement: SQLite takes 32,766 parameters in some builds.
ROWS_AT_ONCE = 2_000


class ArticleQuerySet(RecordedQuerySet["Article"]):
    """Articles."""

    def binned(self) -> ArticleQuerySet:
        """Keep those in the bin."""
        return self.filter(deleted__isnull=False)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Put the articles into the bin with their photos, which search by photo no longer finds."""
        with transaction.atomic():
            keys = list(self.order_by("pk").values_list("pk", flat=True))
            found = sum(self._bin(keys[start : start + ROWS_AT_ONCE]) for start in range(0, len(keys), ROWS_AT_ONCE))
        return found, {self.model._meta.label: found}

    delete.alters_data = True  # type: ignore[attr-defined]  # as Django's own
    delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's own

    def _bin(self, keys: list[int]) -> int:
        rows = list(self.model.all_objects.filter(pk__in=keys, deleted=None).order_by("pk").select_for_update())
        held, now = [row.pk for row in rows], timezone.now()
        photos = _photos().objects.filter(article__in=held)
        _let_go(photos)
        photos.update(deleted=now)
        _sources().objects.waiting().filter(article__in=held).update(due=None, error=IN_BIN)
        self.model.all_objects.filter(pk__in=held).update(deleted=now, updated=now)
        current().add(edit_of(row, "binned") for row in rows)
        return len(rows)

    def restore(self) -> set[int]:
        """Bring articles back from the bin with their photos, which search by photo finds again soon after.

        Returns the ids of those whose SKU another article has: they stay.
        """
        stay: set[int] = set()
        with transaction.atomic():
            # Of two with one SKU the one that was deleted last.
            keys = list(self.binned().order_by("-deleted", "-pk").values_list("pk", flat=True))
            for start in range(0, len(keys), ROWS_AT_ONCE):
                stay |= self._restore(keys[start : start + ROWS_AT_ONCE])
        return stay

    restore.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def _restore(self, keys: list[int]) -> set[int]:
        rows = list(self.model.all_objects.binned().filter(pk__in=keys).order_by("pk").select_for_update())
        order = {key: place for place, key in enumerate(keys)}
        rows.sort(key=lambda row: order[row.pk])
        taken = set(self.model.objects.filter(sku__in=[row.sku for row in rows]).values_list("sku", flat=True))
        back: list[Article] = []
        for row in rows:
            if row.sku not in taken:
                taken.add(row.sku)
                back.append(row)
        held = [row.pk for row in back]
        photos = _photos().all_objects.filter(article__in=held, deleted=F("article__deleted"))
        photo_ids = list(photos.values_list("pk", flat=True))
        _photos().all_objects.filter(pk__in=photo_ids).update(deleted=None)
        now = timezone.now()
        _sources().objects.filter(article__in=held, error__code=IN_BIN["code"]).update(due=now, attempts=0, error=None)
        self.model.all_objects.filter(pk__in=held).update(deleted=None, updated=now)
        current().add(edit_of(row, "restored") for row in back)
        _announce(photo_ids)
        return {row.pk for row in rows} - set(held)

    def purge(self) -> int:
        """Delete articles for good, with the files of their photos. Returns how many."""
        found = [row.pk for row in self]
        super(ArticleQuerySet, self.model.all_objects.filter(pk__in=found)).delete()
        return len(found)

    purge.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def without_photos(self, *, of_all: bool = False) -> ArticleQuerySet:
        """Keep those that have no photo but in the bin. `of_all`: of the whole catalogue, not of a few articles."""
        if of_all and connections[self.db].vendor == "sqlite":
            # A list that is made once. An EXISTS runs for each article, which takes nine times as long for 100,000
            # (0.2 s). PostgreSQL joins where there is an EXISTS, and may read a long list for each row.
            return self.exclude(pk__in=_photos().objects.order_by().values("article"))
        return self.filter(~Exists(_photos().objects.filter(article=OuterRef("pk"))))

    def with_proposals(self) -> ArticleQuerySet:
        """Keep those of which something was proposed from their photos, and nobody has confirmed it."""
        return self.exclude(proposed=[])

    def published(self) -> ArticleQuerySet:
        return self.filter(published=True)

    def colour_variants(self, article: Article) -> ArticleQuerySet:
        """Keep the other articles with the style number of this one; without one, none."""
        if not article.style_number:
            return self.none()
        return self.filter(style_number=article.style_number).exclude(pk=article.pk)

    def in_category(self, category: Category) -> ArticleQuerySet:
        """Keep the articles of a category and of every one below, also where it is an additional one."""
        return self.in_any_category([category])

    def in_any_category(self, categories: Iterable[Category]) -> ArticleQuerySet:
        """Keep the articles of any of these categories and those below them."""
        below = Q(pk__in=[])
        for category in categories:
            below |= Q(path__startswith=category.path)
        # Lists of ids, made once, which indexes of articles are read by. The beginning of a path that is joined has
        # none, and an EXISTS would run for every article.
        keys = self.model.category.field.related_model._default_manager.filter(below).order_by().values("pk")
        listed = self.model.additional_categories.through.objects.filter(category__in=keys).values("article")
        return self.filter(Q(category__in=keys) | Q(pk__in=listed))

    def in_stock(self) -> ArticleQuerySet:
        return self.filter(IN_STOCK)

    def for_page(self) -> ArticleQuerySet:
        """Fetch with them, in a fixed number of queries, what an article's own page shows."""
        return self._illustrated().prefetch_related("variants__colour")

    def for_display(self) -> ArticleQuerySet:
        """Fetch with them, in a fixed number of queries, what a list of articles shows; no longer texts."""
        return self._illustrated().defer(*NOT_DISPLAYED)

    def _illustrated(self) -> ArticleQuerySet:
        return self.select_related("category", "brand").prefetch_related("photos")


class PhotoQuerySet(RecordedQuerySet["Photo"]):
    """Photos."""

    def of_published_articles(self) -> PhotoQuerySet:
        return self.filter(article__published=True)

    def binned(self) -> PhotoQuerySet:
        """Keep those in the bin."""
        return self.filter(deleted__isnull=False)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Put the photos into the bin. An address that one came from is forgotten, until an import names it again."""
        with transaction.atomic():
            rows = list(self.order_by("pk"))
            live = self.model.objects.filter(pk__in=[row.pk for row in rows])
            _let_go(live)
            _sources().objects.filter(photo__in=live).delete()
            found = live.update(deleted=timezone.now())
            current().add(edit_of(row, "binned", {"file": [row.file.name, None]}) for row in rows)
        return found, {self.model._meta.label: found}

    delete.alters_data = True  # type: ignore[attr-defined]  # as Django's own
    delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's own

    def restore(self) -> int:
        """Bring photos back from the bin, and return how many. Search by photo finds them again soon after."""
        with transaction.atomic():
            rows = list(self.binned().order_by("pk"))
            keys = [row.pk for row in rows]
            self.model.all_objects.filter(pk__in=keys).update(deleted=None)
            current().add(edit_of(row, "restored", {"file": [None, row.file.name]}) for row in rows)
            _announce(keys)
        return len(rows)

    restore.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def bin_files(self) -> None:
        """Keep the files that are about to be replaced, each in a row of its own in the bin, for an undo.

        Call it in the transaction that replaces them, before it does.
        """
        now = timezone.now()
        copies = [
            self.model(
                article_id=row.article_id, file=row.file.name, sha256=row.sha256, position=row.position, alt=row.alt,
                deleted=now,
            )
            for row in self
        ]  # fmt: skip
        # Django's own: the row is no new photo.
        plain: models.QuerySet[Photo] = models.QuerySet(self.model)
        plain.bulk_create(copies)

    def purge(self) -> int:
        """Delete photos for good, with their files. Returns how many."""
        found = [row.pk for row in self]
        super(PhotoQuerySet, self.model.all_objects.filter(pk__in=found)).delete()
        return len(found)

    purge.alters_data = True  # type: ignore[attr-defined]  # as Django's own


@cache
def _live(model: type[models.Model]) -> Query:
    """Return the query of what is not in the bin. A copy costs a tenth of building it, which each relation asks for."""
    return models.QuerySet(model).filter(deleted__isnull=True).query


_Articles = models.Manager.from_queryset(ArticleQuerySet)
_Photos = models.Manager.from_queryset(PhotoQuerySet)


class LiveArticles(_Articles["Article"]):
    """Articles that are not in the bin."""

    def get_queryset(self) -> ArticleQuerySet:
        articles = cast(ArticleQuerySet, super().get_queryset())
        articles.query = _live(self.model).clone()
        return articles


class BinnedArticles(_Articles["Article"]):
    """Articles in the bin."""

    def get_queryset(self) -> ArticleQuerySet:
        articles = cast(ArticleQuerySet, super().get_queryset())
        return articles.binned()


class LivePhotos(_Photos["Photo"]):
    """Photos that are not in the bin."""

    def get_queryset(self) -> PhotoQuerySet:
        photos = cast(PhotoQuerySet, super().get_queryset())
        photos.query = _live(self.model).clone()
        return photos


def _photos() -> type[Photo]:
    return apps.get_model("catalogue.Photo")


def _sources() -> type[PhotoSource]:
    return apps.get_model("catalogue.PhotoSource")


def _let_go(photos: PhotoQuerySet) -> None:
    """Send photos_binned, for what was derived from these photos to be removed. Within the transaction."""
    photo_ids = list(photos.order_by("pk").values_list("pk", flat=True))
    if photo_ids:
        photos_binned.send(sender=_photos(), photo_ids=photo_ids)


def _announce(photo_ids: list[int]) -> None:
    if photo_ids:
        transaction.on_commit(lambda: photos_imported.send_robust(sender=_photos(), photo_ids=photo_ids), robust=True)


class PhotoSourceQuerySet(LeasedQuerySet["PhotoSource"]):
    """Photos from addresses, by their state."""

    def waiting(self) -> Self:
        return self.filter(due__isnull=False)

    def fetched(self) -> PhotoSourceQuerySet:
        return self.filter(due__isnull=True, error__isnull=True)

    def failed(self) -> PhotoSourceQuerySet:
        return self.filter(due__isnull=True, error__isnull=False)
