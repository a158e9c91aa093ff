"""`manage.py adapt_model`: teach a trained network worn garments, and publish it as a new version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.training.options import NewVersion, add_anew_arguments
from visualsearch.exceptions import ModelUnavailableError

HELP = """Fine-tune the last blocks of a trained network for worn garments, as a new version of its artefacts.

It learns from street photos of --outfits (garments.csv, tags.csv and photos/), and from photos of --data (photos.csv
and images/) alone and put together, with its earlier outputs for the latter as targets. Descriptor and garment
head are fitted again, both cards measured again. --work keeps the pack of all photos and checkpoints: an
interrupted training resumes there.

--pack-only stops once the pack is written, 64 MB at most. With it a machine that has no more than Keras, NumPy, Pillow
and httpx trains: KERAS_BACKEND=jax python -m lab.training.adapting PACK FOLDER. --weights takes what that wrote.
Needs TensorFlow."""


class Command(BaseCommand):
    """Packs, trains and publishes; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        model = settings.VISUAL_MODEL
        add_anew_arguments(parser, artefact=model["NAME"], float32=model["FALLBACK"])
        parser.add_argument("--outfits", type=Path, required=True, metavar="DIR", help="street photos with boxes")
        parser.add_argument(
            "--work", type=Path, metavar="DIR", help="folder for pack and checkpoints (default: in the data folder)"
        )
        parser.add_argument("--steps", type=int, metavar="NUMBER", help="training steps (default: those of the recipe)")
        parser.add_argument(
            "--share", type=float, default=1.0, help="share of the new weights in the result (default: %(default)s)"
        )
        parser.add_argument("--pack-only", action="store_true", help="write the pack, and stop")
        parser.add_argument("--weights", type=Path, metavar="FILE", help="weights trained on another machine")

    def handle(self, *args: Any, **options: Any) -> None:
        # Imported here, since TensorFlow takes seconds to import and only training needs it.
        try:
            from lab.training.adapted import pack_lessons, publish_adapted  # noqa: PLC0415  (as said above)
            from lab.training.adapting import Adaptation, adapt, unpacked  # noqa: PLC0415  (as said above)
            from lab.training.packing import read_pack  # noqa: PLC0415  (as said above)
        except ImportError as error:
            raise CommandError(
                f"Training needs TensorFlow ({error}): .venv/bin/uv sync --inexact --group train"
            ) from error

        work: Path = options["work"] or settings.DATA_DIR / "adapting"
        recipe = Adaptation(steps=options["steps"]) if options["steps"] else Adaptation()
        file = work / "pack.zip"
        try:
            new = NewVersion.from_options(options, Path(settings.ARTEFACTS_DIR))
            work.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                pack_lessons(file, new, options["outfits"])
            if options["pack_only"]:
                self.stdout.write(f"The pack is {file}, {file.stat().st_size / 1e6:.0f} MB.")
                return
            pack = read_pack(file)
            if options["weights"]:
                served = unpacked(pack, recipe.size)
                served.load_weights(options["weights"])
            else:
                served = adapt(pack, work, recipe)
            publish_adapted(served, pack, new, options["outfits"], recipe, share=options["share"])
        except (OSError, ValueError, KeyError, ModelUnavailableError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{new.folder}, version {new.version}; see its card.json.")
