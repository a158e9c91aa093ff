"""Imports each file of lab/imports/cases.toml into an empty catalogue, and prints what comes of it as Markdown."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.test.runner import DiscoverRunner

from lab.imports.cases import differences, read_cases

HEADING = """# What imports make of files

Printed by `manage.py import_cases`, from the files of [lab/imports/cases.toml](../lab/imports/cases.toml). *Read* means
that the articles, the refused rows with their reasons and the notes are those that the case names.

| case | format | what must happen | result |
| --- | --- | --- | --- |"""


class Command(BaseCommand):
    """`manage.py import_cases`."""

    help = "Print a table of what imports make of small files as shops export them. Exit status 1 if one is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        # A database of its own: the cases need an empty catalogue.
        runner = DiscoverRunner(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        wrong = 0
        self.stdout.write(HEADING)
        try:
            for case in read_cases():
                found = differences(case)
                wrong += bool(found)
                expected = case.error or "; ".join(case.refused) or "; ".join(case.articles)
                kind = "refused" if case.error or case.refused else "read"
                cells = [case.name, case.format, f"{kind}: {expected}", "; ".join(found) or kind]
                self.stdout.write("| " + " | ".join(_cell(text) for text in cells) + " |")
        finally:
            runner.teardown_databases(databases)
        self.stdout.write(f"\n{len(read_cases()) - wrong} of {len(read_cases())} come out as expected.")
        if wrong:
            raise CommandError(f"{wrong} cases do not come out as expected.")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
