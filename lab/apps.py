"""The laboratory as a Django app, installed where its folder is: its commands are there, and it has no models."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """Commands that draw, train, measure and attack."""

    name = "lab"
    label = "lab"
    verbose_name = "Laboratory"
