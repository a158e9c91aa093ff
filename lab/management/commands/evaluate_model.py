"""`manage.py evaluate_model`: accuracy and recall of a model, with 95 % confidence intervals."""

from __future__ import annotations

import json
import tempfile
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.evaluation.cases import Cases, Report
from lab.evaluation.clothing import read_photos, split
from lab.evaluation.failures import write_sheets
from lab.evaluation.luma import judge_luma
from lab.evaluation.protocol import judge_all
from lab.training.publishing import facts_of, write_card
from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.artefact import open_model
from visualsearch.inference.types import Model

HELP = """Print how often a model is right, with 95 % bootstrap intervals.

--data (photos.csv and images/) gives category accuracy on the photos of held-out contributors, and recall of
queries augmented from them, among all photos; --queries is a folder that keeps these. It also gives
the calibration error of the probabilities, how sure the model is of photos outside its categories, and how often it
calls another article or no garment close, and the garments found in composites of these photos. --outfits
(garments.csv and photos/) gives the garments found in street photos. --luma (pairs.csv, gallery.csv and images/) gives
recall of other views of the same article in the same colour, of close-ups and of backs too.

--failures writes contact sheets of what went wrong, thirty of each set. --cases keeps each case in a file: `lab
compare` says which differences between two such files are real. --card replaces the figures in the artefact's card.
Needs no TensorFlow."""


class Command(BaseCommand):
    """Evaluates; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--data", type=Path, metavar="DIR", help="labelled photos: photos.csv and images/")
        parser.add_argument(
            "--queries", type=Path, metavar="DIR", help="folder of augmented queries; missing ones are made"
        )
        parser.add_argument(
            "--luma", type=Path, metavar="DIR", help="Luma's sample photos: pairs.csv, gallery.csv, images/"
        )
        parser.add_argument("--outfits", type=Path, metavar="DIR", help="street photos: garments.csv and photos/")
        parser.add_argument(
            "--artefact",
            default=settings.VISUAL_MODEL["NAME"],
            metavar="NAME|FOLDER",
            help="a shipped artefact or a folder (default: %(default)s)",
        )
        parser.add_argument(
            "--failures", type=Path, metavar="DIR", help="write contact sheets of failures to this folder"
        )
        parser.add_argument(
            "--cases", type=Path, metavar="FILE", help="write all cases to this file, for `lab compare`"
        )
        parser.add_argument("--card", action="store_true", help="write the figures into the artefact's card.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["data"] is None and options["luma"] is None:
            raise CommandError("Name photos to evaluate on: --data DIR, --luma DIR or both.")
        shipped = settings.ARTEFACTS_DIR / options["artefact"]
        folder = shipped if shipped.is_dir() else Path(options["artefact"])
        try:
            model = open_model(folder, interpreters=1)
        except ModelUnavailableError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{model.card.name}, version {model.card.version}")
        try:
            cases = self.judged(model, options)
            self.show(cases.report())
            if options["card"]:
                facts = self.facts(model, folder, options["data"])
                write_card(folder, {**model.card.facts, **facts, "measured": cases.report().as_dict()})
            if options["cases"]:
                name = f"{model.card.name}, {model.card.version}"
                options["cases"].write_text(json.dumps({"name": name, "lab": {"cases": cases.as_dict()}}))
        except (OSError, KeyError) as error:
            raise CommandError(f"The photos cannot be read: {error!r}") from error

    def facts(self, model: Model, folder: Path, data: Path | None) -> dict[str, object]:
        """Return what a photo costs and the agreement with the float32 artefact beside it; nothing without photos."""
        if data is None:
            return {}
        beside = folder.parent / model.card.space.partition("/")[0]
        stand_in = open_model(beside, interpreters=1) if beside.name != model.card.name and beside.is_dir() else None
        return facts_of(model, stand_in, split(read_photos(data)).calibration)

    def judged(self, model: Model, options: dict[str, Any]) -> Cases:
        """Return the cases of the photos that are named, and write sheets of those that failed."""
        with tempfile.TemporaryDirectory() as made:
            if options["data"] is None:
                cases = judge_luma(model, options["luma"])
            else:
                queries = options["queries"] or Path(made)
                cases = judge_all(model, options["data"], queries, options["luma"], options["outfits"])
            if options["failures"]:
                # While the made queries are there, which are shown.
                write_sheets(options["failures"], cases.failures)
        return cases

    def show(self, report: Report) -> None:
        """Print a line for each figure."""
        figures = {} if report.category is None else {"category accuracy": report.category}
        for name, by_limit in report.recall.items():
            figures |= {f"{name} recall@{limit}": share for limit, share in by_limit.items()}
        for name, share in {**figures, **report.certainty}.items():
            self.stdout.write(f"{name:44}{share}  of {share.count}")
