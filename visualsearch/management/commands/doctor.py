"""Checks each part of the shop; prints what is wrong and how to fix it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visualsearch.services.monitoring.diagnosis import diagnose

SIGNS = {"ok": "✓", "warning": "!", "bad": "✗"}


class Command(BaseCommand):
    """Check each part of the shop; print what is wrong and how to fix it. Exits 0 unless a part is bad."""

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
