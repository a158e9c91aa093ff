"""`manage.py lab`: experiments on model compression and architectures: run, time, report, compare."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from lab.evaluation.paired import differences
from lab.experiments import figures
from lab.experiments.cards import read_card, read_cards
from lab.experiments.places import Places
from lab.experiments.plan import PLAN, tiny, with_parents
from visualsearch.exceptions import ModelUnavailableError

HELP = """Measure ways to make a network smaller, faster or better: each is a row of the plan.

run makes rows, each an artefact that could serve; time times all finished ones together; report writes a page of them;
compare says which differences between two are real. `lab run --tiny` runs the whole pipeline in two minutes, on
pictures that the project draws. Two runs side by side, with other rows and the same --output, share the work:
TF_NUM_INTRAOP_THREADS=1 keeps them out of each other's way. Needs the group `train`."""


ROWS = Path(settings.DATA_DIR) / "lab"
CARDS = Path(settings.BASE_DIR) / "docs" / "lab"

ROUNDS, TINY_ROUNDS = 15, 3


class Command(BaseCommand):
    """Runs the experiments; see HELP."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="make rows")
        run.add_argument(
            "rows", nargs="*", metavar="ROW", help=f"all by default: {', '.join(row.name for row in PLAN)}"
        )
        run.add_argument("--data", type=Path, metavar="DIR", help="labelled photos: photos.csv and images/")
        run.add_argument("--luma", type=Path, metavar="DIR", help="Luma's sample photos, to measure recall on them too")
        run.add_argument(
            "--queries", type=Path, metavar="DIR", help="folder of augmented queries; missing ones are made"
        )
        run.add_argument(
            "--weights", default="imagenet", metavar="FILE", help="MobileNetV2's (default: fetched by Keras)"
        )
        run.add_argument("--weights-origin", metavar="TEXT", help="for the cards, where --weights names a file")
        run.add_argument("--data-origin", default="", metavar="TEXT", help="origin and licence, for the cards")
        run.add_argument(
            "--shipped", type=Path, metavar="DIR", help="train_model's --work folder of the shipped network"
        )
        run.add_argument("--teacher", type=Path, metavar="DIR", help="the same for the teacher")
        run.add_argument("--tiny", action="store_true", help="the whole pipeline up to the report, on drawn pictures")
        time = verbs.add_parser("time", help="time all finished rows together, and write the times into their cards")
        time.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is timed (default: %(default)s)")
        report = verbs.add_parser("report", help="print a table of all finished rows, and write a page about them")
        report.add_argument(
            "--data", type=Path, metavar="DIR", help="the photos it was evaluated on, to show the worst mistakes"
        )
        report.add_argument(
            "--output", type=Path, metavar="FILE", help="the page (default: report.html beside the rows)"
        )
        report.add_argument("--language", choices=dict(settings.LANGUAGES), default="en")
        compare = verbs.add_parser("compare", help="say which differences between two rows are real")
        compare.add_argument("pair", nargs=2, metavar="ROW", help="a row, or a folder with its card")
        for verb in (run, time):
            verb.add_argument(
                "--output", type=Path, default=ROWS, metavar="DIR", help="the rows' folders (%(default)s)"
            )
        for verb in (report, compare):
            verb.add_argument(
                "--from-cards",
                type=Path,
                nargs="?",
                const=CARDS,
                default=ROWS,
                metavar="DIR",
                help=f"a folder of rows, or of their cards alone; without DIR {CARDS} (default: %(default)s)",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["verb"])(options)
        except (OSError, ValueError, ModelUnavailableError) as error:
            raise CommandError(str(error)) from error

    def run(self, options: dict[str, Any]) -> None:
        """Run rows of the plan."""
        bench, running, trial = (_needing_training(name) for name in ("bench", "running", "trial"))
        rows = with_parents(tiny() if options["tiny"] else PLAN, options["rows"])
        with trial.untraced() if options["tiny"] else nullcontext():
            places = trial.prepare(options["output"]) if options["tiny"] else _places(options)
            failed = running.run_rows(rows, bench.Bench(places))
        if failed:
            raise CommandError(f"These rows failed: {', '.join(failed)}. The others are in {options['output']}.")
        self.stdout.write(f"All rows are in {options['output']}.")
        if options["tiny"] and not options["rows"]:
            self.time({**options, "rounds": TINY_ROUNDS})
            page = {"from_cards": options["output"], "output": options["output"] / "report.html"}
            self.report(page | {"language": "en", "data": places.data})

    def time(self, options: dict[str, Any]) -> None:
        """Time all finished rows in one run."""
        for card in _needing_training("timing").time_rows(options["output"], rounds=options["rounds"]):
            self.stdout.write(f"{card.name:24}{(card.timing or {})['one_photo_ms']:8.1f} ms")

    def report(self, options: dict[str, Any]) -> None:
        """Print a table of all finished rows, and write the HTML report."""
        cards = read_cards(options["from_cards"])
        file: Path = options["output"] or ROWS / "report.html"
        page = _needing_training("report").render(cards, options["language"], options["data"])
        with translation.override(options["language"]):
            for line in figures.summary(cards):
                self.stdout.write(line)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
        self.stdout.write(f"{len(cards)} rows are in {file}.")

    def compare(self, options: dict[str, Any]) -> None:
        """Print the paired differences of two rows."""
        first, second = (read_card(named, options["from_cards"]) for named in options["pair"])
        wide = max(16, 2 + max(len(card.name) for card in (first, second)))
        self.stdout.write(f"{'':42}{first.name:>{wide}}{second.name:>{wide}}  difference, 95 % interval")
        for found in differences(first.cases, second.cases):
            word = "real" if found.is_real else "none" if found.is_none else "may be chance"
            self.stdout.write(
                f"{found.name:42}{found.first:{wide}.3f}{found.second:{wide}.3f}  "
                f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]  {word}"
            )


def _places(options: dict[str, Any]) -> Places:
    if options["data"] is None:
        raise CommandError("Name photos to train and evaluate on: --data DIR, or --tiny.")
    named = ("luma", "queries", "weights", "shipped", "teacher", "data_origin", "weights_origin")
    return Places(options["data"], options["output"], **{name: options[name] for name in named})


def _needing_training(name: str) -> ModuleType:
    """Import a module of lab.experiments on demand: it needs the group `train` and takes seconds to import."""
    try:
        return import_module(f"lab.experiments.{name}")
    except ImportError as error:
        raise CommandError(
            f"The laboratory needs packages that the shop does not ({error}): .venv/bin/uv sync --inexact --group train"
        ) from error
