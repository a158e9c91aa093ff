"""Errors are stored as code and parameters, no longer as English sentences."""

from typing import Any

from django.db import migrations, models

from catalogue.migrations._prose import FETCHES, IMAGES, Known, message_of

ROWS_AT_ONCE = 500

PHOTOS: Known = (
    (r"The photo's file is gone\. Upload it again\.", "photo.file_gone"),
    (r"The photo's file is not the one that was saved\. Upload it again\.", "photo.file_changed"),
    *IMAGES,
)
BATCHES: Known = (
    (r"The file is gone\. Send it again\.", "batch.file_gone"),
    (r"The batch was cancelled\.", "batch.cancelled"),
    (r"Searching for this photo broke off again and again\. Send another\.", "batch.interrupted"),
    *IMAGES,
    *FETCHES,
)


def convert(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias

    def write(model: str, old: str, known: Known) -> None:
        rows = apps.get_model("visualsearch", model)._default_manager.using(alias).exclude(**{old: ""})
        changed = []
        for row in rows.iterator(ROWS_AT_ONCE):
            row.error = message_of(getattr(row, old), known)
            changed.append(row)
            if len(changed) == ROWS_AT_ONCE:
                rows.model._default_manager.using(alias).bulk_update(changed, ["error"])
                changed = []
        rows.model._default_manager.using(alias).bulk_update(changed, ["error"])

    write("EmbeddingFailure", "reason", PHOTOS)
    write("BatchPhoto", "detail", BATCHES)


class Migration(migrations.Migration):

    dependencies = [
        ('visualsearch', '0008_jobs'),
        ('catalogue', '0009_messages'),
    ]

    operations = [
        migrations.AddField("embeddingfailure", "error", models.JSONField("reason", default=dict), preserve_default=False),
        migrations.AddField("batchphoto", "error", models.JSONField(null=True, blank=True)),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RemoveField("embeddingfailure", "reason"),
        migrations.RemoveField("batchphoto", "detail"),
    ]
