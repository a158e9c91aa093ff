"""Articles that look like one another so much that one may have been entered twice."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from catalogue import jobs
from catalogue.models import Article, Photo
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import (
    DuplicateReport,
    DuplicateReportQuerySet,
    ModelVersion,
    NearDuplicate,
    PhotoEmbedding,
)
from visualsearch.services import versions
from visualsearch.services.retrieval.articles import Match, find_articles
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.retrieval.tokens import Query

# From this cosine on, two photos are taken to show one article. What that finds and mistakes is in docs/relevance.md.
NEARLY_THE_SAME = 0.9
# Nearest photos that are looked at for each: one's own article may have several.
NEIGHBOURS = 12
PHOTOS_AT_ONCE = 200

# A photo's id, its article's, and its vector.
StoredRow: TypeAlias = tuple[int, int, "bytes | memoryview[int]"]


def look_like(query: Query, *, except_for: int | None, limit: int = 3) -> list[Match]:
    """Return the articles, published or not, that a photo looks like enough to be the same, nearest first."""
    options, every = SearchOptions(limit=limit + 1), Article.objects.all()
    near = find_articles(Engine(query.version), query, options, base_queryset=every).matches
    return [match for match in near if match.similarity >= NEARLY_THE_SAME and match.article.pk != except_for][:limit]


def begin() -> DuplicateReport:
    """Begin a report, unless one is being made, and return it."""
    with transaction.atomic():
        unfinished = DuplicateReport.objects.select_for_update().waiting().order_by("-pk").first()
        return unfinished or DuplicateReport.objects.create()


def latest() -> DuplicateReport | None:
    return DuplicateReport.objects.order_by("-pk").first()


def not_found_again(report: DuplicateReport) -> QuerySet[NearDuplicate]:
    """Return the pairs of earlier reports that a finished one has not found, but for those that staff dismissed."""
    return NearDuplicate.objects.filter(dismissed=False, found__lt=report.begun)


class Reports(jobs.JobKind[DuplicateReport]):
    """Reports of duplicates, some photos a unit. The newest is kept, with the pairs that it found."""

    PASSING = (*jobs.JobKind.PASSING, SearchUnavailableError)

    def rows(self) -> DuplicateReportQuerySet:
        return DuplicateReport.objects.all()

    def units(self, lease: jobs.Lease[DuplicateReport]) -> Generator[None, None, None]:
        version, report = versions.serving_version(), lease.job
        while photos := list(rows_of(version).filter(photo_id__gt=report.cursor)[:PHOTOS_AT_ONCE]):
            # Never before the report began, or its end would take the pair for an old one: clocks are set back.
            pairs = pairs_of(version, photos, found=max(timezone.now(), report.begun))
            looked_at = report.looked_at + len(photos)
            total = max(rows_of(version).count(), looked_at)
            with transaction.atomic():
                write_pairs(pairs)
                jobs.advance(lease, cursor=photos[-1][0], looked_at=looked_at, total=total)
            yield

    def finish(self, lease: jobs.Lease[DuplicateReport]) -> str:
        jobs.delete_in_pieces(not_found_again(lease.job))
        return super().finish(lease)

    def at_end(self, job: DuplicateReport, state: str) -> None:
        """Forget pairs that were not found again, and older reports, once all photos were compared."""
        if state == DuplicateReport.State.FINISHED:
            not_found_again(job).delete()
            DuplicateReport.objects.filter(pk__lt=job.pk).delete()


KIND = Reports()


def run_slice(report_id: int, *, for_s: float) -> bool:
    """Go on with a report for some seconds. Returns whether there is more to do. Safe to repeat."""
    return jobs.run_slice(KIND, report_id, for_s=for_s)


def open_pairs() -> QuerySet[NearDuplicate]:
    """Return the pairs that staff have not marked as two articles, the most similar first."""
    live = {f"{one}__deleted__isnull": True for one in ("first", "second", "first_photo", "second_photo")}
    pairs = NearDuplicate.objects.filter(dismissed=False, **live).order_by("-similarity", "pk")
    return pairs.select_related("first__brand", "second__brand", "first_photo__article", "second_photo__article")


def rows_of(version: ModelVersion) -> QuerySet[PhotoEmbedding, StoredRow]:
    rows = PhotoEmbedding.objects.filter(model_version=version, photo_sha256=F("photo__sha256")).order_by("photo_id")
    return rows.values_list("photo_id", "photo__article_id", "vector")


def pairs_of(version: ModelVersion, photos: Sequence[StoredRow], *, found: datetime) -> list[NearDuplicate]:
    """Return for each pair of articles, of which one has some of the photos, the two photos that are most alike."""
    engine, most = Engine(version), version.vectors_a_photo
    near: list[tuple[float, int, int]] = []
    for photo_id, _article_id, stored in photos:
        hits = engine.index.search(engine.vector_like(bytes(stored)), limit=NEIGHBOURS * most)
        near += [
            (hit.similarity, photo_id, other)
            for hit in hits
            # Whole photos alone: a region of one may well look like another photo.
            if hit.similarity >= NEARLY_THE_SAME
            and (other := hit.vector_id // most) != photo_id
            and hit.vector_id % most == 0
        ]
    article_of = {photo_id: article_id for photo_id, article_id, _stored in photos}
    others = {other for _similarity, _photo_id, other in near} - article_of.keys()
    article_of |= dict(Photo.objects.filter(pk__in=others).values_list("pk", "article_id"))
    pairs: dict[tuple[int, int], NearDuplicate] = {}
    for similarity, photo_id, other in sorted(near, reverse=True):
        if other not in article_of or article_of[other] == article_of[photo_id]:
            continue
        (first, first_photo), (second, second_photo) = sorted(
            [(article_of[photo_id], photo_id), (article_of[other], other)]
        )
        pairs.setdefault(
            (first, second),
            NearDuplicate(
                first_id=first,
                second_id=second,
                first_photo_id=first_photo,
                second_photo_id=second_photo,
                similarity=similarity,
                found=found,
            ),
        )
    return list(pairs.values())


@transaction.atomic
def write_pairs(pairs: Sequence[NearDuplicate]) -> None:
    """Write pairs, new ones and known ones; the marks of staff stay."""
    # Who deletes an article meanwhile deletes the pair too, or has it refused here by what it refers to.
    there = set(
        Article.objects.filter(pk__in={key for pair in pairs for key in (pair.first_id, pair.second_id)}).values_list(
            "pk", flat=True
        )
    )
    NearDuplicate.objects.bulk_create(
        [pair for pair in pairs if {pair.first_id, pair.second_id} <= there],
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["first_photo", "second_photo", "similarity", "found"],
    )


def dismiss(pair_id: int, *, dismissed: bool = True) -> bool:
    """Say that a pair is two articles, or take that back. Returns whether there is such a pair."""
    return bool(NearDuplicate.objects.filter(pk=pair_id).update(dismissed=dismissed))
