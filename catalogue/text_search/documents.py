"""Documents of articles: written in the transaction that changes an article; rewritten when the analysis changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from catalogue.models import Article, SearchDocument, SearchWord, Variant
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.analysis import VERSION, Document, Texts, analyse

# What of an article its document follows from, as edits name it.
FOLLOWED = frozenset(
    {
        "sku", "name", "name_fr", "description", "description_fr", "style_number", "category_id", "brand_id", "colours",
        "additional_categories", "variants",
    }
)  # fmt: skip
# Articles of a transaction, and parameters of a statement.
ARTICLES_AT_ONCE = 500
_COLUMNS = ("title", "traits", "codes", "text", "version")


def refresh(article_ids: Collection[int]) -> None:
    """Rewrite the documents of these articles. Call it in the transaction that changed them."""
    keys = sorted(article_ids)
    for start in range(0, len(keys), ARTICLES_AT_ONCE):
        _write(keys[start : start + ARTICLES_AT_ONCE])


def outdated() -> ArticleQuerySet:
    """Return the articles whose documents are missing, or of another version of the analysis."""
    return Article.all_objects.filter(Q(search_document__isnull=True) | ~Q(search_document__version=VERSION))


def refresh_outdated(report: Callable[[int], None] = lambda done: None) -> int:
    """Write the documents that are missing, or of another version of the analysis. Returns how many."""
    done = 0
    while keys := list(outdated().order_by("pk").values_list("pk", flat=True)[:ARTICLES_AT_ONCE]):
        with transaction.atomic():
            _write(keys)
        done += len(keys)
        report(done)
    return done


def rebuild(report: Callable[[int], None] = lambda done: None) -> int:
    """Rewrite all documents and words, and return how many documents. Searches continue meanwhile."""
    SearchWord.objects.all().delete()
    SearchDocument.objects.update(version=0)
    return refresh_outdated(report)


def differing() -> Iterator[int]:
    """Yield the ids of articles whose document is missing, or not what their texts give."""
    keys = list(Article.all_objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), ARTICLES_AT_ONCE):
        some = keys[start : start + ARTICLES_AT_ONCE]
        stored = SearchDocument.objects.in_bulk(some)
        for pk, document in documents_of(some).items():
            row = stored.get(pk)
            if row is None or any(getattr(row, name) != value for name, value in _values(document).items()):
                yield pk


def documents_of(article_ids: Collection[int]) -> dict[int, Document]:
    """Return the documents of articles, from their rows as they are now. Four queries."""
    tables: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        ("colours", Article.colours.through, ("colour_id",)),
        ("categories", Article.additional_categories.through, ("category_id",)),
        ("variants", Variant, ("sku", "barcode")),
    )
    by_article = {name: _related(table.objects, article_ids, *columns) for name, table, columns in tables}
    rows = Article.all_objects.filter(pk__in=article_ids).values_list(
        "pk", "name", "name_fr", "description", "description_fr", "sku", "style_number", "category_id", "brand_id"
    )
    return {
        pk: analyse(
            Texts(
                name=name,
                name_fr=name_fr,
                description=description,
                description_fr=description_fr,
                codes=(sku, style_number, *by_article["variants"][pk]),
                categories=tuple(dict.fromkeys([*([category] if category else []), *by_article["categories"][pk]])),
                brand=brand,
                colours=tuple(by_article["colours"][pk]),
            )
        )
        for pk, name, name_fr, description, description_fr, sku, style_number, category, brand in rows
    }


def _related(rows: models.Manager[Any], article_ids: Collection[int], *columns: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for pk, *values in rows.filter(article__in=article_ids).order_by("pk").values_list("article_id", *columns):
        found[pk] += [value for value in values if value]
    return found


def _write(article_ids: Collection[int]) -> None:
    documents = documents_of(article_ids)
    SearchDocument.objects.bulk_create(
        (SearchDocument(article_id=pk, **_values(document)) for pk, document in documents.items()),
        update_conflicts=True,
        update_fields=_COLUMNS,
        unique_fields=["article"],
    )
    note_words(documents.values())


def note_words(documents: Iterable[Document]) -> None:
    """Keep the words of documents as ones that are spelled so."""
    words = {folded: written for document in documents for folded, written in document.words.items()}
    # In one order, so that two imports wait for each other and do not deadlock.
    rows = [SearchWord(folded=folded, written=words[folded][:80]) for folded in sorted(words)]
    SearchWord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ARTICLES_AT_ONCE)


def _values(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in _COLUMNS[:-1]} | {"version": VERSION}
