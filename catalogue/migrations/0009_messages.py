"""Errors are stored as code and parameters, no longer as English sentences."""

from typing import Any

from django.db import migrations, models

from catalogue.migrations._prose import FETCHES, FILES, IMAGES, ROWS, Known, line_of, message_of

ROWS_AT_ONCE = 500


def convert(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias

    def write(model: str, known: Known, fields: list[str]) -> None:
        rows = apps.get_model("catalogue", model)._default_manager.using(alias).exclude(reason="")
        changed = []
        for row in rows.iterator(ROWS_AT_ONCE):
            row.error = message_of(row.reason, known)
            if "line" in fields:
                row.line = line_of(row.line)
            changed.append(row)
            if len(changed) == ROWS_AT_ONCE:
                rows.model._default_manager.using(alias).bulk_update(changed, fields)
                changed = []
        rows.model._default_manager.using(alias).bulk_update(changed, fields)

    write("PhotoSource", (*IMAGES, *FETCHES), ["error"])
    write("ImportRun", FILES, ["error"])
    write("ImportRefusal", (*IMAGES, *FETCHES, *ROWS), ["error", "line"])


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0008_client_rates'),
    ]

    operations = [
        migrations.RenameField("importrefusal", "place", "line"),
        migrations.AddField("photosource", "error", models.JSONField("reason", null=True, blank=True)),
        migrations.AddField("importrun", "error", models.JSONField("reason", null=True, blank=True, editable=False)),
        migrations.AddField("importrefusal", "error", models.JSONField(default=dict), preserve_default=False),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RemoveField("photosource", "reason"),
        migrations.RemoveField("importrun", "reason"),
        migrations.RemoveField("importrefusal", "reason"),
    ]
