"""What a migration would do to tables that are large in a large shop, read from the SQL that it would run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.state import ProjectState

# Tables that stay small whatever the catalogue, by the model's name. All others may have a million rows.
SMALL = {
    "ApiClient",
    "ApiToken",
    "Brand",
    "Category",
    "Colour",
    "ColumnMapping",
    "FeedFetch",
    "ImportRun",
    "LabelMapping",
    "ModelVersion",
    "Pile",
    "PhotoBatch",
    "DuplicateReport",
    "ScheduledFeed",
    "SearchDay",
    "SynonymGroup",
    "VersionDay",
}
# What reads or writes a whole table while others may not write to it. A column with a constant default is added at
# once since PostgreSQL 11.
LOCKS = {
    r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)": "an index that is built while nobody may write",
    r"ALTER TABLE \S+ ALTER COLUMN \S+ TYPE\b": "a column of another type, for which the table is written anew",
    r"ALTER TABLE \S+ ALTER COLUMN \S+ SET NOT NULL": "a check of all rows that nobody may touch meanwhile",
    r"ALTER TABLE .*\bADD CONSTRAINT (?!.*(NOT VALID|USING INDEX))": "a constraint that is checked on all rows",
    r"ALTER TABLE .*\bADD COLUMN .*\b(UNIQUE|REFERENCES|GENERATED|CHECK)\b": "a column with a check or an index",
    r"ALTER TABLE .*\bADD COLUMN .*\bDEFAULT .*(random|uuid|clock_timestamp|nextval)": "a column written in each row",
    r"(UPDATE|DELETE FROM) ": "rows that are written in one transaction",
    r"(LOCK|CLUSTER|VACUUM FULL|REINDEX (?!.*CONCURRENTLY)) ?": "a lock",
}


def large_tables() -> set[str]:
    models = [model for app in ("catalogue", "visualsearch") for model in apps.get_app_config(app).get_models(True)]
    return {model._meta.db_table for model in models if model.__name__ not in SMALL}


def locks_of(statements: Iterable[str], tables: set[str]) -> list[str]:
    """Return what is wrong with SQL statements, by the tables that others wait for."""
    found = []
    for statement in statements:
        words = statement.replace('"', "")
        # The table that is changed comes first; others are referred to.
        named = re.search(r"\b(?:TABLE|ON|UPDATE|FROM|LOCK|CLUSTER|REINDEX|INTO)\s+(?:ONLY\s+)?(\w+)", words)
        if named is None or named[1] not in tables:
            continue
        found += [f"{named[1]}: {reason}: {words}" for pattern, reason in LOCKS.items() if re.match(pattern, words)]
    return found


def complaints(migration: Migration, before: ProjectState) -> list[str]:
    """Return why a migration must not be released, nothing if it may. It is not run; the database is PostgreSQL.

    Tables that it makes itself are empty. Code and SQL by hand must be in a migration of their own transactions
    (`atomic = False`), and so write in pieces.
    """
    state, made, statements, found = before.clone(), set[str](), [], []
    for operation in migration.operations:
        if isinstance(operation, RunPython | RunSQL) and migration.atomic:
            found.append(f"{operation.describe()}: in one transaction. Set atomic = False and write in pieces.")
        after = state.clone()
        operation.state_forwards(migration.app_label, after)
        if not isinstance(operation, RunPython):
            with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                operation.database_forwards(migration.app_label, editor, state, after)
            statements += editor.collected_sql
        made |= {model._meta.db_table for model in after.apps.get_models(include_auto_created=True)} - {
            model._meta.db_table for model in state.apps.get_models(include_auto_created=True)
        }
        state = after
    return found + locks_of(statements, large_tables() - made)
