"""`manage.py attack`: security tests with hostile files, addresses and requests, against a trial shop."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lab import security
from lab.management.commands.benchmark import modules_of


class Command(BaseCommand):
    """Runs a security test; `attack NAME --help` describes each."""

    help = "Attack a shop with hostile files, addresses of internal hosts (SSRF), or fuzzed requests."

    def add_arguments(self, parser: CommandParser) -> None:
        named = parser.add_subparsers(dest="attack", metavar="NAME", required=True)
        for name, module in modules_of(security).items():
            module.add_arguments(named.add_parser(name, help=module.HELP, description=module.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        modules_of(security)[options["attack"]].run(options, self.stdout)
