from typing import Any

from django.db import migrations

RENAMED = {"partnerapp": "apiclient", "keptanswer": "idempotencyrecord"}


def rename_permissions(apps: Any, schema_editor: Any) -> None:
    """Keep what groups and people may do: permissions are found by their codename, which holds the model's name."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for old, new in RENAMED.items():
        for action in ("add", "change", "delete", "view"):
            permissions.filter(content_type__app_label="catalogue", codename=f"{action}_{old}").update(
                codename=f"{action}_{new}"
            )


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0005_partners_and_kept_answers'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.RenameModel("PartnerApp", "ApiClient"),
        migrations.RenameModel("KeptAnswer", "IdempotencyRecord"),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
