"""Article filters, defined once for pages, API and search by photo: parsing and application.

A request's filters are parsed once, into a frozen `ArticleFilters`. Services never see the request's parameters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from catalogue.browsing.currencies import price_currencies
from catalogue.columns.following import column_table
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models import MAX_SIZE, Article, Brand, Category, Colour, Variant
from catalogue.models.querysets import ArticleQuerySet

# The column's maximum. Django raises an error for a number with more digits when it prepares the query.
HIGHEST_PRICE = 99_999_999

# The many-to-many table of articles and colours.
COLOURED: Any = Article.colours.through

# Three digits after a comma may be thousands.
_COMMA = re.compile(r"^(-?\d+),(\d{1,2})$")

# Of a value that an error repeats.
MAX_CURRENCY = 20

# The most values of one filter.
MAX_VALUES = 100

BOOLEANS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


@dataclass(frozen=True, slots=True)
class ArticleFilters:
    """The parsed filters of a request; without values, all articles pass.

    A category includes its descendants; a size counts where it is in stock. An article must match any value of each
    filter (OR within, AND between).
    """

    categories: tuple[Category, ...] = ()
    colours: tuple[Colour, ...] = ()
    sizes: tuple[str, ...] = ()
    brands: tuple[Brand, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    # Only articles with a price in it; empty: all.
    currency: str = ""
    # That of price_min and price_max: other prices do not pass them. Empty: settings.CURRENCY.
    price_currency: str = ""
    in_stock: bool = False

    def values(self) -> dict[str, list[str]]:
        """Return the active filters by parameter name, each with its values as text: the inverse of `parse_filters`."""
        prices = {"price_min": self.price_min, "price_max": self.price_max}
        by_name = {
            "category": [row.slug for row in self.categories],
            "colour": [row.slug for row in self.colours],
            "size": list(self.sizes),
            "brand": [row.slug for row in self.brands],
            **{name: [] if price is None else [f"{price:f}"] for name, price in prices.items()},
            "currency": [self.currency],
            "in_stock": ["true"] if self.in_stock else [],
        }
        return {name: values for name, values in by_name.items() if any(values)}


NO_FILTERS = ArticleFilters()


class SizesField(forms.MultipleChoiceField):
    """Sizes of the shop's articles, as these write them."""

    def valid_value(self, value: str) -> bool:
        # Checked together, by one query.
        return True

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        # Sizes that can be bought are in memory. Others may be sold out, or of articles that staff alone list.
        unknown = [size for size in value if size not in column_table().vocabularies.sizes]
        if unknown:
            rows = Variant.objects.filter(size__in=unknown).order_by()
            known = set(rows.values_list("size", flat=True).distinct())
            unknown = [size for size in unknown if size not in known]
        if unknown:
            raise ValidationError("", code="invalid_choice", params={"value": unknown[0][:MAX_SIZE]})


class PriceField(forms.DecimalField):
    """A price as people write it: also 39,90, and with the sign of a currency."""

    def to_python(self, value: Any) -> Any:
        text = str("" if value is None else value).strip().strip("\N{EURO SIGN}$\N{POUND SIGN}").strip()
        return super().to_python(_COMMA.sub(r"\1.\2", text))


class CurrencyField(forms.CharField):
    """A currency in which articles have prices, as in EUR."""

    def clean(self, value: Any) -> Any:
        code = super().clean(value).upper()
        # Not of published articles alone: staff list the others too.
        if code and not Article.objects.filter(currency=code, price__isnull=False).exists():
            raise ValidationError("", code="invalid_choice", params={"value": code[:MAX_CURRENCY]})
        return code


class FilterForm(forms.Form):
    """The filters by parameter name, with the type of each."""

    category: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        Category.objects.all(), to_field_name="slug", label=_("Category"), required=False
    )
    colour = forms.ModelMultipleChoiceField(
        Colour.objects.all(), to_field_name="slug", label=_("Colour"), required=False
    )
    size = SizesField(label=_("Size"), required=False)
    brand = forms.ModelMultipleChoiceField(Brand.objects.all(), to_field_name="slug", label=_("Brand"), required=False)
    price_min = PriceField(label=_("Price from"), min_value=0, max_value=HIGHEST_PRICE, required=False)
    price_max = PriceField(label=_("Price to"), min_value=0, max_value=HIGHEST_PRICE, required=False)
    currency = CurrencyField(label=_("Currency"), required=False)
    # Parsed before the form: Django's check box takes any non-empty value as true.
    in_stock = forms.BooleanField(label=_("In stock"), required=False)


FILTER_NAMES = tuple(FilterForm.base_fields)
FILTER_LABELS = {name: field.label for name, field in FilterForm.base_fields.items()}


class FilterReading(NamedTuple):
    """The valid filters, and error messages by the name of each invalid one."""

    filters: ArticleFilters
    errors: dict[str, list[Message | str]]


def is_storable(value: object) -> bool:
    """Whether databases accept the text: no null character and no lone surrogate."""
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in str(value))


def parse_filters(data: Mapping[str, Any]) -> ArticleFilters:
    """Return the filters in `data`, a form's values or a JSON object; other names and empty values are ignored.

    At most one query per filter of slugs; a price or a currency costs one
    for each currency of the shop. Raises InvalidRequestError, field by field, for invalid values, such as a
    category that does not exist.
    """
    filters, errors = read_filters(data)
    if errors:
        raise InvalidRequestError(errors)
    return filters


def read_filters(data: Mapping[str, Any]) -> FilterReading:
    """Return the valid filters in `data`, and error messages for the invalid ones, which are left out."""
    sent = {name: _values_of(data, name) for name in FILTER_NAMES}
    if not any(sent.values()):
        # A form takes a millisecond to make.
        return FilterReading(NO_FILTERS, {})
    errors: dict[str, list[Message | str]] = {}
    for name, values in sent.items():
        if len(values) > MAX_VALUES:
            errors[name] = [Message.of("request.too_many_values", limit=MAX_VALUES)]
        elif not all(map(is_storable, values)):
            # PostgreSQL refuses text with a null character, and slugs are looked up before they are validated.
            errors[name] = [Message.of("request.null_characters")]
        elif name == "in_stock" and any(value.lower() not in BOOLEANS for value in values):
            errors[name] = [Message.of("request.not_a_boolean")]
    in_stock = [BOOLEANS[value.lower()] for value in sent["in_stock"]] if "in_stock" not in errors else []
    form = FilterForm(MultiValueDict({name: sent[name] for name in sent if name not in {*errors, "in_stock"}}))
    if not form.is_valid():
        errors |= {name: list(map(message_of, found)) for name, found in form.errors.as_data().items()}
    rows = form.cleaned_data
    currency = rows.get("currency", "")
    bounded = rows.get("price_min") is not None or rows.get("price_max") is not None
    filters = ArticleFilters(
        categories=tuple(rows.get("category", ())),
        colours=tuple(rows.get("colour", ())),
        sizes=tuple(dict.fromkeys(rows.get("size", ()))),
        brands=tuple(rows.get("brand", ())),
        price_min=rows.get("price_min"),
        price_max=rows.get("price_max"),
        currency=currency,
        price_currency=(currency or price_currencies()[0]) if bounded else "",
        in_stock=bool(in_stock and in_stock[-1]),
    )
    return FilterReading(filters, errors)


def _values_of(data: Mapping[str, Any], name: str) -> list[str]:
    values = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name)
    several: Sequence[Any] = values if isinstance(values, list) else [values]
    return [str(value) for value in several if value is not None and value != ""]


def apply_filters(filters: ArticleFilters, articles: ArticleQuerySet, *, but: Collection[str] = ()) -> ArticleQuerySet:
    """Return the articles that pass the filters, except the filters whose names are in `but`."""
    if filters.categories and "category" not in but:
        articles = articles.in_any_category(filters.categories)
    if filters.colours and "colour" not in but:
        # EXISTS gives one row per article even if it has two of the colours; DISTINCT would compare all columns.
        articles = articles.filter(Exists(COLOURED.objects.filter(article=OuterRef("pk"), colour__in=filters.colours)))
    if filters.sizes and "size" not in but:
        available = Variant.objects.in_stock().filter(article=OuterRef("pk"), size__in=filters.sizes)
        articles = articles.filter(Exists(available))
    if filters.brands and "brand" not in but:
        articles = articles.filter(brand__in=filters.brands)
    currency = filters.price_currency or str(settings.CURRENCY)
    if filters.price_min is not None and "price_min" not in but:
        articles = articles.filter(price__gte=filters.price_min, currency=currency)
    if filters.price_max is not None and "price_max" not in but:
        articles = articles.filter(price__lte=filters.price_max, currency=currency)
    if filters.currency and "currency" not in but:
        articles = articles.filter(currency=filters.currency, price__isnull=False)
    if filters.in_stock and "in_stock" not in but:
        articles = articles.in_stock()
    return articles


# By Django's error code: our message code, our parameter, and Django's parameter with its value.
_FOUND_BY_FORMS = {
    "invalid_choice": ("request.unknown_choice", "value", "value"),
    "max_value": ("request.too_high", "limit", "limit_value"),
    "min_value": ("request.too_low", "limit", "limit_value"),
}


def message_of(error: ValidationError) -> Message | str:
    """Return a form's error as a Message, which is rendered later; as text if there is no Message for its code."""
    if error.code == "invalid":
        # Only the price fields raise it.
        return Message.of("request.not_a_number")
    if found := _FOUND_BY_FORMS.get(error.code or ""):
        code, ours, theirs = found
        value = (error.params or {}).get(theirs)
        return Message.of(code, **{ours: value if isinstance(value, int) else str(value)})
    return " ".join(error.messages)
