from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('visualsearch', '0006_models_in_rotation'),
    ]

    operations = [
        migrations.RenameField("logentry", "mark", "nonce"),
        migrations.RenameField("modelversion", "head_mark", "head_nonce"),
        migrations.RenameField("versionday", "silent_durations", "shadow_durations"),
    ]
