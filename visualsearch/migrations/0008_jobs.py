from typing import Any

from django.db import migrations, models
from django.db.models import Count, Min, Q


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Have half-done batches and reports go on where they stand."""
    alias = schema_editor.connection.alias
    apps.get_model("visualsearch", "DuplicateReport").objects.using(alias).filter(ended__isnull=False).update(
        state="finished"
    )
    batches = apps.get_model("visualsearch", "PhotoBatch").objects.using(alias)
    waiting = Min("photos__number", filter=Q(photos__state="waiting"))
    for batch in batches.annotate(count=Count("photos"), next=waiting).iterator():
        cursor = batch.count if batch.next is None else batch.next
        batches.filter(pk=batch.pk).update(total=batch.count, cursor=cursor)


def leased() -> list[tuple[str, models.Field]]:
    return [
        ('lease_token', models.CharField(blank=True, default='', editable=False, max_length=32)),
        ('leased_until', models.DateTimeField(editable=False, null=True)),
        ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
        ('due', models.DateTimeField(editable=False, null=True)),
        ('error', models.JSONField(blank=True, editable=False, null=True, verbose_name='reason')),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('visualsearch', '0007_standard_names'),
    ]

    operations = [
        *(
            migrations.AddField(model, name, field, preserve_default=name != 'lease_token')
            for model in ('duplicatereport', 'photobatch')
            for name, field in leased()
        ),
        migrations.RenameField('duplicatereport', 'after', 'cursor'),
        migrations.RenameField('duplicatereport', 'finished', 'ended'),
        migrations.AddField(
            model_name='duplicatereport',
            name='state',
            field=models.CharField(choices=[('running', 'running'), ('finished', 'finished'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='running', editable=False, max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='duplicatereport',
            name='ended',
            field=models.DateTimeField(editable=False, null=True, verbose_name='ended'),
        ),
        migrations.AlterField(
            model_name='duplicatereport',
            name='total',
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name='photos'),
        ),
        migrations.RenameField('photobatch', 'created', 'begun'),
        migrations.AlterField(
            model_name='photobatch',
            name='begun',
            field=models.DateTimeField(auto_now_add=True, verbose_name='begun'),
        ),
        migrations.AddField(
            model_name='photobatch',
            name='ended',
            field=models.DateTimeField(editable=False, null=True, verbose_name='ended'),
        ),
        migrations.AddField(
            model_name='photobatch',
            name='cursor',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='photobatch',
            name='total',
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
