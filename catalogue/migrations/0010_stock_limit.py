"""A stock is at most what the column holds on PostgreSQL; nothing is rewritten."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0009_messages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="article",
            name="stock",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: not counted, always in stock.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(2147483647)],
                verbose_name="stock",
            ),
        ),
    ]
