"""Feeds that the shop fetches by itself, their fetches, and the articles that came with them."""

import datetime
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0012_prices_and_variants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScheduledFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('url', models.CharField(max_length=2000, verbose_name='address')),
                ('user', models.CharField(blank=True, max_length=200, verbose_name='user')),
                ('password', models.CharField(blank=True, max_length=200, verbose_name='password')),
                ('schedule', models.CharField(choices=[('1h', 'every hour'), ('6h', 'every 6 hours'), ('12h', 'every 12 hours'), ('daily', 'every day at a time')], default='daily', max_length=5, verbose_name='schedule')),
                ('daily_at', models.TimeField(default=datetime.time(4, 0), verbose_name='time of day')),
                ('kind', models.CharField(blank=True, max_length=20, verbose_name='format')),
                ('encoding', models.CharField(blank=True, max_length=20, verbose_name='encoding')),
                ('columns', models.JSONField(blank=True, default=dict, verbose_name='columns')),
                ('published', models.BooleanField(default=True, verbose_name='published')),
                ('on_leaving', models.CharField(choices=[('keep', 'keep it as it is'), ('hide', 'hide it'), ('sold_out', 'set its stock to 0')], default='hide', max_length=8, verbose_name='an article that has left the feed')),
                ('leaving_percent', models.PositiveSmallIntegerField(default=33, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='ask first if more than so many percent have left')),
                ('state', models.CharField(choices=[('new', 'not switched on yet'), ('on', 'switched on'), ('paused', 'paused')], default='new', editable=False, max_length=6, verbose_name='state')),
                ('due', models.DateTimeField(editable=False, null=True, verbose_name='next fetch')),
                ('failures', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('fetched', models.DateTimeField(editable=False, null=True, verbose_name='last fetched')),
                ('sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('etag', models.CharField(blank=True, editable=False, max_length=300)),
                ('last_modified', models.CharField(blank=True, editable=False, max_length=300)),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
            ],
            options={
                'verbose_name': 'feed',
                'verbose_name_plural': 'feeds',
                'ordering': ('name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='FeedFetch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('due', models.DateTimeField(editable=False, null=True)),
                ('cursor', models.PositiveBigIntegerField(default=0, editable=False)),
                ('total', models.PositiveIntegerField(editable=False, null=True)),
                ('error', models.JSONField(blank=True, editable=False, null=True, verbose_name='reason')),
                ('begun', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('ended', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('state', models.CharField(choices=[('fetching', 'being fetched'), ('importing', 'being imported'), ('settling', 'being concluded'), ('asking', 'waiting for your answer'), ('finished', 'finished'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='fetching', max_length=10, verbose_name='state')),
                ('preview', models.BooleanField(default=False)),
                ('unchanged', models.BooleanField(default=False)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('etag', models.CharField(blank=True, max_length=300)),
                ('last_modified', models.CharField(blank=True, max_length=300)),
                ('unidentified', models.PositiveIntegerField(default=0)),
                ('returned', models.PositiveIntegerField(default=0)),
                ('present', models.PositiveIntegerField(null=True)),
                ('left', models.PositiveIntegerField(null=True)),
                ('answer', models.CharField(blank=True, max_length=5)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('run', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='fetch', to='catalogue.importrun', verbose_name='import')),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fetches', to='catalogue.scheduledfeed', verbose_name='feed')),
            ],
            options={
                'verbose_name': 'fetch of a feed',
                'verbose_name_plural': 'fetches of feeds',
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['fetching', 'importing', 'settling'])), fields=('feed',), name='one_open_fetch')],
            },
        ),
        migrations.CreateModel(
            name='FeedArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen', models.PositiveBigIntegerField()),
                ('left', models.DateTimeField(null=True)),
                ('hidden', models.BooleanField(default=False)),
                ('sold_out', models.BooleanField(default=False)),
                ('stock_before', models.PositiveIntegerField(null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feeds', to='catalogue.article')),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles', to='catalogue.scheduledfeed')),
            ],
            options={
                'verbose_name': 'article of a feed',
                'verbose_name_plural': 'articles of feeds',
                'indexes': [models.Index(fields=['feed', 'left', 'seen'], name='feed_article_seen')],
                'constraints': [models.UniqueConstraint(fields=('feed', 'article'), name='one_article_a_feed')],
            },
        ),
    ]
