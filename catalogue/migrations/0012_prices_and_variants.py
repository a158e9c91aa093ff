"""A price before a reduction; a row for each size with its own SKU, barcode and stock."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


# Articles whose sizes become rows at once.
AT_ONCE = 500


def add_variants(apps, schema_editor):
    """Give each size of each article a row, which says nothing of it yet."""
    Article, Variant = apps.get_model('catalogue', 'Article'), apps.get_model('catalogue', 'Variant')
    last = 0
    while found := list(Article.objects.filter(pk__gt=last).order_by('pk').values_list('pk', 'sizes')[:AT_ONCE]):
        last = found[-1][0]
        Variant.objects.bulk_create(
            Variant(article_id=pk, size=size[:200], position=position)
            for pk, sizes in found
            for position, size in enumerate(dict.fromkeys(str(size) for size in sizes or [] if str(size)))
        )


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0011_import_preview'),
    ]

    operations = [
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('size', models.CharField(blank=True, max_length=200, verbose_name='size')),
                ('sku', models.CharField(blank=True, db_index=True, max_length=100, verbose_name='SKU')),
                ('barcode', models.CharField(blank=True, db_index=True, help_text='GTIN, EAN or UPC.', max_length=50, verbose_name='barcode')),
                ('stock', models.PositiveIntegerField(blank=True, help_text='Empty: not counted by size.', null=True, validators=[django.core.validators.MaxValueValidator(2147483647)], verbose_name='stock')),
            ],
            options={
                'verbose_name': 'variant',
                'verbose_name_plural': 'variants',
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.AddField(
            model_name='article',
            name='additional_categories',
            field=models.ManyToManyField(blank=True, help_text='Where the article is listed too. Its address and path are those of its category.', related_name='additional_articles', to='catalogue.category', verbose_name='additional categories'),
        ),
        migrations.AddField(
            model_name='article',
            name='regular_price',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='The price before a reduction, shown struck through. Empty: not reduced.', max_digits=10, null=True, verbose_name='regular price'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('regular_price__isnull', True), models.Q(('price__isnull', False), ('regular_price__gt', models.F('price'))), _connector='OR'), name='article_regular_price_higher', violation_error_message='The regular price must be higher than the price. Leave it empty where nothing is reduced.'),
        ),
        migrations.AddField(
            model_name='variant',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='catalogue.article', verbose_name='article'),
        ),
        migrations.AddField(
            model_name='variant',
            name='colour',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.colour', verbose_name='colour'),
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(fields=['size', 'article', 'stock'], name='variant_size'),
        ),
        # Last: PostgreSQL alters no table whose rows were just written.
        migrations.RunPython(add_variants, migrations.RunPython.noop, elidable=True),
    ]
