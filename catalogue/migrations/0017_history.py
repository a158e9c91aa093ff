"""Changes are kept, deleted articles and photos lie in a bin, and one SKU may be there more than once."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0016_column_mappings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeSet',
            fields=[
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('due', models.DateTimeField(editable=False, null=True)),
                ('cursor', models.PositiveBigIntegerField(default=0, editable=False)),
                ('total', models.PositiveIntegerField(editable=False, null=True)),
                ('error', models.JSONField(blank=True, editable=False, null=True, verbose_name='reason')),
                ('begun', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('ended', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('how', models.CharField(choices=[('form', 'form'), ('bulk', 'bulk change'), ('import', 'import'), ('feed', 'feed'), ('api', 'API'), ('command', 'command'), ('worker', 'worker'), ('undo', 'undo')], max_length=10, verbose_name='how')),
                ('state', models.CharField(choices=[('running', 'in progress'), ('finished', 'finished'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='finished', max_length=10, verbose_name='state')),
                ('action', models.CharField(blank=True, max_length=20)),
                ('params', models.JSONField(default=dict)),
                ('selection', models.JSONField(default=list)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('left_out', models.JSONField(default=list)),
                ('left_out_count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'ordering': ('-begun', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Edit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('article', 'article'), ('photo', 'photo'), ('category', 'category'), ('brand', 'brand'), ('colour', 'colour')], max_length=8)),
                ('row_id', models.PositiveBigIntegerField()),
                ('article_id', models.PositiveBigIntegerField(null=True)),
                ('name', models.CharField(max_length=200)),
                ('did', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('binned', 'deleted'), ('restored', 'restored'), ('removed', 'deleted for good')], max_length=8)),
                ('fields', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'edit',
                'verbose_name_plural': 'edits',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='BinnedArticle',
            fields=[
            ],
            options={
                'verbose_name': 'article in the bin',
                'verbose_name_plural': 'articles in the bin',
                'ordering': ('-deleted', '-pk'),
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('catalogue.article',),
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_category_newest',
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_category_facets',
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_brand_facets',
        ),
        migrations.AddField(
            model_name='article',
            name='deleted',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted'),
        ),
        migrations.AddField(
            model_name='photo',
            name='deleted',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted'),
        ),
        migrations.AlterField(
            model_name='article',
            name='sku',
            field=models.CharField(help_text="The shop's own number of the article.", max_length=100, verbose_name='SKU'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('deleted__isnull', False)), fields=['deleted'], name='article_in_bin'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['category', 'published', '-created', '-id', 'deleted'], name='article_category_newest'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['category', 'published', 'stock', 'price', 'deleted'], name='article_category_facets'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['brand', 'published', 'stock', 'price', 'deleted'], name='article_brand_facets'),
        ),
        migrations.AddIndex(
            model_name='photo',
            index=models.Index(condition=models.Q(('deleted__isnull', False)), fields=['deleted'], name='photo_in_bin'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted__isnull', True)), fields=('sku',), name='article_sku_unique', violation_error_message='Another product has this SKU already.'),
        ),
        migrations.AddField(
            model_name='changeset',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='changeset',
            name='import_run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='change_sets', to='catalogue.importrun', verbose_name='import'),
        ),
        migrations.AddField(
            model_name='changeset',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undos', to='catalogue.changeset', verbose_name='takes back'),
        ),
        migrations.AddField(
            model_name='edit',
            name='change_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='catalogue.changeset'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(fields=['-begun', '-id'], name='change_set_newest'),
        ),
        migrations.AddIndex(
            model_name='edit',
            index=models.Index(fields=['article_id', 'id'], name='edit_of_article'),
        ),
        migrations.AddIndex(
            model_name='edit',
            index=models.Index(fields=['kind', 'row_id'], name='edit_of_row'),
        ),
    ]
