"""The one definition of what articles can be filtered by, for pages, API and search by photo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models import Article, Brand, Category, Colour
from catalogue.models.querysets import ArticleQuerySet

# What the column holds. Django fails on a number with more digits when it prepares the query.
HIGHEST_PRICE = 99_999_999

# The rows that give articles their colours.
COLOURED = Article.colours.through

# Values of one filter that are looked up at the most.
MAX_VALUES = 100


Chosen = QueryDict | MultiValueDict[str, Any]


class ArticleFilter(django_filters.FilterSet):
    """category (with all below it), colour, brand (each may be given several times), price range, in stock."""

    category = django_filters.ModelMultipleChoiceFilter(
        label=_("Category"), queryset=Category.objects.all(), to_field_name="slug", method="in_categories"
    )
    colour = django_filters.ModelMultipleChoiceFilter(
        label=_("Colour"), queryset=Colour.objects.all(), to_field_name="slug", method="in_colours"
    )
    brand = django_filters.ModelMultipleChoiceFilter(
        label=_("Brand"), queryset=Brand.objects.all(), to_field_name="slug", method="of_brands"
    )
    price_min = django_filters.NumberFilter(
        label=_("Price from"), field_name="price", lookup_expr="gte", min_value=0, max_value=HIGHEST_PRICE
    )
    price_max = django_filters.NumberFilter(
        label=_("Price to"), field_name="price", lookup_expr="lte", min_value=0, max_value=HIGHEST_PRICE
    )
    in_stock = django_filters.BooleanFilter(label=_("In stock"), method="only_in_stock", widget=forms.CheckboxInput)

    class Meta:
        model = Article
        fields: tuple[str, ...] = ()

    def in_categories(self, articles: ArticleQuerySet, name: str, chosen: list[Category]) -> QuerySet[Article]:
        below = [Q(category__path__startswith=category.path) for category in chosen]
        return articles.filter(reduce(or_, below))

    def in_colours(self, articles: ArticleQuerySet, name: str, chosen: list[Colour]) -> QuerySet[Article]:
        # One row an article, though it may have two of the colours: DISTINCT compares all that is read of each.
        return articles.filter(Exists(COLOURED.objects.filter(article=OuterRef("pk"), colour__in=chosen)))

    def of_brands(self, articles: ArticleQuerySet, name: str, chosen: list[Brand]) -> QuerySet[Article]:
        return articles.filter(brand__in=chosen)

    def only_in_stock(self, articles: ArticleQuerySet, name: str, wanted: bool) -> QuerySet[Article]:
        return articles.in_stock() if wanted else articles


BOOLEANS = {"true", "false", "1", "0", "on", "off"}
FILTER_NAMES = tuple(ArticleFilter.base_filters)


def is_storable(value: object) -> bool:
    """Whether a database can look the text up: no null character, no half of a surrogate pair."""
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in str(value))


def matching(chosen: Chosen, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles that pass the filters named in `chosen`; other names and empty values are ignored.

    Raises InvalidRequestError for a value that makes no sense, such as a category that does not exist.
    """
    return apply_filters(parse_filters(chosen, articles), articles)


def parse_filters(chosen: Chosen, articles: ArticleQuerySet) -> dict[str, Any]:
    """Return the filters named in `chosen` as what they mean: rows for slugs, numbers for prices.

    Raises InvalidRequestError for a value that makes no sense.
    """
    # PostgreSQL refuses text with a null character, and slugs are looked up before they are validated.
    given = {name: [value for value in chosen.getlist(name) if value != ""] for name in FILTER_NAMES}
    for name, values in given.items():
        if len(values) > MAX_VALUES:
            raise InvalidRequestError({name: [Message.of("request.too_many_values", limit=MAX_VALUES)]})
    spoilt = [name for name, values in given.items() if not all(map(is_storable, values))]
    if spoilt:
        raise InvalidRequestError({name: [Message.of("request.null_characters")] for name in spoilt})
    # Django's check box takes whatever is not empty for an answer, and most of it for no.
    if any(str(value).lower() not in BOOLEANS for value in given["in_stock"]):
        raise InvalidRequestError({"in_stock": [Message.of("request.not_a_boolean")]})
    filters = ArticleFilter(MultiValueDict(given), queryset=articles)
    if not filters.is_valid():
        raise InvalidRequestError(
            {name: list(map(message_of, found)) for name, found in filters.errors.as_data().items()}
        )
    meant: dict[str, Any] = filters.form.cleaned_data
    # Lists, so that the rows are read once, however often the filters are put in force.
    return {name: list(value) if isinstance(value, QuerySet) else value for name, value in meant.items()}


# What a form finds wrong with a value: its code, the parameter of ours and the one of Django's that it is.
_FOUND_BY_FORMS = {
    "invalid_choice": ("request.unknown_choice", "value", "value"),
    "max_value": ("request.too_high", "limit", "limit_value"),
    "min_value": ("request.too_low", "limit", "limit_value"),
}


def message_of(error: ValidationError) -> Message | str:
    """Return what a form says of a value as a message of ours, so that it can be told later; else as it is."""
    if error.code == "invalid":
        # Only prices are given as what is not of their kind.
        return Message.of("request.not_a_number")
    if found := _FOUND_BY_FORMS.get(error.code or ""):
        code, ours, theirs = found
        value = (error.params or {}).get(theirs)
        return Message.of(code, **{ours: value if isinstance(value, int) else str(value)})
    return " ".join(error.messages)


def apply_filters(meant: Mapping[str, Any], articles: ArticleQuerySet, *, but: Collection[str] = ()) -> ArticleQuerySet:
    """Return the articles that pass filters, which `checked` read; those named in `but` are not in force."""
    filters = ArticleFilter(queryset=articles).filters
    for name, value in meant.items():
        if name not in but:
            articles = filters[name].filter(articles, value)
    return articles
