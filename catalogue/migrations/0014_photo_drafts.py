"""Photos of forms that are not saved yet."""

import catalogue.models.drafts
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0013_scheduled_feeds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PhotoDraft',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('form', models.CharField(max_length=32)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('file', models.FileField(blank=True, storage=catalogue.models.drafts.draft_storage, upload_to=catalogue.models.drafts.draft_path, verbose_name='file')),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('created', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='created')),
                ('saved', models.DateTimeField(null=True)),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.article', verbose_name='article')),
                ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.photo', verbose_name='photo')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'photo not saved yet',
                'verbose_name_plural': 'photos not saved yet',
                'ordering': ('created', 'pk'),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'form', 'sha256'), name='one_draft_a_form')],
            },
        ),
    ]
