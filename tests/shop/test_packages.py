"""pyproject.toml, uv.lock and requirements.txt: they agree, and what they name installs without a compiler."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
PACKAGES: list[dict[str, Any]] = LOCK["package"]
OURS = next(package for package in PACKAGES if package["name"] == PROJECT["project"]["name"])
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
# What is asked of one: the group hnswlib is for whoever has a compiler, milvus for whoever has x86-64.
INSTALLED_GROUPS = sorted(set(GROUPS) - {"hnswlib", "milvus"})
SERVING = (11, 12, 13, 14)
# TensorFlow has no wheel for 3.14.
WORKING = (11, 12, 13)
ARCHITECTURES = ("x86_64", "aarch64")
# Packages, with the Pythons for which a marker of whatever needs them chooses another one: libcst asks for a PyYAML of
# its own on 3.13 alone.
OTHER_PYTHONS = {("pyyaml-ft", 11), ("pyyaml-ft", 12)}


def closure(first: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return names and versions of the dependencies and of all that they need, of every Python and system."""
    waiting = list(first)
    found: dict[tuple[str, str], set[str]] = {}
    while waiting:
        wanted = waiting.pop()
        for package in PACKAGES:
            # Where a package has several versions, each dependency says which.
            if package["name"] != wanted["name"] or wanted.get("version", package["version"]) != package["version"]:
                continue
            extras = set(wanted.get("extra", []))
            key = (package["name"], package["version"])
            if key in found and extras <= found[key]:
                continue
            found[key] = found.get(key, set()) | extras
            waiting += package.get("dependencies", [])
            for extra in extras:
                waiting += package.get("optional-dependencies", {}).get(extra, [])
    return set(found)


def pythons_of(wheel: str) -> Iterator[tuple[int, str]]:
    """Yield the Pythons 3.x and architectures of Linux that take a wheel."""
    tags, abis, platforms = (part.split(".") for part in wheel.removesuffix(".whl").split("-")[-3:])
    for architecture in ARCHITECTURES:
        if not any(re.fullmatch(rf"any|(manylinux\w*|linux)_{architecture}", platform) for platform in platforms):
            continue
        for python in SERVING:
            for tag in tags:
                exact = tag in {"py3", f"py3{python}"} or (tag == f"cp3{python}" and f"cp3{python}" in abis)
                since = re.fullmatch(r"cp3(\d+)", tag) if "abi3" in abis else re.fullmatch(r"py3(\d+)", tag)
                if exact or (since and int(since[1]) <= python):
                    yield python, architecture


def without_wheel(packages: set[tuple[str, str]], pythons: Iterable[int]) -> set[tuple[str, int, str]]:
    """Return which packages lack a wheel, of all their versions in the lock, for which Python and architecture."""
    wanted = {(name, python, each) for name, _ in packages for python in pythons for each in ARCHITECTURES}
    have = {
        (package["name"], *taker)
        for package in PACKAGES
        for wheel in package.get("wheels", [])
        for taker in pythons_of(wheel["url"].rsplit("/", 1)[1])
    }
    return wanted - have


def serving() -> set[tuple[str, str]]:
    extras = OURS["optional-dependencies"]
    return closure([*OURS["dependencies"], *(each for extra in extras.values() for each in extra)])


def test_all_that_serves_installs_as_wheels_on_each_python_and_both_architectures() -> None:
    assert ("django", "5.2.19") in serving()
    assert without_wheel(serving(), SERVING) == set()


@pytest.mark.parametrize("group", INSTALLED_GROUPS)
def test_all_that_trains_tests_and_checks_installs_as_wheels(group: str) -> None:
    lacking = without_wheel(closure(OURS["dev-dependencies"][group]), WORKING)

    assert {lack for lack in lacking if lack[:2] not in OTHER_PYTHONS} == set()


def test_what_the_wheels_do_not_reach_is_said() -> None:
    """If one of these gets wheels, its exception in pyproject.toml, README and here can go."""
    assert {name for name, *_ in without_wheel(closure(OURS["dev-dependencies"]["hnswlib"]), WORKING)} == {"hnswlib"}
    assert {lack[::2] for lack in without_wheel(closure(OURS["dev-dependencies"]["milvus"]), WORKING)} == {
        ("milvus", "aarch64")
    }
    assert {name for name, *_ in without_wheel(closure(OURS["dev-dependencies"]["train"]), (14,))} >= {"tensorflow"}
    assert PROJECT["tool"]["uv"]["dependency-groups"]["train"]["requires-python"] == ">=3.11,<3.14"


def test_the_lock_is_of_what_the_project_asks_for() -> None:
    """Every package is pinned, and uv.lock was written after the last change of a pin."""

    def locked(entries: list[dict[str, Any]]) -> set[str]:
        return {
            f"{entry['name']}{''.join(f'[{extra}]' for extra in entry.get('extras', []))}{entry['specifier']}"
            for entry in entries
        }

    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *(pin for pins in extras.values() for pin in pins)]

    assert locked(OURS["metadata"]["requires-dist"]) == set(asked)
    assert {name: locked(pins) for name, pins in OURS["metadata"]["requires-dev"].items()} == {
        name: set(pins) for name, pins in GROUPS.items()
    }
    for pin in [*asked, *(pin for pins in GROUPS.values() for pin in pins)]:
        assert re.fullmatch(r"[a-z0-9-]+(\[\w+\])?==[\w.]+", pin)
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"]


def test_the_lock_names_one_public_index_and_no_folder() -> None:
    sources = {str(package["source"]) for package in PACKAGES if package is not OURS}
    files = {file["url"].split("/")[2] for package in PACKAGES for file in package.get("wheels", [])}

    assert OURS["source"] == {"virtual": "."}
    assert len(sources) == len(files) == 1
    assert "registry" in sources.pop()
    assert "file:" not in (ROOT / "uv.lock").read_text()


def test_a_shop_reads_heic_however_it_is_installed() -> None:
    def extras(text: str, name: str) -> set[str]:
        line = re.search(name, text, re.MULTILINE)
        assert line
        return set(re.findall(r"--extra (\w+)", line[1]))

    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()

    assert extras(makefile, r"^EXTRAS \?= (.+)$") == {"postgresql", "heic"}
    assert "\t$(SYNC) $(EXTRAS)\n" in makefile
    assert extras(dockerfile, r'^ARG EXTRAS="(.+)"$') == {"postgresql", "milvus", "s3", "heic"}
    assert "--compile-bytecode $EXTRAS\n" in dockerfile
    assert re.search(r"^pi-heif==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def test_requirements_txt_is_the_lock_of_a_shop_on_postgresql_that_reads_heic() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    extras = OURS["optional-dependencies"]
    pins = {tuple(line.split(" ;")[0].split("==")) for line in lines if not line.startswith("#")}

    assert pins == closure([*OURS["dependencies"], *extras["postgresql"], *extras["heic"]])


def test_requirements_txt_is_what_its_first_lines_say() -> None:
    """Markers too. uv comes with every environment that make builds, for the tests as for the shop."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("This environment was not built by make: it has no uv.")
    text = (ROOT / "requirements.txt").read_text()
    command = text.splitlines()[1].removeprefix("#").split()
    assert command[:2] == ["uv", "export"]
    assert command[-2:] == ["--output-file", "requirements.txt"]

    exported = run(
        [uv, *command[1:-2], "--offline", "--no-header", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert exported.stdout == "".join(line + "\n" for line in text.splitlines() if not line.startswith("#"))


def test_a_shop_on_postgresql_has_nothing_of_training_and_tests() -> None:
    names = {name for name, _ in closure([*OURS["dependencies"], *OURS["optional-dependencies"]["postgresql"]])}

    assert not names & {"tensorflow", "keras", "torch", "matplotlib", "pytest", "requests", "playwright", "flask"}


def test_make_and_the_image_install_the_same_uv() -> None:
    in_make = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    in_image = re.search(r" uv==(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert in_make
    assert in_image
    assert in_make[1] == in_image[1]


def test_make_names_only_groups_and_extras_that_there_are() -> None:
    """An option that uv does not know ends make at once; one that is forgotten, a test at its import."""
    text = (ROOT / "Makefile").read_text() + (ROOT / "Dockerfile").read_text()

    assert set(re.findall(r"--group (\w+)", text)) == {*INSTALLED_GROUPS, "milvus"}
    assert set(re.findall(r"--extra (\w+)", text)) == set(OURS["optional-dependencies"])
