"""`manage.py attack`: security tests with hostile files, addresses and requests, against a trial shop."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lab import security
from lab.harness.ending import interrupt_on_sigterm
from lab.management.commands.benchmark import add_commands, modules_of


class Command(BaseCommand):
    """Runs a security test; `attack NAME --help` describes each."""

    help = "Attack a shop with hostile files, addresses of internal hosts (SSRF), or fuzzed requests."

    def add_arguments(self, parser: CommandParser) -> None:
        add_commands(parser, "attack", modules_of(security))

    def handle(self, *args: Any, **options: Any) -> None:
        interrupt_on_sigterm()
        modules_of(security)[options["attack"]].run(options, self.stdout)
