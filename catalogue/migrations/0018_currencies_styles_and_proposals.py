"""Prices are compared within a currency, articles of one style number linked, proposals from photos marked."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0017_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="article",
            name="proposed",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                verbose_name="proposed from the photos",
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="style_number",
            field=models.CharField(
                blank=True,
                help_text="Articles with the same one are colours of one design, and their pages link to each other.",
                max_length=100,
                verbose_name="style number",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(
                    ("deleted__isnull", True),
                    ("price__isnull", False),
                    ("published", True),
                ),
                fields=["currency", "price"],
                name="article_currency_price",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["style_number"], name="article_style_number"),
        ),
    ]
