"""Groups that are called as a role keep their permissions under another name: the roles get those of their rule."""

from django.db import migrations

ROLES = ("viewer", "catalogue", "owner")


def set_aside(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        group = groups.filter(name=name).first()
        if group is None:
            continue
        free, number = f"{name} (before roles)", 1
        while groups.filter(name=free).exists():
            number += 1
            free = f"{name} (before roles {number})"
        group.name = free
        group.save(update_fields=["name"])
    # After a downgrade and an upgrade: their members have their role again.
    for name in ROLES:
        groups.filter(name=f"{name} (role)").update(name=name)


def rename(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.filter(name=name).update(name=f"{name} (role)")


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0014_photo_drafts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(set_aside, rename)]
