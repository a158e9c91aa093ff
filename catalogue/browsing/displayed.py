"""The articles of a page of results, with all that a card shows, in one statement that is written once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import FilteredRelation, Model, Q, QuerySet

from catalogue.models import Article, Brand, Category, Photo
from catalogue.models.querysets import NOT_DISPLAYED
from catalogue.prepared import Prepared, Row, instance_of


def _columns(model: type[Model], *, but: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields if field.name not in but)


_ARTICLE = _columns(Article, but=NOT_DISPLAYED)
# What an article leads to, in the order of a row: its attribute, the model, the columns. The first is the id.
_RELATED: tuple[tuple[str, type[Model], tuple[str, ...]], ...] = (
    ("category", Category, _columns(Category)),
    ("brand", Brand, _columns(Brand)),
    ("cover", Photo, _columns(Photo)),
)


def _write(ids: list[int]) -> QuerySet[Article, Row]:
    found = Article.objects.published().filter(pk__in=ids)
    illustrated = found.annotate(shown=FilteredRelation("photos", condition=Q(photos__deleted__isnull=True)))
    columns = [f"{'shown' if name == 'cover' else name}__{column}" for name, _, own in _RELATED for column in own]
    rows: QuerySet[Any, Row] = illustrated.order_by("shown__position", "shown__pk").values_list(*_ARTICLE, *columns)
    return rows


_PREPARED = Prepared(_write)


def displayed_articles(ids: Sequence[int]) -> dict[int, Article]:
    """Return those of the articles that are published, by id, as `for_display` does, each with its `cover`.

    Their other photos are not fetched.
    """
    articles: dict[int, Article] = {}
    related: dict[tuple[type[Model], int], Model] = {}
    for row in _PREPARED.rows(ids, first_of_each=True):
        article = articles[row[0]] = instance_of(Article, _ARTICLE, row[: len(_ARTICLE)])
        start = len(_ARTICLE)
        for name, model, columns in _RELATED:
            values = row[start : start + len(columns)]
            start += len(columns)
            key = (model, values[0])
            if values[0] is not None and key not in related:
                related[key] = instance_of(model, columns, values)
            # The cover is no field, but a cached property.
            kept = article.__dict__ if name == "cover" else article._state.fields_cache
            kept[name] = related.get(key)
        if article.cover is not None:
            article.cover._state.fields_cache["article"] = article
    return articles
