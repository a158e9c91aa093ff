from typing import Any

from django.db import migrations, models
from django.db.models import F


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Have half-done imports go on where they stand. No worker of the version before holds any: it is stopped."""
    runs = apps.get_model("catalogue", "ImportRun").objects.using(schema_editor.connection.alias)
    runs.update(lease_token="", cursor=F("created") + F("changed") + F("unchanged") + F("refused"))


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0006_standard_names'),
    ]

    operations = [
        migrations.RenameField('importrun', 'lease', 'lease_token'),
        migrations.RemoveField('importrun', 'heard'),
        migrations.AddField(
            model_name='importrun',
            name='leased_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='importrun',
            name='due',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='importrun',
            name='cursor',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='lease_token',
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='ended',
            field=models.DateTimeField(editable=False, null=True, verbose_name='ended'),
        ),
        migrations.AddField(
            model_name='photosource',
            name='lease_token',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='photosource',
            name='leased_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='photosource',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
