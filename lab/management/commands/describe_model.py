"""`manage.py describe_model`: fit the descriptor of a trained network anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.training.options import NewVersion, add_anew_arguments
from lab.training.redescribing import describe_anew
from visualsearch.exceptions import ModelUnavailableError

HELP = """Refit the descriptor of a trained network, as a new version of its artefact.

Projections, temperature, thresholds and the scale of likeness are fitted on photos of --data (photos.csv and images/);
the network stays as it is. The float32 artefact gets the same descriptor. Both cards are measured again, with --luma
on its photos too. Needs no TensorFlow."""


class Command(BaseCommand):
    """Fits and publishes; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        model = settings.VISUAL_MODEL
        add_anew_arguments(parser, artefact=model["NAME"], float32=model["FALLBACK"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = NewVersion.from_options(options, Path(settings.ARTEFACTS_DIR))
            describe_anew(new)
        except (OSError, ValueError, KeyError, ModelUnavailableError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{new.folder}, version {new.version}; see its card.json.")
