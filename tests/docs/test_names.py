"""What documents name is there: files, commands and their options, targets of make, the rooms of the code."""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.docs.documents import ROOT, code, documents, inline_code, name_of

PACKAGES = ("catalogue", "lab", "shop", "visualsearch")
FOLDERS = (*PACKAGES, ".ci", ".github", "clients", "docs", "locale", "static", "templates", "tests")
FILE = re.compile(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*")
# A changelog speaks of what was.
PRESENT = [path for path in documents() if path.name != "CHANGELOG.md"]
# What Django makes of the models and of templates' tags has its place by a convention of Django's.
CONVENTIONS = {"migrations", "templatetags", "commands"}


@cache
def parser_of(command: str) -> argparse.ArgumentParser | None:
    app = get_commands().get(command)
    if app is None:
        return None
    loaded = load_command_class(app, command) if isinstance(app, str) else app
    return loaded.create_parser("manage.py", command)


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {name: sub for action in actions for name, sub in action.choices.items()}


def fault_of(line: str) -> str:
    """Return what is wrong with a line that calls manage.py; empty if nothing is."""
    words = line.split(" #", maxsplit=1)[0].split("manage.py ", 1)[1].split()
    command = words[0].rstrip(",.;:")
    parser = parser_of(command)
    if parser is None:
        return f"{command} is no command"
    known = set(parser._option_string_actions)
    named = subcommands(parser)
    if named and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
        if words[1] not in named:
            return f"{command} knows no {words[1]}"
        known |= set(named[words[1]]._option_string_actions)
    options = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}
    return f"{command} takes no {', '.join(sorted(options - known))}" if options - known else ""


@pytest.mark.parametrize("path", PRESENT, ids=name_of)
def test_files_that_a_document_names_are_there(path: Path) -> None:
    named = [text for text in inline_code(path) if FILE.fullmatch(text)]

    assert [text for text in named if not (ROOT / text).exists()] == []


@pytest.mark.parametrize("path", PRESENT, ids=name_of)
def test_commands_that_a_document_names_are_there(path: Path) -> None:
    calls = [line for line in code(path) if re.search(r"manage\.py [a-z_]", line)]

    assert [fault for line in calls if (fault := fault_of(line))] == []


def test_faults_of_commands_are_noticed() -> None:
    assert fault_of("python manage.py import_catalogue photos/ --map a=b   # and more") == ""
    assert fault_of("manage.py lab compare int8 pruned-75 --from-cards") == ""
    assert fault_of("manage.py no_such_command") == "no_such_command is no command"
    assert fault_of("manage.py lab no") == "lab knows no no"
    assert fault_of("manage.py doctor --no-such-option") == "doctor takes no --no-such-option"


def test_the_table_of_commands_has_every_command_of_ours() -> None:
    ours = {name for name, app in get_commands().items() if app in PACKAGES}
    listed = {word for text in inline_code(ROOT / "docs/commands.md") for word in text.split()[:1]}

    assert ours - listed == set()


@pytest.mark.parametrize("command", [name for name, app in get_commands().items() if app in PACKAGES])
def test_every_command_describes_itself_and_its_parts(command: str) -> None:
    parser = parser_of(command)
    assert parser is not None

    for described in [parser, *subcommands(parser).values()]:
        assert described.format_help().startswith("usage: ")


def test_the_table_of_commands_names_no_benchmark_that_there_is_not() -> None:
    named = {text.split()[1] for text in inline_code(ROOT / "docs/commands.md") if text.startswith("benchmark ")}
    parser = parser_of("benchmark")

    assert parser is not None
    assert named == set(subcommands(parser))


@pytest.mark.parametrize("path", PRESENT, ids=name_of)
def test_targets_of_make_that_a_document_names_are_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for line in code(path) for target in re.findall(r"^make ([a-z]+)\b", line)}

    assert named - targets == set()


def test_the_table_of_rooms_has_every_package() -> None:
    table = {text.rstrip("/") for text in inline_code(ROOT / "docs/architecture.md")}
    packages = {
        str(folder.relative_to(ROOT))
        for package in PACKAGES
        for folder in [*(ROOT / package).iterdir(), *(ROOT / package / "services").glob("*")]
        if (folder / "__init__.py").exists() and folder.name not in CONVENTIONS
    }

    assert packages - table == set()
