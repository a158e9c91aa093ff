"""Checks that need the whole site: Django's own, missing migrations, the OpenAPI document. In one process."""

from __future__ import annotations

import os

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    call_command("check")
    call_command("makemigrations", check_changes=True, dry_run=True)
    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)
