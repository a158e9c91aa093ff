"""The laboratory as a Django app: its commands are there where its folder is."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """Registers the laboratory's commands."""

    name = "lab"
