"""Quotas of API clients by name: each app registers its own, and the catalogue need not know what is asked for."""

from typing import Any

from django.db import migrations, models

# What the two columns were, with their defaults.
COLUMNS = {"searches_a_minute": 600, "photos_a_day": 50_000}


def columns_to_rates(apps: Any, schema_editor: Any) -> None:
    clients = apps.get_model("catalogue", "ApiClient").objects.using(schema_editor.connection.alias)
    for client in clients.all():
        client.rates = {name: getattr(client, name) for name in COLUMNS}
        client.save(update_fields=["rates"])


def rates_to_columns(apps: Any, schema_editor: Any) -> None:
    clients = apps.get_model("catalogue", "ApiClient").objects.using(schema_editor.connection.alias)
    for client in clients.all():
        for name, default in COLUMNS.items():
            setattr(client, name, client.rates.get(name, default))
        client.save(update_fields=list(COLUMNS))


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_jobs")]

    operations = [
        migrations.AddField(
            "apiclient",
            "rates",
            models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(columns_to_rates, rates_to_columns),
        migrations.RemoveField("apiclient", "searches_a_minute"),
        migrations.RemoveField("apiclient", "photos_a_day"),
    ]
