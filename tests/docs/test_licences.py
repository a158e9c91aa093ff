"""What ships agrees with the licence of the whole, Apache-2.0."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.docs.documents import ROOT, name_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CARDS = sorted((ROOT / "visualsearch/artefacts").glob("*/card.json"))
# The text at https://www.apache.org/licenses/LICENSE-2.0.txt
APACHE_SHA256 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

# https://www.apache.org/legal/resolved.html: what may be part of a work under Apache-2.0 (category A), and what may be
# used unchanged (category B).
PERMISSIVE = {
    "Apache-2.0", "MIT", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "PSF-2.0", "CC0-1.0",
    "Unlicense", "ZPL-2.1",
}  # fmt: skip
WEAK_COPYLEFT = {"MPL-2.0"}
LESSER = {"LGPL-3.0-only"}
# Optional, and named in NOTICE.
LESSER_PACKAGES = {
    "pi-heif": "heic", "psycopg": "postgresql", "psycopg-binary": "postgresql", "psycopg-pool": "postgresql",
}  # fmt: skip

# As packages write it that state no SPDX expression.
SPDX_OF = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "bsd license": "BSD",
    "new bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "zpl 2.1": "ZPL-2.1",
    "zope public license": "ZPL-2.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
}


@cache
def licences_of(package: str) -> frozenset[str]:
    """Return all licences that a package's metadata names; of alternatives, those that we may take."""
    metadata = distribution(package).metadata
    classifiers = [name.rsplit(" :: ", 1)[-1] for name in metadata.get_all("Classifier") or [] if "License ::" in name]
    stated = "".join(metadata.get_all("License-Expression") or [])
    # Some have the whole text there; its first line names it.
    text = "".join(metadata.get_all("License") or []).splitlines()[:1]
    # Both count: pi_heif says BSD of itself, and LGPL of the decoder that it brings along.
    named = [stated] if stated else [*text, *classifiers]
    found = {licence for name in named for licence in split(name)}
    # "Dual License" is explained by the classifiers.
    return frozenset(found - {"Dual License", ""})


def split(expression: str) -> set[str]:
    """Return the licences of an SPDX expression that all apply; of alternatives the first that is permissive."""
    if re.search(r"\([^)]*\bAND\b", expression):
        raise ValueError(f"{expression} is read by people: a conjunction within parentheses")
    if re.search(r" (AND|OR) ", expression):
        expression = re.sub(r"[()]", "", expression)
    needed = set()
    for part in expression.split(" AND "):
        choices = [SPDX_OF.get(choice.strip().lower(), choice.strip()) for choice in part.split(" OR ")]
        needed.add(next((choice for choice in choices if choice in PERMISSIVE), choices[0]))
    return needed


def installed_with(requirements: Iterable[str]) -> set[str]:
    """Return all packages that these bring along, on this machine."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        found.add(name)
        for text in distribution(name).requires or []:
            needed = Requirement(text)
            extras = wanted.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return found


def test_the_licence_is_apaches_own_text() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_SHA256
    assert PROJECT["license"] == "Apache-2.0"


def test_what_every_shop_installs_may_be_shipped_with_it() -> None:
    packages = installed_with(PROJECT["dependencies"])
    wrong = {name: licences_of(name) - PERMISSIVE - WEAK_COPYLEFT for name in packages}

    assert {name: sorted(licences) for name, licences in wrong.items() if licences} == {}
    # One that states nothing would pass.
    assert [name for name in packages if not licences_of(name)] == []
    assert packages > {"django", "faiss-cpu", "ai-edge-litert", "pillow", "celery", "redis"}


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_what_a_shop_may_install_besides_is_permissive_or_a_named_library(extra: str) -> None:
    try:
        packages = installed_with(PROJECT["optional-dependencies"][extra])
    except PackageNotFoundError as error:
        pytest.skip(f"{error.name} is not installed here")
    wrong = {name: licences_of(name) - PERMISSIVE - WEAK_COPYLEFT for name in packages}
    lesser = {name for name, licences in wrong.items() if licences & LESSER}

    assert {name: sorted(licences - LESSER) for name, licences in wrong.items() if licences - LESSER} == {}
    assert all(LESSER_PACKAGES.get(name) == extra for name in lesser)
    assert [name for name in packages if not licences_of(name)] == []


def test_the_notice_names_what_is_not_permissive() -> None:
    notice = (ROOT / "NOTICE").read_text()
    copyleft = {name for name in installed_with(PROJECT["dependencies"]) if licences_of(name) & WEAK_COPYLEFT}

    assert {name for name in copyleft if name not in notice} == set()
    assert {name for name in ("pi-heif", "psycopg") if name not in notice} == set()


@pytest.mark.parametrize("card", CARDS, ids=name_of)
def test_a_model_names_the_licences_of_all_that_it_came_from(card: Path) -> None:
    said = json.loads(card.read_text())
    sources = {
        "initial weights": said["initial_weights"]["origin"],
        "teachers": said["made"]["teachers_initial_weights"],
        "photos": said["data"]["origin"],
    }
    permitted = {"Apache-2.0", "MIT", "CC0 1.0"}

    for source, origin in sources.items():
        named = {licence for licence in re.findall(r"\(([^)]+)\)", origin) if re.match(r"[A-Z]", licence)}
        assert named, source
        assert named <= permitted, source
    assert re.fullmatch(r"[0-9a-f]{64}", said["initial_weights"]["sha256"])


def test_alternatives_and_conjunctions_of_licences_are_told_apart() -> None:
    assert split("MIT OR GPL-3.0-only") == {"MIT"}
    assert split("GPL-3.0-only OR MIT") == {"MIT"}
    assert split("MPL-2.0 AND (Apache-2.0 OR MIT)") == {"MPL-2.0", "Apache-2.0"}
    assert split("GNU Lesser General Public License v3 (LGPLv3)") == {"LGPL-3.0-only"}
    assert not split("GPL-3.0-only") <= PERMISSIVE
