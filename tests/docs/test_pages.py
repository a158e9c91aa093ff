"""The form that some documents have."""

from __future__ import annotations

import re
from collections import Counter

from tests.docs.documents import ROOT, links

ADRS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))
    for path in ADRS:
        assert path.read_text().startswith(f"# {int(path.name[:4])}. "), path.name


def test_a_decision_has_its_context_and_consequences() -> None:
    for path in ADRS:
        headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)

        assert headings == ["Context", "Decision", "Consequences"], path.name
        assert re.search(r"^Status: (accepted|superseded by .+)\.$", path.read_text(), re.MULTILINE), path.name


def test_the_list_of_decisions_is_whole_and_has_their_titles() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text()

    assert sorted(link for link in links(ROOT / "docs/adr/README.md") if link[0].isdigit()) == [p.name for p in ADRS]
    for path in ADRS:
        title = path.read_text().splitlines()[0].removeprefix("# ")
        assert f"- [{title}]({path.name})" in listed


def test_the_glossary_has_one_line_for_a_word() -> None:
    lines = (ROOT / "docs/glossary.md").read_text().splitlines()[2:]
    entries = [line for line in lines if line and not line.startswith("## ")]
    words = Counter(entry.split("**")[1].lower() for entry in entries[1:])

    assert all(re.fullmatch(r"- \*\*[^*]+\*\*( \([^)]+\))?: .+\.", entry) for entry in entries[1:])
    assert [word for word, times in words.items() if times > 1] == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    versions = re.findall(
        r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )

    assert versions[0] == ("Unreleased", "")
    assert all(date for _, date in versions[1:])


def test_settings_have_the_same_default_in_document_and_example() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (.*?) \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    documented = {name: default.strip("`") for name, default in rows if not default or default.startswith("`")}
    example = dict(re.findall(r"^# ([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert len(documented) > 25
    assert documented == {name: example[name] for name in documented}
