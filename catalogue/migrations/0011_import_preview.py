"""Imports say beforehand what they add, change and leave out."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0010_stock_limit'),
    ]

    operations = [
        migrations.AddField(
            model_name='importrun',
            name='new_terms',
            field=models.JSONField(default=list, verbose_name='new categories, brands and colours'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='notes',
            field=models.JSONField(default=list, verbose_name='notes'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='previews',
            field=models.JSONField(default=list, verbose_name='preview'),
        ),
    ]
