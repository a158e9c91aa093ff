"""Categories, brands and colours in the preview of an import, called as the reader knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from catalogue.models import Brand, Category, Colour

# By field: names as an import has them, and as the reader knows them. What is only in the file is in none.
Titles: TypeAlias = Mapping[str, Mapping[str, str]]
# Between the names of a path, as catalogue.feeds.taxonomy writes it.
STEP = " > "


def titles_of(fields: Iterable[str]) -> Titles:
    """Return the titles of the terms of these fields, in the reader's language: one statement each."""
    wanted = set(fields)
    found: dict[str, dict[str, str]] = {}
    if "colours" in wanted:
        found["colours"] = {row.name: row.title for row in Colour.objects.exclude(name_fr="")}
    if "brand" in wanted:
        found["brand"] = {row.name: row.title for row in Brand.objects.exclude(name_fr="")}
    if wanted & {"category", "additional_categories"}:
        found["category"] = found["additional_categories"] = _paths()
    return found


def _paths() -> dict[str, str]:
    named: dict[str, tuple[str, str]] = {}
    for row in Category.objects.order_by("path"):
        above, titles_above = named.get(row.path[: -Category.steplen], ("", ""))
        named[row.path] = (
            STEP.join(filter(None, (above, row.name))), STEP.join(filter(None, (titles_above, row.title))),
        )  # fmt: skip
    return dict(named.values())


def titled(titles: Titles, field: str, value: Any) -> Any:
    """Return a value of the preview, a text or several, with the titles that are known."""
    names = titles.get(field, {})
    if isinstance(value, list):
        return [names.get(one, one) for one in value]
    if field == "colours" and isinstance(value, str):
        return ", ".join(names.get(one, one) for one in value.split(", "))
    return names.get(value, value)
