"""An import is written in batches of a hundred, tried three times; an export is read in chunks."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from catalogue.feeds import CsvReader, exporting, import_articles, importing
from catalogue.feeds.batch import Batch
from catalogue.feeds.exporting import export_articles
from catalogue.models import Article
from tests.catalogue.feeds.rows import Rows, bring_in, row
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(("rows", "batches"), [(99, [99]), (100, [100]), (101, [100, 1]), (200, [100, 100])])
def test_rows_are_written_a_hundred_at_once(monkeypatch: pytest.MonkeyPatch, rows: int, batches: list[int]) -> None:
    # How they are written costs time, and is tested elsewhere.
    monkeypatch.setattr(Batch, "write", lambda batch, terms: None)
    sizes: list[int] = []
    prepare = Batch.prepare

    def noted(batch: Batch) -> None:
        sizes.append(len(batch._rows))
        prepare(batch)

    monkeypatch.setattr(Batch, "prepare", noted)

    list(import_articles(Rows(*(row(f"D-{number}") for number in range(rows)))))

    assert importing.BATCH_SIZE == 100
    assert sizes == batches


@pytest.mark.parametrize(("failures", "written"), [(0, True), (2, True), (3, False)])
def test_a_batch_in_whose_way_others_are_is_tried_three_times(
    monkeypatch: pytest.MonkeyPatch, *, failures: int, written: bool
) -> None:
    write, tried = Batch.write, count(1)

    def in_the_way(batch: Batch, terms: Any) -> None:
        if next(tried) <= failures:
            raise DatabaseError("made up")
        write(batch, terms)

    monkeypatch.setattr(Batch, "write", in_the_way)

    if written:
        assert bring_in(row()).created == 1
    else:
        with pytest.raises(DatabaseError):
            bring_in(row())

    assert Article.objects.exists() is written
    assert next(tried) == min(failures + 1, 3) + 1


@pytest.mark.parametrize(("articles", "chunks"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_articles_are_exported_in_chunks_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, articles: int, chunks: int
) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    skus = [article.sku for article in ArticleFactory.create_batch(articles)]

    with CaptureQueriesContext(connection) as captured:
        list(export_articles(tmp_path / "all.csv"))

    assert [getattr(exported, "sku", None) for exported in CsvReader(tmp_path / "all.csv")] == skus
    assert sum("catalogue_photo" in query["sql"] for query in captured) == chunks
