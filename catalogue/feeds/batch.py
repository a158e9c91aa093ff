"""One batch of an import: compares its rows with the database, and writes the differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from catalogue.feeds.filing import Filing
from catalogue.feeds.offers import ends_reduction
from catalogue.feeds.photo_addresses import AddressPlan, plan_addresses
from catalogue.feeds.photo_files import PhotoFile, check_photo_file, read_photo_file, store_photo_file
from catalogue.feeds.previews import Preview, RowPreview, row_preview
from catalogue.feeds.rows import ArticleRow, CellError, PhotoOrigin, RowError
from catalogue.feeds.taxonomy import Terms
from catalogue.feeds.variants import (
    VariantPlan,
    check_stock,
    plan_variants,
    said_variants,
    stored_variants,
    write_variants,
)
from catalogue.models import Article, Photo, PhotoSource, article_slug, photo_storage, total_stock
from catalogue.models.recording import current, plain
from catalogue.photos.validators import photo_limits


class ChangedMeanwhileError(DatabaseError):
    """The photos of an article changed after `prepare` read them; the batch is to be retried."""


@dataclass
class _Entry:
    """A row, the article it describes, and how the two differ."""

    row: ArticleRow
    article: Article
    new: bool
    # Names of the article's fields that differ.
    fields: set[str] = field(default_factory=set)
    # Each field that differs, its value before and after.
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    # Whether its colours or additional categories differ.
    refiled: bool = False
    # Whether the row's price is no longer below the article's regular price.
    ends_reduction: bool = False
    variants: VariantPlan = field(default_factory=VariantPlan)
    # Photos to create, to give a new file, to give a new position or alternative text, to delete.
    added: list[Photo] = field(default_factory=list)
    replaced: list[Photo] = field(default_factory=list)
    moved: list[Photo] = field(default_factory=list)
    gone: list[Photo] = field(default_factory=list)
    # The same for photos given by URL.
    addresses: AddressPlan = field(default_factory=AddressPlan)

    @property
    def differs(self) -> bool:
        photos = self.added or self.replaced or self.moved or self.gone
        return bool(self.fields or self.refiled or self.variants.differs or photos or self.addresses.differs)


class Batch:
    """The rows of one transaction: `prepare` checks and stores their photo files, `write` writes the rows."""

    def __init__(self, rows: list[ArticleRow], *, published: bool) -> None:
        self.refusals: list[RowError] = []
        self.created = self.changed = self.unchanged = 0
        # Set by `write`: ids of the photos with new bytes, and the number of pictures to fetch.
        self.photo_ids: list[int] = []
        self.awaited = 0
        # When the pictures to fetch are due.
        self._now = timezone.now()
        self._rows = rows
        self._published = published
        self._entries: list[_Entry] = []
        self._stored: list[str] = []
        # (pk, file, position) of each photo as `prepare` read it.
        self._read: set[tuple[int, str, int]] = set()
        # What each known article has that is proposed, by its id.
        self._known: dict[int, list[str]] = {}

    def prepare(self) -> None:
        """Load the existing articles, plan the changes of their photos, and store new photo files."""
        skus = [row.sku for row in self._rows]
        found = Article.objects.filter(sku__in=skus).prefetch_related(
            "photos", "colours", "photo_sources", "variants", "additional_categories"
        )
        kept = {article.sku: article for article in found}
        self._known = {article.pk: article.proposed for article in kept.values()}
        self._read = {
            (photo.pk, photo.file.name or "", photo.position)
            for article in kept.values()
            for photo in article.photos.all()
        }
        for row in self._rows:
            article = kept.get(row.sku)
            entry = _Entry(row, article or Article(sku=row.sku), new=article is None)
            try:
                check_stock(entry.article, row)
                entry.ends_reduction = ends_reduction(entry.article, row)
                if row.photo_urls is not None:
                    self._plan_addresses(entry, row.photo_urls)
                elif row.photos is not None:
                    self._prepare_photos(entry, row.photos)
            except CellError as error:
                self.refusals.append(RowError(row.line, row.sku, error.message))
            else:
                self._entries.append(entry)

    def write(self, terms: Terms) -> None:
        """Write every difference. Call it within a transaction.

        Raises ChangedMeanwhileError if photos changed since `prepare`: two concurrent imports would add them twice.
        """
        with current().together():
            self._write(terms)
        for entry in self._entries:
            self.created += entry.new
            self.changed += entry.differs and not entry.new
            self.unchanged += not entry.differs and not entry.new

    def _write(self, terms: Terms) -> None:
        self._hold_articles()
        for entry in self._entries:
            entry.fields = self._fill(entry, terms)
        self._plan_variants(terms)
        Article.objects.bulk_create(entry.article for entry in self._entries if entry.new)
        write_variants(entry.variants for entry in self._entries)
        filing = Filing(terms)
        for entry in self._entries:
            if entry.fields and not entry.new:
                entry.article.known_values = {
                    name: plain(Article._meta.get_field(name), value)  # type: ignore[arg-type]  # columns alone
                    for name, value, _ in entry.changes
                    if name in entry.fields
                }
                entry.article.save(update_fields={*entry.fields, "updated"})
            filed = filing.file(entry.article, entry.row, new=entry.new)
            entry.changes += filed
            entry.refiled = bool(filed)
        filing.write()
        self._write_photos()
        self._write_sources()

    def previews(self, terms: Terms, *, at_most: int) -> Iterator[Preview]:
        """Yield what the batch did to the first articles that it changed."""
        changed = (entry for entry in self._entries if entry.differs and not entry.new)
        for entry in islice(changed, max(at_most, 0)):
            changes = [
                (name.removesuffix("_id"), terms.said(name, before), terms.said(name, after))
                for name, before, after in entry.changes
                if name != "proposed"
            ]
            yield Preview(entry.row.line, entry.article.sku, entry.article.name, False, (*changes, *_photos_of(entry)))

    def row_previews(self, terms: Terms) -> Iterator[RowPreview]:
        """Yield what becomes of each row that was written."""
        for entry in self._entries:
            variants = said_variants(entry.variants.after)
            yield row_preview(entry.row, entry.article, entry.changes, terms, new=entry.new, variants=variants)

    def discard_files(self) -> None:
        """Delete the files that were stored for a batch that was not written."""
        for name in self._stored:
            photo_storage().delete(name)

    def _plan_addresses(self, entry: _Entry, urls: tuple[str, ...]) -> None:
        entry.addresses = plan_addresses(entry.article, urls, entry.row.alts or (), now=self._now)
        entry.gone, entry.moved = entry.addresses.photos_gone, entry.addresses.photos_moved

    def _prepare_photos(self, entry: _Entry, paths: tuple[PhotoOrigin, ...]) -> None:
        """Plan the photos of one article and store new files. Raises CellError, before any is stored, if one is bad."""
        limits = photo_limits()
        present = [] if entry.new else list(entry.article.photos.all())
        wanted: list[tuple[PhotoFile, str, Photo | None]] = []
        for path in paths:
            file = read_photo_file(path, limits=limits)
            # A photo with the same bytes keeps its row, and so its vector, whatever its new position.
            photo = next((photo for photo in present if photo.sha256 == file.sha256), None)
            if photo is not None:
                present.remove(photo)
            wanted.append((file, "" if photo else check_photo_file(file, limits=limits), photo))
        alts = [*(entry.row.alts or ()), *[""] * len(wanted)]
        for position, (file, ending, same) in enumerate(wanted):
            photo = same or (present.pop(0) if present else Photo(article=entry.article, position=position))
            target = position if entry.row.all_photos else photo.position
            alt = alts[position] or photo.alt
            if (photo.position, photo.alt) != (target, alt):
                photo.position, photo.alt = target, alt
                entry.moved.append(photo)
            if not same:
                self._give_file(entry, photo, store_photo_file(file, ending), file.sha256)
        if entry.row.all_photos:
            entry.gone = present
            # Photo files replace the article's URLs as well.
            entry.addresses.gone = [] if entry.new else list(entry.article.photo_sources.all())

    def _give_file(self, entry: _Entry, photo: Photo, name: str, digest: str) -> None:
        self._stored.append(name)
        (entry.replaced if photo.pk else entry.added).append(photo)
        photo.file, photo.sha256 = name, digest

    def _hold_articles(self) -> None:
        # Locked in one order, so that two batches wait for each other and do not deadlock.
        held = Article.objects.select_for_update().filter(sku__in=[row.sku for row in self._rows]).order_by("pk")
        known = dict(held.values_list("pk", "proposed"))
        now = Photo.objects.filter(article__in=known)
        # Articles too: one without photos may lie in the bin by now, or a worker has proposed what it is.
        if known != self._known or set(now.values_list("pk", "file", "position")) != self._read:
            raise ChangedMeanwhileError

    def _fill(self, entry: _Entry, terms: Terms) -> set[str]:
        """Set the article's fields from its row, and return the names of those that changed."""
        row, article = entry.row, entry.article
        wanted = {"published": self._published, "name": "", **row.values} if entry.new else dict(row.values)
        if entry.ends_reduction:
            wanted["regular_price"] = None
        if wanted.get("name") == "":
            wanted["name"] = row.sku
            if entry.new and row.default_names:
                wanted["name"], wanted["name_fr"] = row.default_names
        if row.category is not None:
            category = terms.category(row.category)
            wanted["category_id"] = category.pk if category else None
        if row.brand is not None:
            wanted["brand_id"] = terms.brand(row.brand).pk if row.brand else None
        wanted = article.with_confirmed(wanted, *(["colours"] if row.colours is not None else []))
        fields = {name for name, value in wanted.items() if getattr(article, name) != value}
        for name in wanted:
            if name in fields:
                before = None if entry.new else getattr(article, name)
                entry.changes.append((name, before, wanted[name]))
                setattr(article, name, wanted[name])
        if entry.new and not article.slug:
            article.slug = article_slug(article.name)
        return fields

    def _plan_variants(self, terms: Terms) -> None:
        """Plan the variants of the articles that state sizes or variants, and set the stock that they sum up to."""
        stated = [entry for entry in self._entries if entry.row.variants is not None or "sizes" in entry.row.values]
        present = stored_variants(entry.article for entry in stated if not entry.new)
        for entry in stated:
            article, before = entry.article, present[entry.article.pk]
            said = said_variants(before)
            entry.variants = plan_variants(article, before, entry.row, terms.colour)
            after = entry.variants.after
            if entry.variants.differs and not all(variant.plain for variant in after):
                entry.changes.append(("variants", said, said_variants(after)))
            stock = total_stock(after, article.stock)
            if stock != article.stock:
                entry.fields.add("stock")
                was = next((was for name, was, _ in entry.changes if name == "stock"), article.stock)
                entry.changes = [change for change in entry.changes if change[0] != "stock"]
                entry.changes.append(("stock", was, stock))
                article.stock = stock

    def _write_photos(self) -> None:
        gone = [photo.pk for entry in self._entries for photo in entry.gone]
        if gone:
            Photo.objects.filter(pk__in=gone).delete()
        added = [photo for entry in self._entries for photo in entry.added]
        replaced = [photo for entry in self._entries for photo in entry.replaced]
        moved = [photo for entry in self._entries for photo in entry.moved if photo.pk]
        Photo.objects.filter(pk__in=[photo.pk for photo in replaced]).bin_files()
        Photo.objects.bulk_create(added)
        Photo.objects.bulk_update([*replaced, *(set(moved) - set(replaced))], ["file", "sha256", "position", "alt"])
        self.photo_ids = [photo.pk for photo in [*added, *replaced]]

    def _write_sources(self) -> None:
        def all_of(part: str) -> Iterable[PhotoSource]:
            return (source for entry in self._entries for source in getattr(entry.addresses, part))

        PhotoSource.objects.filter(pk__in=[source.pk for source in all_of("gone")]).delete()
        PhotoSource.objects.bulk_update(all_of("altered"), ["position", "alt", "photo"])
        # Existing rows become due again. Only these fields are written: a worker may hold the lease.
        known = [source.pk for source in all_of("wanted") if source.pk]
        PhotoSource.objects.filter(pk__in=known).update(due=self._now, attempts=0)
        PhotoSource.objects.bulk_create(all_of("added"))
        self.awaited = sum(len(entry.addresses.wanted) for entry in self._entries)


def _photos_of(entry: _Entry) -> Iterator[tuple[str, str, str]]:
    """Yield how many photos an article loses and gets, if any."""
    added = len(entry.added) + len(entry.replaced) + len(entry.addresses.added)
    gone = len(entry.gone) + len(entry.addresses.gone)
    if added or gone:
        yield "photos", f"\N{MINUS SIGN}{gone}" if gone else "", f"+{added}" if added else ""
