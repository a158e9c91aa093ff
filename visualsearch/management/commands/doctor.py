"""Checks each part of the shop, and prints what is wrong with it and the remedy."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visualsearch.services.monitoring.diagnosis import diagnose

SIGNS = {"ok": "✓", "warning": "!", "bad": "✗"}


class Command(BaseCommand):
    """Exits 0 unless a part is bad; warnings are no failure."""

    help = __doc__
    # Django's system checks would abort the command for some of the faults that it reports.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON list, for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in diagnose():
            findings.append(finding)
            if options["json"]:
                continue
            self.stdout.write(f"{SIGNS[finding.state]} {finding.part:<9} {finding.message}")
            if finding.remedy:
                self.stdout.write(f"  {'':<9} → {finding.remedy}")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        bad = [finding.part for finding in findings if finding.state == "bad"]
        if bad:
            raise CommandError(f"Not well: {', '.join(bad)}.")
