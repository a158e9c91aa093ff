"""Tokens of staff are kept as digests. Those of before go on working; what they were is deleted from the database."""

import hashlib
from datetime import UTC

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

# The table of rest_framework.authtoken, which kept each token as it is. It stays, empty: without it a former version
# would not start.
FORMER = "authtoken_token"
ROWS = 500


def moment(created):
    """Return a time that a cursor gave; SQLite's gives text, in UTC."""
    if isinstance(created, str):
        created = parse_datetime(created)
    return created if timezone.is_aware(created) else created.replace(tzinfo=UTC)


def digest_former(apps, schema_editor):
    connection = schema_editor.connection
    if FORMER not in connection.introspection.table_names():
        return
    tokens = apps.get_model("catalogue", "ApiToken").objects.using(connection.alias)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Deleted rows are overwritten in the file, not only unlinked.
            cursor.execute("PRAGMA secure_delete = ON")
        users = apps.get_model("auth", "User").objects.using(connection.alias)
        cursor.execute(f"SELECT key, user_id, created FROM {FORMER}")
        former = cursor.fetchall()
        known = set(users.filter(pk__in=[user for _, user, _ in former]).values_list("pk", flat=True))
        tokens.bulk_create(
            [
                tokens.model(
                    user_id=user,
                    name="API",
                    key_start=key[:8],
                    key_sha256=hashlib.sha256(key.encode()).hexdigest(),
                    rights=None,
                    created=moment(created),
                )
                for key, user, created in former
                if user in known
            ],
            batch_size=ROWS,
        )
        cursor.execute(f"DELETE FROM {FORMER}")
    # Their permissions go with them.
    apps.get_model("contenttypes", "ContentType").objects.using(connection.alias).filter(app_label="authtoken").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0022_deleting_in_pieces"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="What uses it, as in “stock of the warehouse”.", max_length=100, verbose_name="name"
                    ),
                ),
                ("key_start", models.CharField(editable=False, max_length=8, verbose_name="token begins with")),
                ("key_sha256", models.CharField(editable=False, max_length=64, unique=True)),
                ("rights", models.JSONField(editable=False, null=True, verbose_name="rights")),
                (
                    "created",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("last_used", models.DateTimeField(editable=False, null=True, verbose_name="last used")),
                ("expires", models.DateTimeField(editable=False, null=True, verbose_name="expires")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ("user__username", "-created", "pk"),
                "default_permissions": (),
            },
        ),
        migrations.RunPython(digest_former, migrations.RunPython.noop, elidable=False),
    ]
