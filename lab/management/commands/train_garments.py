"""`manage.py train_garments`: train the head that detects garments on a trained network's feature maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.training.options import NewVersion, add_anew_arguments
from visualsearch.exceptions import ModelUnavailableError

HELP = """Train the head that detects garments, as a new version of a network's artefact.

The head learns from street photos of --outfits (garments.csv and photos/), and from photos of --data (photos.csv and
images/) alone and put together; the network stays as it is. The float32 artefact gets the same head. Both cards are
measured again, with --luma on its photos too. Needs TensorFlow."""


class Command(BaseCommand):
    """Trains and publishes; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        model = settings.VISUAL_MODEL
        add_anew_arguments(parser, artefact=model["NAME"], float32=model["FALLBACK"])
        parser.add_argument("--outfits", type=Path, required=True, metavar="DIR", help="street photos with boxes")

    def handle(self, *args: Any, **options: Any) -> None:
        # Imported here, since TensorFlow takes seconds to import and only training needs it.
        from lab.training.detecting import add_garments  # noqa: PLC0415  (as said above)

        try:
            new = NewVersion.from_options(options, Path(settings.ARTEFACTS_DIR))
            add_garments(new, options["outfits"])
        except (OSError, ValueError, KeyError, ModelUnavailableError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{new.folder}, version {new.version}; see its card.json.")
