"""Makes one article of two that were entered twice: one stays, takes what is chosen of the other, which is binned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Max

from catalogue.history.outcome import Outcome
from catalogue.models import Article, ChangeSet, Photo, Variant, replace_variants
from catalogue.models.articles import article_slug

# What is chosen together: a name, and the columns of an article.
COLUMNS: dict[str, tuple[str, ...]] = {
    "sku": ("sku",),
    "name": ("name",),
    "name_fr": ("name_fr",),
    "description": ("description",),
    "description_fr": ("description_fr",),
    "category": ("category_id",),
    "brand": ("brand_id",),
    "price": ("price", "regular_price", "currency"),
    "style_number": ("style_number",),
    "published": ("published",),
}
RELATIONS = ("colours", "additional_categories")
KEEP, GONE, BOTH = "keep", "gone", "both"
# An article that took the place of another may have been merged itself since.
MERGES_FOLLOWED = 5
_EMPTY: tuple[Any, ...] = (None, "", [])


def units_of(keep: Article, gone: Article) -> dict[str, tuple[str, ...]]:
    """Return what differs between two articles, each with the choices that there are, the preselected first.

    What is empty in one is taken from the other.
    """
    found: dict[str, tuple[str, ...]] = {}
    for unit, columns in COLUMNS.items():
        ours, theirs = (tuple(getattr(article, name) for name in columns) for article in (keep, gone))
        if ours != theirs and not (ours[0] in _EMPTY and theirs[0] in _EMPTY):
            found[unit] = (GONE, KEEP) if ours[0] in _EMPTY else (KEEP, GONE)
    for relation in RELATIONS:
        mine, others = set(keep.related_ids(relation)), set(gone.related_ids(relation))
        if mine != others:
            found[relation] = (BOTH, KEEP, GONE)
    if variants_of(keep) != variants_of(gone):
        found["sizes"] = (BOTH, KEEP, GONE)
    elif keep.stock != gone.stock:
        found["stock"] = (KEEP, GONE, *([BOTH] if None not in (keep.stock, gone.stock) else []))
    return found


def variants_of(article: Article) -> list[tuple[Any, ...]]:
    rows = article.variants.order_by("position", "pk")
    return list(rows.values_list("size", "colour_id", "sku", "barcode", "stock"))


def photos_to_move(keep: Article, gone: Article) -> list[Photo]:
    """Return the photos of the other article whose bytes the one that stays does not have; each of them once."""
    known = set(keep.photos.exclude(sha256="").values_list("sha256", flat=True))
    moved = []
    for photo in gone.photos.order_by("position", "pk"):
        if not photo.sha256 or photo.sha256 not in known:
            known.add(photo.sha256)
            moved.append(photo)
    return moved


def merge(keys: Sequence[int], params: Mapping[str, Any]) -> Outcome:
    """Merge the second of two articles into the first. Call it in a transaction, within a recording.

    `params["choices"]` has for each unit of `units_of` which value stays; one that is not named is as preselected.
    """
    rows = {row.pk: row for row in Article.objects.filter(pk__in=keys).order_by("pk").select_for_update()}
    outcome = Outcome()
    if len(rows) < 2:
        for name in params["skus"]:
            outcome.leave(name, "history.gone")
        return outcome
    keep, gone = (rows[key] for key in keys)
    units, given = units_of(keep, gone), params.get("choices", {})
    chosen = {unit: given.get(unit) if given.get(unit) in offered else offered[0] for unit, offered in units.items()}
    _move_photos(keep, gone)
    _merge_relations(keep, gone, chosen)
    taken = [unit for unit in COLUMNS if chosen.get(unit) == GONE]
    values = {name: getattr(gone, name) for unit in taken for name in COLUMNS[unit]}
    sizes = _merged_sizes(keep, gone, chosen.get("sizes", KEEP))
    stock = _merged_stock(keep, gone, chosen)
    # Before its SKU is another one's.
    gone.delete()
    if "name" in values:
        values["slug"] = article_slug(values["name"])
    for name, value in values.items():
        setattr(keep, name, value)
    keep.stock = stock
    keep.proposed = [name for name in keep.proposed if name not in chosen]
    keep.save()
    if sizes is not None:
        replace_variants(keep, sizes)
    outcome.changed = 1
    return outcome


def _move_photos(keep: Article, gone: Article) -> None:
    last = keep.photos.aggregate(last=Max("position"))["last"]
    for place, photo in enumerate(photos_to_move(keep, gone), 0 if last is None else last + 1):
        photo.article, photo.position = keep, place
        photo.save(update_fields=["article", "position"])


def _merge_relations(keep: Article, gone: Article, chosen: Mapping[str, Any]) -> None:
    for relation in RELATIONS:
        choice = chosen.get(relation, KEEP)
        if choice == KEEP:
            continue
        theirs = gone.related_ids(relation)
        getattr(keep, relation).set({*theirs, *(keep.related_ids(relation) if choice == BOTH else ())})


def _merged_sizes(keep: Article, gone: Article, choice: Any) -> list[Variant] | None:
    """Return the variants that the article gets, not yet written; None where its own stay."""
    if choice == KEEP:
        return None
    rows: Iterable[Variant] = gone.variants.order_by("position", "pk")
    if choice == BOTH:
        own = list(keep.variants.order_by("position", "pk"))
        known = {(row.size, row.colour_id) for row in own}
        rows = [*own, *(row for row in rows if (row.size, row.colour_id) not in known)]
    return [
        Variant(size=row.size, colour_id=row.colour_id, sku=row.sku, barcode=row.barcode, stock=row.stock)
        for row in rows
    ]


def _merged_stock(keep: Article, gone: Article, chosen: Mapping[str, Any]) -> int | None:
    choice = chosen.get("stock", GONE if chosen.get("sizes") == GONE else KEEP)
    if choice == BOTH and keep.stock is not None and gone.stock is not None:
        return keep.stock + gone.stock
    return gone.stock if choice == GONE else keep.stock


def merged_into(key: int) -> Article | None:
    """Return the published article into which another one was merged; None for one that was not, or is there again."""
    for _ in range(MERGES_FOLLOWED):
        if Article.objects.filter(pk=key).exists():
            return None
        merges = ChangeSet.objects.filter(action="merge", state="finished", params__gone=key, changed__gt=0)
        params = merges.order_by("-begun").values_list("params", flat=True).first()
        if params is None:
            return None
        found = Article.objects.published().filter(pk=params["keep"]).first()
        if found is not None:
            return found
        key = params["keep"]
    return None
