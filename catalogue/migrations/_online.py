"""Changes of large tables that have nobody wait."""

from __future__ import annotations

from typing import Any

from django.db.migrations import AddIndex


class AddIndexOnline(AddIndex):
    """Add an index while others write to the table: on PostgreSQL concurrently, elsewhere as AddIndex does.

    The migration must have `atomic = False`. Safe to repeat: what an attempt left that was ended is removed first.
    """

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        # It waits for transactions that run, and has nobody wait: with the limit of `migrate` it would begin anew.
        schema_editor.execute("SET lock_timeout = 0")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        schema_editor.add_index(model, self.index, concurrently=True)
        schema_editor.execute("RESET lock_timeout")
