"""The contracts of pyproject.toml close: each is broken once, on a copy of the packages, and is seen to be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["id"]: contract for contract in CONFIGURATION["contracts"]}
CONTAINERS = {name: id_ for id_, contract in CONTRACTS.items() for name in contract.get("containers", ())}

# By contract: a module, and an import that it forbids there, and no other contract does.
FORBIDDEN = {
    "packages": ("shop/urls.py", "lab.harness"),
    "catalogue": ("catalogue/admin/articles.py", "catalogue.receivers"),
    "visualsearch": ("visualsearch/index/base.py", "visualsearch.inference.types"),
    "services": ("visualsearch/services/retrieval/tokens.py", "visualsearch.services.rollout.feedback"),
    "shop": ("shop/http/login.py", "shop.urls"),
    "lab": ("lab/harness/postgresql.py", "lab.chaos.rows"),
    "api-door": ("visualsearch/web/views.py", "catalogue.api.fields"),
    "web-door": ("visualsearch/admin/photos.py", "catalogue.web.middleware"),
    "admin-door": ("visualsearch/api/views.py", "catalogue.admin.filters"),
    "search-doors": ("lab/harness/trial_shop.py", "visualsearch.web.urls"),
    "engines": ("catalogue/imaging/limits.py", "django.conf"),
    "filters": ("catalogue/rate_limits.py", "rest_framework.throttling"),
    "tensorflow": ("lab/evaluation/protocol.py", "keras"),
    "faiss": ("visualsearch/services/indexing/indexing.py", "faiss"),
    "milvus": ("visualsearch/index/milvus.py", "pymilvus"),
    "s3": ("shop/operations/files.py", "boto3"),
    "litert": ("visualsearch/inference/colour.py", "ai_edge_litert.interpreter"),
    "fetching": ("catalogue/sources/fetching.py", "httpx"),
}

# In one process, so that what did not change is read once: writes a file, checks, puts it back.
CHECKS = """
import json, sys
from pathlib import Path
from importlinter.application.use_cases import _register_contract_types, create_report, read_user_options
from importlinter.configuration import configure

configure()
sys.path.insert(0, ".")
options = read_user_options("pyproject.toml")
_register_contract_types(options)
id_of = {contract["name"]: contract["id"] for contract in options.contracts_options}
broken = {}
for name, file, text in json.load(sys.stdin):
    path = Path(file)
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\\n{text}\\n")
    checks = create_report(options, cache_dir="cache").get_contracts_and_checks()
    broken[name] = sorted(id_of[contract.name] for contract, check in checks if not check.kept)
    path.unlink() if before is None else path.write_text(before)
json.dump(broken, sys.stdout)
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The contracts that each change breaks, by the change's name."""
    copy = tmp_path_factory.mktemp("contracts")
    for package in CONFIGURATION["root_packages"]:
        for path in (ROOT / package).rglob("*.py"):
            target = copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "pyproject.toml", copy / "pyproject.toml")
    changes = [("", f"{CONFIGURATION['root_packages'][0]}/__init__.py", "")]
    changes += [(id_, file, f"import {module}  # noqa") for id_, (file, module) in FORBIDDEN.items()]
    changes += [(f"in {name}", f"{name.replace('.', '/')}/in_no_layer.py", '"""New."""') for name in CONTAINERS]
    done = subprocess.run(
        [sys.executable, "-c", CHECKS], cwd=copy, input=json.dumps(changes), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return results


def test_the_copy_keeps_every_contract(broken: dict[str, list[str]]) -> None:
    assert broken[""] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_forbidden_import_breaks_its_contract_and_no_other(contract: str, broken: dict[str, list[str]]) -> None:
    assert broken[contract] == [contract]


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_module_that_is_in_no_layer_breaks_the_contract(container: str, broken: dict[str, list[str]]) -> None:
    assert broken[f"in {container}"] == [CONTAINERS[container]]


def test_every_package_is_in_layers_and_none_is_left_open() -> None:
    inside = [contract for contract in CONTRACTS.values() if "containers" in contract]

    assert set(CONFIGURATION["root_packages"]) <= set(CONTAINERS)
    assert all(contract.get("exhaustive") for contract in inside)
    assert not any(contract.keys() & {"exhaustive_ignores", "ignore_imports"} for contract in CONTRACTS.values())


def test_the_catalogue_names_nothing_of_search() -> None:
    """Contracts see imports alone. Migrations tell of the past, and a docstring may say who else uses a thing."""
    named = re.compile(r"visualsearch\.|VISUAL|PhotoBatch|ModelVersion|search_unavailable|token_outdated|photos_a_day")

    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "catalogue").rglob("*.py")
        if "migrations" not in path.parts
        for line in path.read_text().splitlines()
        if named.search(line)
    ]

    assert found == []
