"""`manage.py benchmark`: speed, memory and recall of the index, of whole searches, and of embedding."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lab import benchmarks


def all_benchmarks() -> dict[str, ModuleType]:
    """Return the modules of lab/benchmarks that are benchmarks, by name."""
    return modules_of(benchmarks)


def modules_of(package: ModuleType) -> dict[str, ModuleType]:
    """Return the modules of a package that have a HELP, by name."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "HELP")}


class Command(BaseCommand):
    """Runs a benchmark; `benchmark NAME --help` describes each."""

    help = "Measure the index, a whole search, how fresh it is, and how fast a catalogue is embedded."

    def add_arguments(self, parser: CommandParser) -> None:
        named = parser.add_subparsers(dest="benchmark", metavar="NAME", required=True)
        for name, module in all_benchmarks().items():
            module.add_arguments(named.add_parser(name, help=module.HELP, description=module.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        all_benchmarks()[options["benchmark"]].run(options, self.stdout)
