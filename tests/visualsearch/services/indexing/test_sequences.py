"""Model-based test of indexing: after any sequence of operations every index equals the rows, and search is right."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from PIL import Image

from catalogue.models import Article, Photo
from catalogue.photos.services import add_photo
from tests.visualsearch.catalogue import engine_of
from visualsearch import backends
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import SnapshotFolder
from visualsearch.models import LogEntry
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing
from visualsearch.services.retrieval import articles
from visualsearch.vectors import Vectors, normalise, quantise

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DIMENSIONS = 512
PROCESSES = 3
places = st.integers(0, 1 << 16)
process_numbers = st.integers(0, PROCESSES - 1)


class CrashedError(Exception):
    """What a process raises in these tests where it is killed."""


class PixelModel:
    """Looks at one pixel. Each colour has a vector of its own; what happens while it looks is up to the test."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], None] = lambda: None

    def describe(self, model: object, pictures: Sequence[Image.Image]) -> list[Vectors]:
        self.meanwhile()
        pixels = [np.asarray(picture)[0, 0] for picture in pictures]
        return [vectors_of(int(red) << 16 | int(green) << 8 | int(blue)) for red, green, blue in pixels]


def vectors_of(number: int) -> Vectors:
    """Return the vectors of a picture, (1 to 3, DIMENSIONS)."""
    return np.stack([vector_of(number + (place << 24)) for place in range(1 + number % 3)])


def vector_of(number: int) -> Vectors:
    return normalise(np.random.default_rng(number).normal(size=DIMENSIONS).astype(np.float32))


def file_of(number: int) -> ContentFile[bytes]:
    file = io.BytesIO()
    Image.new("RGB", (2, 2), (number >> 16, number >> 8 & 255, number & 255)).save(file, "PNG")
    return ContentFile(file.getvalue(), name="photo.png")


class Shop(RuleBasedStateMachine):
    """The real services beside a plain model of them: numbers of pictures, which article has them, who may be found."""

    model = PixelModel()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(django_settings.DATA_DIR) / "index"
        shutil.rmtree(self.folder, ignore_errors=True)
        backends.reset_caches()
        indexing._snapshot_checked.clear()
        indexing._refreshed.clear()
        self.life = transaction.atomic()
        self.life.__enter__()
        self.version = versions.serving_version()
        self.pictures = 0
        self.published: dict[int, bool] = {}
        self.article_of: dict[int, int] = {}
        self.picture_of: dict[int, int] = {}
        self.embedded: dict[int, int] = {}
        self.indexes = [self.opened() for _ in range(PROCESSES)]

    def opened(self) -> FaissIndex:
        """Return the index of a process that starts now."""
        return FaissIndex(indexing.space_of(self.version), folder=self.folder)

    def new_picture(self) -> int:
        self.pictures += 1
        return self.pictures

    def drawn(self, place: int) -> int | None:
        """Return a photo, or none where there is none."""
        return sorted(self.picture_of)[place % len(self.picture_of)] if self.picture_of else None

    @initialize(articles=st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=3, max_size=10))
    def stock(self, articles: list[tuple[int, bool]]) -> None:
        """Begin with some articles whose photos can be found."""
        for photos, published in articles:
            self.add(photos, published)
        self.embed(len(self.picture_of))

    @rule(photos=st.integers(1, 3), published=st.booleans())
    def add(self, photos: int, published: bool) -> None:
        article = Article.objects.create(sku=str(self.pictures), name="Thing", published=published)
        self.published[article.pk] = published
        for _ in range(photos):
            number = self.new_picture()
            photo = add_photo(article, file_of(number))
            self.article_of[photo.pk], self.picture_of[photo.pk] = article.pk, number

    @rule(place=places)
    def replace(self, place: int) -> None:
        pk = self.drawn(place)
        if pk is not None:
            self.picture_of[pk] = self.new_picture()
            photo = Photo.objects.get(pk=pk)
            photo.file = file_of(self.picture_of[pk])
            photo.save()

    @rule(place=places, number=process_numbers)
    def replace_and_search_at_once(self, place: int, number: int) -> None:
        self.replace(place)
        self.search(number=number, inferences=False, place=place)

    @rule(place=places)
    def delete_photo(self, place: int) -> None:
        pk = self.drawn(place)
        if pk is not None:
            Photo.objects.get(pk=pk).delete()
            self.forget(pk)

    @rule(place=places)
    def delete_article(self, place: int) -> None:
        pk = self.drawn(place)
        if pk is not None:
            article = self.article_of[pk]
            Article.objects.get(pk=article).delete()
            for photo in [photo for photo, of in self.article_of.items() if of == article]:
                self.forget(photo)

    @rule(place=places)
    def hide_or_show(self, place: int) -> None:
        pk = self.drawn(place)
        if pk is not None:
            article = self.article_of[pk]
            self.published[article] = not self.published[article]
            Article.objects.filter(pk=article).update(published=self.published[article])

    @rule(count=st.integers(1, 10))
    def embed(self, count: int) -> None:
        waiting = embedding.waiting_ids(limit=count)
        expected = [pk for pk in sorted(self.picture_of, reverse=True) if self.waits(pk)]
        assert waiting == expected[:count]
        assert embedding.embed_photos(waiting) == len(waiting)
        self.embedded |= {pk: self.picture_of[pk] for pk in waiting}

    @rule(place=places, deletes=st.booleans())
    def embed_what_changes_meanwhile(self, place: int, deletes: bool) -> None:
        pk = self.drawn(place)
        if pk is None or not self.waits(pk):
            return
        self.model.meanwhile = lambda: self.delete_photo(place) if deletes else self.replace(place)
        try:
            assert embedding.embed_photos([pk]) == 0
        finally:
            self.model.meanwhile = lambda: None

    @rule(count=st.integers(1, 10))
    def crash_before_an_embedding_is_committed(self, count: int) -> None:
        with pytest.raises(CrashedError), transaction.atomic():
            embedding.embed_photos(embedding.waiting_ids(limit=count))
            raise CrashedError

    @rule(killed=st.sampled_from([None, None, "before it is whole", "before pruning", "before the log is pruned"]))
    def compact(self, killed: str | None) -> None:
        with pytest.MonkeyPatch.context() as patch:
            if killed == "before it is whole":
                patch.setattr(SnapshotFolder, "finish", crash)
            elif killed == "before pruning":
                patch.setattr(FaissIndex, "prune", crash)
            elif killed == "before the log is pruned":
                prune = FaissIndex.prune
                patch.setattr(FaissIndex, "prune", lambda index: crash(prune(index)))
            if killed:
                with pytest.raises(CrashedError):
                    indexing.build_snapshot(self.version)
            else:
                indexing.build_snapshot(self.version)

    @rule(place=places, deletes=st.booleans(), first=st.booleans())
    def fold_while_it_changes(self, place: int, deletes: bool, first: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(indexing, "all_rows", self.changing(indexing.all_rows, place, deletes, first))
            indexing.build_snapshot(self.version)

    @rule(number=process_numbers, place=places, deletes=st.booleans(), first=st.booleans())
    def refresh_while_it_changes(self, number: int, place: int, deletes: bool, first: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(indexing, "rows_of", self.changing(indexing.rows_of, place, deletes, first))
            indexing.refresh(self.indexes[number], self.version)
        self.search(number=number, inferences=False, place=place)

    def changing(self, read: Callable[..., Any], place: int, deletes: bool, first: bool) -> Callable[..., Any]:
        """Return what reads rows, and changes them once, before it reads or after."""
        changes = [lambda: self.delete_photo(place) if deletes else self.embed(place % 10 + 1)]

        def read_and_change(*args: Any) -> Any:
            if first and changes:
                changes.pop()()
            rows = read(*args)
            rows = rows if isinstance(rows, tuple) else list(rows)
            if changes:
                changes.pop()()
            return rows

        return read_and_change

    @rule(number=process_numbers)
    def crash_and_reopen(self, number: int) -> None:
        self.indexes[number] = self.opened()

    @rule()
    def lose_the_snapshots(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(number=process_numbers, inferences=st.booleans(), place=places)
    def search(self, number: int, inferences: bool, place: int) -> None:
        """As one process sees it; the others stay behind. It looks for a newer snapshot or does not."""
        if inferences:
            indexing._snapshot_checked.clear()
        index = self.indexes[number]
        indexing.refresh(index, self.version)
        ids, vectors = index.rows()
        found_ids = indexing.photo_ids_of(self.version, ids)
        assert found_ids == sorted(self.embedded)
        assert vectors.tobytes() == b"".join(stored(self.embedded[pk]) for pk in found_ids)
        query = vector_of(place % (self.pictures + 1))
        for wanted in (1, 3, len(self.published) + 1):
            found = articles.nearest(engine_of(self.version, index), query, limit=wanted)
            assert [hit.article_id for hit in found] == self.nearest(query)[:wanted]

    def nearest(self, query: Vectors) -> list[int]:
        """Return the articles that should be found, best first, each by its best view."""
        found: dict[int, tuple[float, int]] = {}
        for pk, number in self.embedded.items():
            if number == self.picture_of[pk] and self.published[self.article_of[pk]]:
                vectors = np.frombuffer(stored(number), "<f2").astype(np.float32).reshape(-1, DIMENSIONS)
                near = float((vectors @ query).max())
                found[self.article_of[pk]] = min(found.get(self.article_of[pk], (2.0, 0)), (-near, pk))
        return sorted(found, key=lambda article: found[article])

    def waits(self, pk: int) -> bool:
        return self.embedded.get(pk) != self.picture_of[pk]

    def forget(self, pk: int) -> None:
        for known in (self.article_of, self.picture_of, self.embedded):
            known.pop(pk, None)

    def teardown(self) -> None:
        """In the end everything that waits is embedded, and every process agrees."""
        try:
            self.embed(len(self.picture_of) + 1)
            for number in range(PROCESSES):
                self.search(number=number, inferences=False, place=number)
            assert indexing.compare(self.version).equal
            sequences = list(LogEntry.objects.order_by("sequence").values_list("sequence", flat=True))
            head = indexing.head_of(self.version)
            assert sequences == list(range(head - len(sequences) + 1, head + 1))
        finally:
            transaction.set_rollback(True)
            self.life.__exit__(None, None, None)


def stored(number: int) -> bytes:
    return quantise(vectors_of(number)).tobytes()


def crash(*args: Any, **kwargs: Any) -> Any:
    raise CrashedError


def test_index_and_rows_agree_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "get_model", lambda version: Shop.model)
    monkeypatch.setattr(embedding, "describe", Shop.model.describe)
    versions.serving_version().delete()

    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
