"""Text search: documents of articles with their full-text index, words that are spelled, synonyms.

The index follows from the table within the database, by triggers on SQLite and as a generated column on PostgreSQL. A
later migration that has SQLite make the table anew, as by altering a column, must create the triggers again.
"""

import django.db.models.deletion
from django.db import migrations, models

from catalogue.text_search.default_synonyms import DEFAULT_SYNONYMS

TABLE, FTS5 = "catalogue_searchdocument", "catalogue_searchdocument_fts5"
FIELDS = "title, traits, codes, text"
OLD, NEW = ("old.article_id, old.title, old.traits, old.codes, old.text",
            "new.article_id, new.title, new.traits, new.codes, new.text")  # fmt: skip
# All tokens are ASCII letters and digits. Nothing is ranked by their number, so columnsize=0. prefix: for suggestions.
CREATE_SQLITE = [
    f"CREATE VIRTUAL TABLE {FTS5} USING fts5({FIELDS}, content='{TABLE}', content_rowid='article_id', "
    "tokenize='ascii', columnsize=0, prefix='3 4')",
    f"CREATE TRIGGER {TABLE}_inserted AFTER INSERT ON {TABLE} BEGIN "
    f"INSERT INTO {FTS5} (rowid, {FIELDS}) VALUES ({NEW}); END",
    f"CREATE TRIGGER {TABLE}_deleted AFTER DELETE ON {TABLE} BEGIN "
    f"INSERT INTO {FTS5} ({FTS5}, rowid, {FIELDS}) VALUES ('delete', {OLD}); END",
    f"CREATE TRIGGER {TABLE}_updated AFTER UPDATE OF {FIELDS} ON {TABLE} BEGIN "
    f"INSERT INTO {FTS5} ({FTS5}, rowid, {FIELDS}) VALUES ('delete', {OLD}); "
    f"INSERT INTO {FTS5} (rowid, {FIELDS}) VALUES ({NEW}); END",
]
DROP_SQLITE = [
    *(f"DROP TRIGGER IF EXISTS {TABLE}_{what}" for what in ("inserted", "deleted", "updated")),
    f"DROP TABLE IF EXISTS {FTS5}",
]
CREATE_POSTGRESQL = [
    f"ALTER TABLE {TABLE} ADD COLUMN tokens tsvector GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple'::regconfig, title), 'A') || "
    "setweight(to_tsvector('simple'::regconfig, traits), 'B') || "
    "setweight(to_tsvector('simple'::regconfig, codes), 'C') || "
    "setweight(to_tsvector('simple'::regconfig, text), 'D')) STORED",
    f"CREATE INDEX {TABLE}_tokens ON {TABLE} USING gin (tokens)",
]
DROP_POSTGRESQL = [f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS tokens"]


def create_index(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in CREATE_POSTGRESQL if postgresql else CREATE_SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in DROP_POSTGRESQL if postgresql else DROP_SQLITE:
        schema_editor.execute(statement)


def add_synonyms(apps, schema_editor):
    groups = apps.get_model("catalogue.SynonymGroup").objects.using(schema_editor.connection.alias)
    groups.bulk_create(groups.model(words=words) for words in DEFAULT_SYNONYMS)


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0018_currencies_styles_and_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_document",
                        serialize=False,
                        to="catalogue.article",
                    ),
                ),
                ("title", models.TextField()),
                ("traits", models.TextField()),
                ("codes", models.TextField()),
                ("text", models.TextField()),
                ("version", models.PositiveSmallIntegerField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("folded", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("written", models.CharField(max_length=80)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "words",
                    models.TextField(
                        help_text="Separated by commas or line breaks, as in: sweater, jumper, pullover, pull.",
                        verbose_name="words",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "group of synonyms",
                "verbose_name_plural": "synonyms",
                "ordering": ("words",),
            },
        ),
        migrations.RunPython(create_index, drop_index),
        migrations.RunPython(add_synonyms, migrations.RunPython.noop),
    ]
