"""Staff choose what the columns of a table are, see its first rows, and find their choice again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0015_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='importrun',
            name='first_rows',
            field=models.JSONField(default=list, verbose_name='first rows'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='mapped_by',
            field=models.CharField(blank=True, choices=[('guess', 'guessed'), ('kept', 'as the last time'), ('staff', 'chosen')], max_length=10, verbose_name='columns chosen by'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='recognised',
            field=models.CharField(blank=True, max_length=20, verbose_name='recognised format'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='table',
            field=models.JSONField(default=list, verbose_name='table'),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='state',
            field=models.CharField(choices=[('mapping', 'columns to be chosen'), ('checking', 'being checked'), ('checked', 'checked'), ('importing', 'being imported'), ('finished', 'finished'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='checking', max_length=10, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='ColumnMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True, verbose_name='headings')),
                ('columns', models.JSONField(verbose_name='columns')),
                ('changed', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'column mapping',
                'verbose_name_plural': 'column mappings',
            },
        ),
    ]
