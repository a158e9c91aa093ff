"""Variants of an import: which rows of a source are one variant, and how the stored ones change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.grouping import Line
from catalogue.feeds.rows import ArticleRow, CellError, VariantRow
from catalogue.feeds.table_reader import LeftOut
from catalogue.messages.message import shorten
from catalogue.models import Article, Colour, Variant, arrange, is_counted, total_stock, variant_values
from catalogue.models.recording import note_changed
from catalogue.naming import name_key


def told_variants(rows: Iterable[VariantRow], *, sku: str) -> tuple[VariantRow, ...] | None:
    """Return the variants that a source tells apart; None where it says no more than the article does.

    A product that is sold in one way has a variant only if that has a size, or a number of its own. Its stock is the
    article's.
    """
    found = list(rows)
    if len(found) == 1 and not found[0].size:
        (only,) = found
        values = {name: value for name, value in only.values.items() if name != "stock"}
        if values.get("sku") == sku:
            del values["sku"]
        return (VariantRow("", "", values),) if any(values.values()) else None
    told = [row for row in found if row.values]
    return tuple(found) if told and any(row.size or row.colour or row.values.get("sku") for row in found) else None


def read_barcode(line: Line, names: Iterable[str], left_out: LeftOut) -> dict[str, str]:
    """Return the barcode of a line, from the first of its fields that has one. A bad one is left out and noted."""
    for name in names:
        if text := line.first(name):
            try:
                return {"barcode": cells.read_barcode(text)}
            except CellError:
                left_out.add("feed.barcodes_left_out", f"{line.line}: {shorten(text, cells.VALUE_AT_MOST)}")
    return {}


def with_sizes(row_sizes: list[str], variants: Sequence[VariantRow] | None) -> list[str]:
    """Return an article's sizes: those given, and those of its variants."""
    return list(dict.fromkeys([*row_sizes, *(row.size for row in variants or () if row.size)]))


@dataclass
class VariantPlan:
    """How the variants of an article change."""

    article: Article | None = None
    added: list[Variant] = field(default_factory=list)
    changed: list[Variant] = field(default_factory=list)
    gone: list[Variant] = field(default_factory=list)
    # All that there are afterwards, in order; and what there was before, as an edit keeps it.
    after: list[Variant] = field(default_factory=list)
    values_before: list[list[Any]] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def plan_variants(
    article: Article, present: list[Variant], row: ArticleRow, colour_of: Callable[[str], Colour]
) -> VariantPlan:
    """Compare the `present` variants of an article, whose sizes are those of the row by now, with those of the row.

    A variant is recognised by its SKU, else by its size and colour. What the row does not state of it stays.
    """
    before, values = {variant.pk: _state(variant) for variant in present}, variant_values(present)
    if row.variants is None:
        found = present
    else:
        left, found = list(present), []
        for told in row.variants:
            variant = _same(told, left) or Variant(article=article, size=told.size)
            if variant in left:
                left.remove(variant)
            variant.size = told.size
            if told.colour:
                variant.colour = colour_of(told.colour)
            for name, value in told.values.items():
                setattr(variant, name, value)
            found.append(variant)
    after = arrange(article, found)
    kept = {variant.pk for variant in after if variant.pk}
    return VariantPlan(
        article,
        added=[variant for variant in after if variant.pk is None],
        changed=[variant for variant in after if variant.pk and before[variant.pk] != _state(variant)],
        gone=[variant for variant in present if variant.pk not in kept],
        after=after,
        values_before=values,
    )


def stored_variants(articles: Iterable[Article]) -> Mapping[int, list[Variant]]:
    """Return the variants of articles by the article's id, as they are now."""
    present: defaultdict[int, list[Variant]] = defaultdict(list)
    for variant in Variant.objects.filter(article__in=list(articles)).select_related("colour"):
        present[variant.article_id].append(variant)
    return present


def write_variants(plans: Iterable[VariantPlan]) -> None:
    """Write the planned changes, and record them; the articles have their ids by now."""
    plans = list(plans)
    for plan in plans:
        if plan.article:
            note_changed(plan.article, "variants", plan.values_before, variant_values(plan.after))
    Variant.objects.filter(pk__in=[variant.pk for plan in plans for variant in plan.gone]).delete()
    Variant.objects.bulk_create(variant for plan in plans for variant in plan.added)
    changed = [variant for plan in plans for variant in plan.changed]
    Variant.objects.bulk_update(changed, ["position", "size", "colour", "sku", "barcode", "stock"])


def check_stock(article: Article, row: ArticleRow) -> None:
    """Raise CellError for a stock of an article that is counted by size, where the row does not say of which."""
    if article.pk is None or row.variants is not None or "stock" not in row.values:
        return
    variants = list(article.variants.all())
    total = total_stock(variants, None)
    if is_counted(variants) and row.values["stock"] != total:
        wrong = CellError("cell.stock_of_variants", total="" if total is None else str(total))
        raise row.error_in("stock", wrong)


def said_variants(variants: Iterable[Variant]) -> str:
    """Return variants for people: S: 3, M: 0."""
    return ", ".join(
        f"{variant}: {variant.stock}" if variant.stock is not None else str(variant) for variant in variants
    )


def _state(variant: Variant) -> tuple[object, ...]:
    return variant.size, variant.colour_id, variant.sku, variant.barcode, variant.stock, variant.position


def _same(row: VariantRow, variants: list[Variant]) -> Variant | None:
    sku = row.values.get("sku")
    if sku and (found := next((variant for variant in variants if variant.sku == sku), None)):
        return found
    alike = [variant for variant in variants if variant.size == row.size and not (sku and variant.sku)]
    if row.colour:
        key = name_key(row.colour)
        coloured = [each for each in alike if each.colour and key in _names(each.colour)]
        alike = coloured or [each for each in alike if each.colour is None]
    return next(iter(alike), None)


def _names(colour: Colour) -> set[str]:
    return {name_key(colour.name), name_key(colour.name_fr)}
