"""`manage.py benchmark`: speed, memory and recall of the index, of whole searches, and of embedding."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lab import benchmarks
from lab.harness.ending import interrupt_on_sigterm


def all_benchmarks() -> dict[str, ModuleType]:
    """Return the modules of lab/benchmarks that are benchmarks, by name."""
    return modules_of(benchmarks)


def modules_of(package: ModuleType) -> dict[str, ModuleType]:
    """Return the modules of a package that have a HELP, by name."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "HELP")}


def add_commands(parser: CommandParser, dest: str, modules: dict[str, ModuleType]) -> None:
    """Add a subcommand for each module, with its HELP and its arguments."""
    named = parser.add_subparsers(dest=dest, metavar="NAME", required=True)
    for name, module in modules.items():
        # argparse formats a help, where % begins a field, and leaves a description as it is.
        brief = module.HELP.replace("%", "%%")
        module.add_arguments(named.add_parser(name, help=brief, description=module.HELP))


class Command(BaseCommand):
    """Runs a benchmark; `benchmark NAME --help` describes each."""

    help = "Measure the index, a whole search, how fresh it is, and how fast a catalogue is embedded."

    def add_arguments(self, parser: CommandParser) -> None:
        add_commands(parser, "benchmark", all_benchmarks())

    def handle(self, *args: Any, **options: Any) -> None:
        interrupt_on_sigterm()
        all_benchmarks()[options["benchmark"]].run(options, self.stdout)
