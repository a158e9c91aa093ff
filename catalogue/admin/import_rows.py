"""The first rows of an import as they would become: a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext

from catalogue.admin.import_terms import Titles, titled, titles_of
from catalogue.admin.import_words import field_name
from catalogue.browsing.money import written
from catalogue.messages.rendering import render_stored
from catalogue.models import ImportRun

# The order in which fields are shown; others come after these.
_ORDER = (
    "name", "name_fr", "price", "regular_price", "currency", "stock", "category", "additional_categories", "brand",
    "colours", "sizes", "variants", "style_number", "published",
)  # fmt: skip
# Those that are shown with their currency.
_PRICES = {"price", "regular_price"}


def first_rows(run: ImportRun) -> dict[str, Any]:
    """Return the first rows of a file: what their cells are called, and each row with its cells."""
    rows: list[dict[str, Any]] = run.first_rows
    names = {name for row in rows for name, *_ in row["values"]}
    if _PRICES & names:
        names.discard("currency")
    titles = titles_of(names)
    fields = [name for name in _ORDER if name in names] + sorted(names.difference(_ORDER))
    return {
        "fields": [field_name(name) for name in fields],
        "photos": any(row["photos"] is not None for row in rows),
        "rows": [_row(row, fields, titles) for row in rows],
    }


def _row(row: dict[str, Any], fields: Sequence[str], titles: Titles) -> dict[str, Any]:
    values = {
        name: (differs, titled(titles, name, before), titled(titles, name, after))
        for name, differs, before, after in row["values"]
    }
    if row["error"]:
        state = gettext("not imported")
    elif row["new"]:
        state = gettext("new")
    else:
        changed = any(differs for differs, *_ in values.values())
        state = gettext("updated") if changed else gettext("unchanged")
    return {
        **row,
        "state": state,
        "reason": render_stored(row["error"]) if row["error"] else "",
        "cells": [_cell(name, values, row["currency"]) for name in fields],
        "more_photos": (row["photos"] or 0) - len(row["addresses"]),
    }


def _cell(name: str, values: dict[str, tuple[bool, Any, Any]], currency: str) -> dict[str, Any]:
    """Return a cell: whether it differs, and its texts before and after."""
    differs, before, after = values.get(name, (False, None, None))
    currency_differs, other_currency, _ = values.get("currency", (False, None, None))
    if name in _PRICES and currency_differs:
        differs, before = True, before or after
    return {
        "differs": differs,
        "before": _texts(name, before, other_currency or currency),
        "after": _texts(name, after, currency),
    }


def _texts(name: str, value: str | list[str] | None, currency: str) -> list[str]:
    """Return a value as one text, or as several where the field has several."""
    if isinstance(value, list):
        return value
    if not value:
        return []
    if name in _PRICES:
        try:
            return [written(Decimal(value), currency)]
        except InvalidOperation:
            return [value]
    if name == "published":
        return [gettext("yes") if value == "True" else gettext("no")]
    return [value]
