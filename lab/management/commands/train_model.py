"""`manage.py train_model`: fine-tune or distil a network on labelled photos and write its float32 artefact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.training.options import Sources, add_arguments
from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.artefact import open_model

HELP = """Fine-tune a network on labelled photos and write its float32 artefact.

DIR holds photos.csv (columns photo, contributor, label, category) and images/. The 60 contributors whose name's sha256
is smallest are held out for evaluation; the next 25 calibrate it. Squashing, letterboxing and centre crop are
compared on the latter's photos; the card keeps the figures, and the best ships. quantise_model then makes the int8
artefact. Needs the group `train`. An interrupted training resumes from its last checkpoint in --work."""


class Command(BaseCommand):
    """Trains; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser, artefact="mobilenetv2-clothing-float32")
        parser.add_argument("--architecture", help="mobilenetv2 (the default), efficientnet-lite0, squeezenet, …")
        parser.add_argument(
            "--weights", default="imagenet", help='"imagenet", "random", or a file of Keras weights without top'
        )
        parser.add_argument(
            "--teacher",
            type=Path,
            action="append",
            default=[],
            metavar="FOLDER",
            help="an artefact to distil from; may be repeated",
        )
        parser.add_argument("--weights-origin", metavar="TEXT", help="for the card, where --weights names a file")
        parser.add_argument("--data-origin", default="", metavar="TEXT", help="origin and licence, for the card")
        parser.add_argument("--steps", type=int, help="batches (default: the recipe's)")
        parser.add_argument("--photos-per-step", type=int, help="photos per batch")
        parser.add_argument("--size", type=int, help="side of the training views in pixels")
        parser.add_argument("--seed", type=int, help="random seed")

    def handle(self, *args: Any, **options: Any) -> None:
        # Imported here, since TensorFlow takes seconds to import and only training needs it.
        try:
            from lab.training.build import make_float32  # noqa: PLC0415  (as said above)
            from lab.training.finetuning import Recipe  # noqa: PLC0415  (as said above)
            from lab.training.publishing import Name  # noqa: PLC0415  (as said above)
        except ImportError as error:
            raise CommandError(
                f"Training needs TensorFlow ({error}): .venv/bin/uv sync --inexact --group train"
            ) from error

        named = ("architecture", "steps", "photos_per_step", "size", "seed")
        chosen = {key: options[key] for key in named if options[key] is not None}
        work: Path = options["work"] or settings.DATA_DIR / "training"
        folder: Path = options["output"] or settings.ARTEFACTS_DIR / options["name"]
        name = Name(options["name"], options["model_version"])
        try:
            teachers = [open_model(teacher, interpreters=1) for teacher in options["teacher"]]
            model = make_float32(Sources.from_options(options), Recipe(**chosen), work, folder, name, teachers)
        except (OSError, ValueError, ModelUnavailableError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{model.card.name} is in {folder}; its card.json says how good it is.")
