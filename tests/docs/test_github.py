"""What GitHub is told: workflows, updates, templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.documents import ROOT, name_of

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
UPDATES = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]


def jobs_of(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return jobs


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_actions_are_pinned_by_their_commit_and_say_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())

    assert used
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_may_only_read_and_ends_in_time(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())

    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        assert 0 < job["timeout-minutes"] <= 90
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_the_gate_is_that_of_people_on_every_python_and_processor() -> None:
    gate = jobs_of(ROOT / ".github/workflows/gate.yml")["gate"]
    tried = {(one["python"], one["architecture"]) for one in gate["strategy"]["matrix"]["include"]}

    assert ".ci/run" in [step.get("run") for step in gate["steps"]]
    assert tried >= {("3.11", "x86-64"), ("3.12", "x86-64"), ("3.13", "x86-64"), ("3.11", "arm64")}


def test_updates_are_looked_for_wherever_versions_are_pinned() -> None:
    looked = {
        (update["package-ecosystem"], folder.strip("/"))
        for update in UPDATES
        for folder in update.get("directories", [update.get("directory", "")])
    }
    locks = {("npm", str(path.parent.relative_to(ROOT))) for path in ROOT.glob("*/*/package-lock.json")}

    assert looked >= locks
    assert looked >= {("uv", ""), ("github-actions", ""), ("docker", ""), ("docker-compose", "")}


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=name_of)
def test_a_template_of_an_issue_asks_something(path: Path) -> None:
    template = yaml.safe_load(path.read_text())

    assert template["name"]
    assert template["description"]
    assert [field for field in template["body"] if field["type"] != "markdown"]


def test_hooks_call_tools_of_the_project() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    subject = next(hook for hook in hooks if hook["id"] == "commit-subject")
    fits = re.compile(subject["entry"], re.MULTILINE | re.DOTALL)

    for hook in hooks:
        assert hook["language"] == "pygrep" or hook["entry"].startswith(".venv/bin/")
    assert fits.search("docs: Say what a photo may show.\n\nAnd why.\n")
    assert not fits.search("docs: no capital.\n")
    assert not fits.search("docs: No full stop\n\nBut here. There: It is.\n")
    assert not fits.search("docs: " + "A long one " * 7 + ".\n")
