"""What an import does, row by row and article by article, as texts for people to look at beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from catalogue.feeds.cells import MAX_SKU
from catalogue.feeds.rows import ArticleRow, RowError
from catalogue.feeds.taxonomy import Terms
from catalogue.messages import Json
from catalogue.messages.message import shorten
from catalogue.models import Article

# Of each text, in characters; of the addresses of an article's photos.
SHOWN_AT_MOST = 120
PHOTOS_AT_MOST = 5

# A text, or several where a field has several; None where there is nothing.
Said: TypeAlias = "str | list[str] | None"


@dataclass(frozen=True)
class Preview:
    """What an import does to an article: each field that it sets, as text, before and after."""

    line: str
    sku: str
    name: str
    new: bool
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RowPreview:
    """A row as it would become, or why it is refused."""

    line: str
    sku: str
    new: bool = False
    currency: str = ""
    # Each field that the row sets: its name, whether it differs, what the article has, and what it would have.
    values: tuple[tuple[str, bool, Said, Said], ...] = ()
    # How many photos the row names, and the first addresses among them; none where it names none.
    photos: int | None = None
    addresses: tuple[str, ...] = ()
    error: Json | None = None


def refused_row(error: RowError) -> RowPreview:
    return RowPreview(error.line, shorten(error.sku, MAX_SKU), error=error.message.as_json())


def row_preview(
    row: ArticleRow,
    article: Article,
    changes: Sequence[tuple[str, Any, Any]],
    terms: Terms,
    *,
    new: bool,
    variants: str,
) -> RowPreview:
    """Return what becomes of an article to which its row has been written, with these changes.

    `variants` are those that it has then, as text.
    """
    before = {} if new else {name: was for name, was, _ in changes}
    given = row.photos if row.photo_urls is None else row.photo_urls

    def values() -> Iterator[tuple[str, bool, Said, Said]]:
        for name in dict.fromkeys((*_fields_of(row), *_following(changes), *_french_name(row, article, new=new))):
            differs = name in before
            if name == "colours":
                after: Any = [terms.colour(colour).name for colour in row.colours or ()]
            elif name == "additional_categories":
                found = {category.pk for path in row.additional_categories or () if (category := terms.category(path))}
                after = sorted(terms.said("category_id", pk) for pk in found)
            elif name == "variants":
                after = variants
            else:
                after = getattr(article, name)
            was = _said(terms, name, before[name]) if differs else None
            yield name.removesuffix("_id"), differs, was, _said(terms, name, after)

    return RowPreview(
        row.line,
        row.sku,
        new,
        article.currency,
        tuple(values()),
        None if given is None else len(given),
        tuple((row.photo_urls or ())[:PHOTOS_AT_MOST]),
    )


def _fields_of(row: ArticleRow) -> Iterator[str]:
    yield from row.values
    if row.category is not None:
        yield "category_id"
    if row.additional_categories is not None:
        yield "additional_categories"
    if row.brand is not None:
        yield "brand_id"
    if row.colours is not None:
        yield "colours"
    if row.variants:
        yield "variants"


def _following(changes: Sequence[tuple[str, Any, Any]]) -> Iterator[str]:
    """Yield what changes because of what the row sets: the stock with that of the variants, a reduction that ends."""
    return (name for name, *_ in changes if name in {"stock", "regular_price", "variants"})


def _french_name(row: ArticleRow, article: Article, *, new: bool) -> Iterator[str]:
    """Yield the French name where the row sets the other one alone: French pages go on showing it."""
    if "name" in row.values and "name_fr" not in row.values and article.name_fr and not new:
        yield "name_fr"


def _said(terms: Terms, name: str, value: Any) -> Said:
    if isinstance(value, list):
        return [shorten(str(part), SHOWN_AT_MOST) for part in value]
    return shorten(terms.said(name, value), SHOWN_AT_MOST) or None
