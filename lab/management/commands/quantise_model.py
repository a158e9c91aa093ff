"""`manage.py quantise_model`: build the int8 artefact of the network that train_model trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.training.options import add_arguments

HELP = """Make the int8 artefact of what train_model trained.

Weights and activations become int8 after training, calibrated on 200 photos of training contributors. Projections,
thresholds and framing are those of the float32 artefact, so vectors of both can be compared; the card says how near
they are. Needs the group `train`."""


class Command(BaseCommand):
    """Quantises; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser, artefact="mobilenetv2-clothing-int8")
        parser.add_argument(
            "--source", type=Path, metavar="DIR", help="the float32 artefact (default: the shipped one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Imported here, since TensorFlow takes seconds to import and only training needs it.
        try:
            from lab.training.build import make_int8  # noqa: PLC0415  (as said above)
            from lab.training.publishing import Name  # noqa: PLC0415  (as said above)
        except ImportError as error:
            raise CommandError(
                f"Quantising needs TensorFlow ({error}): .venv/bin/uv sync --inexact --group train"
            ) from error

        work: Path = options["work"] or settings.DATA_DIR / "training"
        source: Path = options["source"] or settings.ARTEFACTS_DIR / "mobilenetv2-clothing-float32"
        folder: Path = options["output"] or settings.ARTEFACTS_DIR / options["name"]
        name = Name(options["name"], options["model_version"])
        try:
            model = make_int8(options["data"], options["luma"], work, source, folder, name)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{model.card.name} is in {folder}; its card.json says how good it is.")
