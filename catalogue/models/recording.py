"""Records what changes: in `save`, and in the statements of QuerySets that send no signal.

An edit is written in the transaction of the change itself. The `recording` around it says who changes, and how; what
is changed outside of any counts as done by a command.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias, TypeVar
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection, models, transaction

from catalogue.signals import articles_edited

Values: TypeAlias = dict[str, Any]
M = TypeVar("M", bound="Recorded")

# A name is as long as its column.
NAME_AT_MOST = 200
ROWS_AT_ONCE = 2_000


@dataclass
class Recording:
    """A change set that is being made. Its row is written with its first edit."""

    how: str
    # Asked as late as the first edit: the API knows its user only then.
    user: Callable[[], Any] = lambda: None
    values: Values = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)
    # The row is committed, or was there before.
    stored: bool = False
    # Nothing is kept: what changes is rolled back.
    muted: bool = False
    # Edits that are written together.
    held: list[Any] | None = None

    def add(self, edits: Iterable[Any]) -> None:
        """Write edits. Call it in the transaction of the changes."""
        if self.muted:
            return
        if self.held is None:
            self._write(list(edits))
            return
        self.held += edits

    @contextmanager
    def together(self) -> Iterator[None]:
        """Hold edits back and write them at the end, one a row. Use it within a transaction.

        Within another, which does so: where this part fails, nothing is kept of it.
        """
        outer = self.held
        self.held = []
        try:
            yield
            edits = self.held
        finally:
            self.held = outer
        self.add(edits if outer is not None else _merged(edits))

    def _write(self, edits: list[Any]) -> None:
        if not edits:
            return
        if not self.stored:
            self._store()
        for edit in edits:
            edit.change_set_id = self.key
        apps.get_model("catalogue.Edit").objects.bulk_create(edits, batch_size=ROWS_AT_ONCE)
        article = apps.get_model("catalogue.Article")
        if of_articles := [edit for edit in edits if edit.kind == article.KIND]:
            articles_edited.send(sender=article, edits=of_articles)

    def _store(self) -> None:
        model = apps.get_model("catalogue.ChangeSet")
        user = self.user()
        row = model(pk=self.key, how=self.how, by_id=getattr(user, "pk", None), **self.values)
        # Written again with each edits until it is committed: a savepoint may take it back.
        model.objects.bulk_create([row], ignore_conflicts=True)
        if connection.in_atomic_block:
            transaction.on_commit(self._is_stored)
        else:
            self.stored = True

    def _is_stored(self) -> None:
        self.stored = True


_current: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording(how: str, *, user: Callable[[], Any] = lambda: None, **values: Any) -> Iterator[Recording]:
    """Record what changes within as one change set, unless a recording is under way: that one goes on."""
    if (active := _current.get()) is not None:
        yield active
        return
    with continued(Recording(how, user, values)) as made:
        yield made


@contextmanager
def continued(made: Recording) -> Iterator[Recording]:
    """Record what changes within as part of a change set, whatever is under way."""
    token = _current.set(made)
    try:
        yield made
    finally:
        _current.reset(token)


def current() -> Recording:
    """Return the recording under way, or a new one of a command."""
    return _current.get() or Recording("command")


class Recorded(models.Model):
    """A row whose changes are kept."""

    # The kind of its edits, and its columns whose changes are kept.
    KIND: ClassVar[str]
    RECORDED: ClassVar[tuple[str, ...]]

    # What the row holds, where whoever saves has read it: else it is read before it is saved.
    known_values: Values | None = None

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = self.known_values
            if before is None and not self._state.adding:
                rows = type(self)._base_manager.filter(pk=self.pk)
                before = next(iter(_stored(rows, self.RECORDED).values()), None)
            super().save(*args, **kwargs)
            names = self.RECORDED
            if kwargs.get("update_fields") is not None:
                asked = {self._meta.get_field(name).attname for name in kwargs["update_fields"]}  # type: ignore[union-attr]
                names = tuple(name for name in names if name in asked)
            after = _plain_values(self, names)
            if before is None:
                note_created([self])
            elif changes := _differing(before, after):
                current().add([edit_of(self, "changed", changes)])
            if self.known_values is not None:
                self.known_values = {**self.known_values, **after}

    @property
    def recorded_name(self) -> str:
        return str(self)

    @property
    def recorded_article(self) -> int | None:
        return None


class RecordedQuerySet(models.QuerySet[M]):
    """Rows whose changes are kept: also those that are made by statements, which send no signals."""

    def update(self, **values: Any) -> int:
        names = tuple(
            name for name in self.model.RECORDED if name in values or self.model._meta.get_field(name).name in values
        )
        if not names:
            return super().update(**values)
        changed = 0
        with transaction.atomic():
            keys = list(self.order_by().values_list("pk", flat=True))
            for start in range(0, len(keys), ROWS_AT_ONCE):
                some = keys[start : start + ROWS_AT_ONCE]
                rows = self.model._base_manager.filter(pk__in=some)
                before = _stored(rows.order_by("pk").select_for_update(), names)
                changed += super(RecordedQuerySet, self.filter(pk__in=some)).update(**values)
                after = _stored(rows, names)
                differing = {
                    key: changes for key in before if (changes := _differing(before[key], after.get(key, before[key])))
                }
                if differing:
                    named = self.model._base_manager.in_bulk(list(differing))
                    current().add(edit_of(named[key], "changed", changes) for key, changes in differing.items())
        return changed

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        with transaction.atomic():
            made: list[M] = super().bulk_create(list(objs), *args, **kwargs)
            note_created(made)
        return made


def edit_of(row: Recorded, did: str, fields: Mapping[str, Any] | None = None) -> Any:
    """Return an edit of a row, not yet written."""
    return apps.get_model("catalogue.Edit")(
        kind=row.KIND,
        row_id=row.pk,
        article_id=row.recorded_article,
        name=row.recorded_name[:NAME_AT_MOST],
        did=did,
        fields=dict(fields or {}),
    )


def note_created(rows: Collection[Recorded]) -> None:
    """Record rows that are new, with their values."""
    current().add(
        edit_of(row, "created", {name: [None, value] for name, value in _filled(row).items()})
        for row in rows
        if row.pk is not None
    )


def note_changed(row: Recorded, name: str, before: Any, after: Any) -> None:
    """Record that a field changed which is no column."""
    if before != after:
        current().add([edit_of(row, "changed", {name: [before, after]})])


def note_removed(row: Recorded) -> None:
    """Record that a row was deleted for good, with its values."""
    current().add([edit_of(row, "removed", {name: [value, None] for name, value in _filled(row).items()})])


def plain(field: models.Field[Any, Any], value: Any) -> Any:
    """Return a column's value as JSON has it, the same for a value that was read and for one that is to be saved."""
    if value is None:
        return None
    if isinstance(field, models.FileField):
        return str(getattr(value, "name", value) or "")
    if isinstance(field, models.DecimalField):
        return f"{field.to_python(value):.{field.decimal_places}f}"
    if isinstance(field, models.ForeignKey):
        return int(value)
    return field.to_python(value)


def _plain_values(row: Recorded, names: Collection[str] | None = None) -> Values:
    columns = {name: row._meta.get_field(name) for name in (row.RECORDED if names is None else names)}
    return {name: plain(column, getattr(row, name)) for name, column in columns.items()}  # type: ignore[arg-type]


def _filled(row: Recorded) -> Values:
    return {name: value for name, value in _plain_values(row).items() if value not in (None, "", [])}


def _stored(rows: models.QuerySet[Any], names: Collection[str]) -> dict[int, Values]:
    columns = [rows.model._meta.get_field(name) for name in names]
    return {
        key: {name: plain(column, value) for name, column, value in zip(names, columns, values, strict=True)}
        for key, *values in rows.values_list("pk", *names)
    }


def _differing(before: Values, after: Values) -> dict[str, list[Any]]:
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _merged(edits: Iterable[Any]) -> list[Any]:
    """Return the edits of a row that follow each other as one; none where it is as it was."""
    merged: list[Any] = []
    last: dict[tuple[str, int], Any] = {}
    for edit in edits:
        before = last.get((edit.kind, edit.row_id))
        if before is not None and edit.did == "changed" and before.did in {"created", "changed"}:
            for name, (old, new) in edit.fields.items():
                before.fields[name] = [before.fields[name][0] if name in before.fields else old, new]
            before.name = edit.name
        else:
            merged.append(edit)
            last[edit.kind, edit.row_id] = edit
    for edit in merged:
        if edit.did == "changed":
            edit.fields = {name: values for name, values in edit.fields.items() if values[0] != values[1]}
    return [edit for edit in merged if edit.fields or edit.did != "changed"]
