"""Takes edits back, the last first. What others changed since is left as it is, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet

from catalogue.history.outcome import Outcome
from catalogue.models import (
    PROPOSABLE,
    Article,
    Brand,
    Category,
    ChangeSet,
    Colour,
    Edit,
    Photo,
    Variant,
    follow_sizes,
    is_reduction,
    recorded_variants,
    set_variants,
    variant_values,
    variants_of,
)
from catalogue.models.recording import Recorded, plain

Did, Kind = Edit.Did, Edit.Kind
MODELS: dict[str, type[Recorded]] = {model.KIND: model for model in (Article, Photo, Category, Brand, Colour)}
PRICES, SIZES = {"price", "regular_price"}, {"sizes", "variants"}
TOGETHER = (PRICES, SIZES)
EMPTY: tuple[Any, ...] = (None, "", [])


def edits_of(change: ChangeSet, article: int | None = None) -> QuerySet[Edit]:
    """Return the edits of a change set, of one article if its id is given, the last first."""
    edits = change.edits.order_by("-pk")
    return edits if article is None else edits.filter(article_id=article)


def take_back(edits: Sequence[Edit]) -> Outcome:
    """Take back edits of one change set, in their order. Call it in a transaction, within a recording."""
    undoing = _Undoing(edits)
    for edit in edits:
        undoing.undo(edit)
    return undoing.finish()


class _Undoing:
    """Some edits that are taken back together."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._outcome = Outcome()
        # Locked in one order, against deadlocks.
        keys = {edit.article_id for edit in edits if edit.article_id is not None}
        self._articles = {
            row.pk: row for row in Article.all_objects.filter(pk__in=keys).order_by("pk").select_for_update()
        }
        # Their photos come and go with them.
        of_change = Edit.objects.filter(change_set__in={edit.change_set_id for edit in edits})
        whole = of_change.filter(kind=Kind.ARTICLE, article_id__in=keys)
        self._created = set(whole.filter(did=Did.CREATED).values_list("article_id", flat=True))
        self._rows: dict[tuple[str, int], Recorded | None] = {}
        self._bin: list[int] = []
        self._restore: dict[int, str] = {}

    def undo(self, edit: Edit) -> None:
        row = self._row(edit)
        if row is None and edit.did != Did.REMOVED:
            self._leave(edit, "history.gone")
        elif edit.did == Did.REMOVED:
            self._make_again(edit, row)
        elif isinstance(row, Article):
            self._undo_article(edit, row)
        elif isinstance(row, Photo):
            self._undo_photo(edit, row)
        elif row is not None and edit.did == Did.CREATED:
            self._remove(edit, row)
        elif row is not None:
            self._change_back(edit, row)

    def finish(self) -> Outcome:
        self._outcome.changed += Article.objects.filter(pk__in=self._bin).delete()[0]
        stay = Article.all_objects.filter(pk__in=self._restore).restore()
        for key in stay:
            name = self._restore[key]
            self._outcome.leave(name, "history.sku_taken", sku=name)
        self._outcome.changed += len(self._restore) - len(stay)
        return self._outcome

    def _row(self, edit: Edit) -> Recorded | None:
        if edit.kind == Kind.ARTICLE:
            return self._articles.get(edit.row_id)
        place = (edit.kind, edit.row_id)
        if place not in self._rows:
            self._rows[place] = MODELS[edit.kind]._base_manager.filter(pk=edit.row_id).first()
        return self._rows[place]

    def _leave(self, edit: Edit, code: str, column: str = "", **params: str) -> None:
        self._outcome.leave(edit.name, code, column, **params)

    def _undo_article(self, edit: Edit, row: Article) -> None:
        if edit.did == Did.BINNED:
            if row.deleted:
                self._restore[row.pk] = row.sku
        elif row.deleted:
            if edit.did == Did.CHANGED:
                self._leave(edit, "history.in_bin")
        elif edit.did == Did.RESTORED:
            self._bin.append(row.pk)
        elif edit.did == Did.CREATED:
            self._uncreate(edit, row)
        else:
            self._change_back(edit, row)

    def _uncreate(self, edit: Edit, row: Article) -> None:
        names = [*row.RECORDED, *(name for name in (*row.RECORDED_RELATIONS, "variants") if name in edit.fields)]
        # What was proposed since is no person's work.
        proposed = {"proposed"}.union(*(PROPOSABLE[name] for name in row.proposed))
        changed = [
            name
            for name in names
            if name not in proposed and not _same(_now(row, name), edit.fields.get(name, [None, None])[1])
        ]
        for name in changed:
            self._leave(edit, "history.changed_since", name)
        if not changed:
            self._bin.append(row.pk)

    def _undo_photo(self, edit: Edit, row: Photo) -> None:
        article = self._articles.get(row.article_id)
        if row.article_id in self._created:
            return
        if article is None or article.deleted:
            self._leave(edit, "history.in_bin")
        elif edit.did == Did.BINNED:
            self._outcome.changed += Photo.all_objects.filter(pk=row.pk).restore()
        elif row.deleted:
            if edit.did == Did.CHANGED:
                self._leave(edit, "history.in_bin")
        elif edit.did == Did.CHANGED and not self._may_go_back(edit):
            self._leave(edit, "history.in_bin", "article_id")
        elif edit.did == Did.CHANGED:
            self._change_back(edit, row)
        elif edit.did == Did.CREATED and row.file.name != edit.fields.get("file", [None, row.file.name])[1]:
            self._leave(edit, "history.changed_since", "file")
        else:
            self._outcome.changed += Photo.objects.filter(pk=row.pk).delete()[0]

    def _may_go_back(self, edit: Edit) -> bool:
        """Return whether the article that a photo was moved from is there, or comes back with the same undo."""
        before = edit.fields.get("article_id", [None, None])[0]
        return before is None or before in self._restore or Article.objects.filter(pk=before).exists()

    def _change_back(self, edit: Edit, row: Recorded) -> None:
        back: dict[str, Any] = {}
        stay: dict[str, str] = {}
        confirmed = _confirmed_since(row, edit)
        for name, (old, new) in edit.values.items():
            now = _now(row, name)
            before, after = (_marks(now, old, new), now) if name == "proposed" else (old, new)
            if _same(now, before):
                continue
            if name in confirmed:
                stay[name] = "history.changed_since"
            elif code := "history.changed_since" if not _same(now, after) else _hindrance(row, name, before):
                stay[name] = code
            else:
                back[name] = before
        stay |= _held_back(row, back, stay)
        for name, code in stay.items():
            back.pop(name, None)
            self._leave(edit, code, name, **({"sku": str(edit.values[name][0])} if code == "history.sku_taken" else {}))
        if back:
            _set_back(row, back)
            self._outcome.changed += 1

    def _remove(self, edit: Edit, row: Recorded) -> None:
        """Delete a category, brand or colour that was created, unless something uses it."""
        relating = [Article.all_objects.filter(**{name: row.pk}) for name in _RELATIONS[row.KIND]]
        used = getattr(row, "numchild", 0) > 0 or any(articles.exists() for articles in relating)
        try:
            with transaction.atomic():
                if not used:
                    row.delete()
                    self._outcome.changed += 1
        except ProtectedError:
            used = True
        if used:
            self._leave(edit, "history.in_use")
        else:
            self._rows[edit.kind, edit.row_id] = None

    def _make_again(self, edit: Edit, row: Recorded | None) -> None:
        """Create a brand or a colour again that was deleted."""
        values = {name: before for name, (before, _) in edit.values.items()}
        model: Any = MODELS[edit.kind]
        if row is not None:
            return
        if edit.kind not in {Kind.BRAND, Kind.COLOUR}:
            self._leave(edit, "history.gone")
        elif model._base_manager.filter(slug=values.get("slug")).exists():
            self._leave(edit, "history.slug_taken", "slug")
        else:
            model(pk=edit.row_id, **values).save(force_insert=True)
            self._outcome.changed += 1


_RELATIONS = {
    "category": ("category", "additional_categories"),
    "brand": ("brand",),
    "colour": ("colours", "variants__colour"),
}


def _confirmed_since(row: Recorded, edit: Edit) -> set[str]:
    """Return the fields that an edit proposed of an article, and somebody has confirmed since."""
    if not isinstance(row, Article) or "proposed" not in edit.fields:
        return set()
    before, after = (set(names or ()) for names in edit.fields["proposed"])
    return {name for key in after - before - set(row.proposed) for name in PROPOSABLE[key]}


def _marks(now: Any, before: Any, after: Any) -> list[str]:
    """Return what is proposed of an article once an edit is taken back, whatever else was confirmed since."""
    had, has = set(before or ()), set(after or ())
    return sorted((set(now) - (has - had)) | (had - has))


def _now(row: Recorded, name: str) -> Any:
    if isinstance(row, Article) and name in row.RECORDED_RELATIONS:
        return row.related_ids(name)
    if name == "variants":
        return variant_values(Variant.objects.filter(article=row.pk))
    return plain(row._meta.get_field(name), getattr(row, name))  # type: ignore[arg-type]  # columns alone


def _same(one: Any, other: Any) -> bool:
    return one == other or (one in EMPTY and other in EMPTY and not isinstance(one, bool))


def _hindrance(row: Recorded, name: str, before: Any) -> str:
    """Return the code of what keeps a field from having its value again, or ""."""
    model: Any = type(row)
    if name == "sku" and Article.objects.filter(sku=before).exclude(pk=row.pk).exists():
        return "history.sku_taken"
    if name == "slug" and model is not Article and model._base_manager.filter(slug=before).exclude(pk=row.pk).exists():
        return "history.slug_taken"
    if name == "file" and not _kept_file(row, before).exists():
        return "history.file_gone"
    if name in {*Article.RECORDED_RELATIONS, "variants"}:
        keys = {colour for _, colour, *_ in before or [] if colour} if name == "variants" else set(before or [])
        related: Any = Category if name == "additional_categories" else Colour
        return "" if related.objects.filter(pk__in=keys).count() == len(keys) else "history.related_gone"
    column = row._meta.get_field(name)
    if before is not None and isinstance(column, models.ForeignKey):
        return "" if column.remote_field.model._base_manager.filter(pk=before).exists() else "history.related_gone"
    return ""


def _held_back(row: Recorded, back: Mapping[str, Any], stay: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that stay since another one does, each with the code of that one's reason.

    A price is not put back without the regular price that it was below, nor sizes without their variants.
    """
    held = {
        name: next(stay[one] for one in together if one in stay)
        for together in TOGETHER
        if together & stay.keys()
        for name in together & back.keys()
    }
    if isinstance(row, Article) and not held.keys() & PRICES and back.keys() & PRICES:
        texts = [back.get(name, _now(row, name)) for name in ("price", "regular_price")]
        price, regular_price = (Decimal(text) if text else None for text in texts)
        if regular_price is not None and not is_reduction(price, regular_price):
            held |= dict.fromkeys(back.keys() & PRICES, "history.not_reduced")
    return held


def _kept_file(row: Recorded, name: str) -> QuerySet[Photo]:
    return Photo.all_objects.binned().filter(article=row.recorded_article, file=name).exclude(pk=row.pk)


def _set_back(row: Recorded, values: dict[str, Any]) -> None:
    columns = {name: value for name, value in values.items() if name not in {*Article.RECORDED_RELATIONS, "variants"}}
    more = {"updated"} if isinstance(row, Article) else set()
    if "file" in columns and isinstance(row, Photo):
        kept = _kept_file(row, columns["file"]).order_by("-pk")[:1].get()
        Photo.all_objects.filter(pk=row.pk).bin_files()
        row.sha256 = kept.sha256
        more.add("sha256")
        # The row alone: its file is this photo's again.
        rows = Photo.all_objects.filter(pk=kept.pk)
        rows._raw_delete(rows.db)
    for name, before in columns.items():
        column: Any = row._meta.get_field(name)
        value = "" if before is None and not column.null else before
        setattr(row, name, value if isinstance(column, models.FileField) else column.to_python(value))
    if isinstance(row, Article):
        for name in values.keys() & set(row.RECORDED_RELATIONS):
            getattr(row, name).set(values[name] or [])
    stock = row.stock if isinstance(row, Article) else None
    row.save(update_fields={*columns, *more})
    if isinstance(row, Article) and "variants" in values:
        _set_variants_back(row, values["variants"] or [], stock)


def _set_variants_back(row: Article, variants: Sequence[Any], stock: int | None) -> None:
    """Give an article its variants again, and the stock that it had with them."""
    with recorded_variants(row):
        set_variants(row, variants_of(variants))
    # Those that say no more than their size follow from the sizes.
    follow_sizes(row)
    # Saving the sizes has counted it by the variants of before.
    if row.stock != stock:
        row.stock = stock
        row.save(update_fields={"stock", "updated"})
