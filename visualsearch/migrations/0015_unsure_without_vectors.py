"""Vectors of searches that a model was not sure of are no longer kept: nobody agreed to it."""

from django.db import migrations


def erase(apps, schema_editor):
    unsure = apps.get_model("visualsearch", "ModelFailure").objects.filter(kind="unsure")
    unsure.exclude(vector=b"").update(vector=b"")


class Migration(migrations.Migration):
    dependencies = [("visualsearch", "0014_batch_webhooks")]

    operations = [migrations.RunPython(erase, migrations.RunPython.noop)]
