"""The columns that staff chose for a table, kept for the next one with the same headings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from catalogue.feeds.columns import Columns, chosen_of, columns_of
from catalogue.feeds.csv_reader import FIELDS
from catalogue.models import ColumnMapping


def key_of(names: Sequence[str]) -> str:
    """Return what tables with the same headings have in common, in whichever order and letter case they are."""
    headings = sorted(name.lower() for name in names)
    return hashlib.sha256("\n".join(headings).encode("utf-8", "backslashreplace")).hexdigest()


def kept_for(names: Sequence[str]) -> Columns | None:
    """Return the mapping that was kept for these headings; None if there is none that can be used."""
    kept = ColumnMapping.objects.filter(key=key_of(names)).first()
    if kept is None:
        return None
    columns = {field: several for field, several in columns_of(kept.columns).items() if field in FIELDS}
    return columns if "sku" in chosen_of(names, columns, FIELDS) else None


def keep(names: Sequence[str], columns: Columns, *, by: Any = None) -> None:
    """Keep a mapping for these headings, unless it is what their names say anyway and none was kept before."""
    if not are_own(columns) or is_kept(names):
        ColumnMapping.objects.update_or_create(key=key_of(names), defaults={"columns": columns, "by": by})


def are_own(columns: Columns) -> bool:
    """Return whether a mapping is what the names of the columns say anyway."""
    return all([column.lower() for column in several] == [field] for field, several in columns.items())


def forget_kept(names: Sequence[str]) -> None:
    ColumnMapping.objects.filter(key=key_of(names)).delete()


def is_kept(names: Sequence[str]) -> bool:
    return ColumnMapping.objects.filter(key=key_of(names)).exists()
