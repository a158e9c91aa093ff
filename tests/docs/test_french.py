"""README.fr.md says in French what README.md says: the same commands, settings, links, figures and sections."""

from __future__ import annotations

import re

from tests.docs.documents import ROOT

ENGLISH, FRENCH = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.fr.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
NO_BREAK = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the blocks of code, their comments left out."""
    return [(kind, re.sub(r"\s+#.*", "", code)) for kind, code in FENCE.findall(text)]


def prose(text: str) -> str:
    return FENCE.sub("", text)


def literals(text: str) -> list[str]:
    """Return what stands as code in the prose, each once: settings, commands, addresses."""
    return sorted(set(re.findall(r"`([^`]+)`", prose(text))) - {"token"})


def figures(text: str) -> list[str]:
    """Return the numbers in the prose, as they are written in English."""
    plain = re.sub(rf"(?<=\d)[{NO_BREAK}](?=\d{{3}})", ",", re.sub(r"\]\([^)]*\)", "]", prose(text)))
    plain = re.sub(r"(?<=\d),(?=\d{1,2}\b(?!\d))", ".", plain)
    plain = re.sub(r"(?<![\d,.])0,(?=\d{3}\b)", ".", plain)
    return sorted(re.findall(r"\.?\d[\d,.]*", plain.replace("Apache License 2.0", "")))


def targets(text: str) -> list[str]:
    return [
        link
        for link in re.findall(r"\]\(([^)]+)\)", prose(text))
        if not link.startswith("README") and "lab.fr" not in link
    ]


def test_they_have_the_same_sections_and_tables() -> None:
    for sign in ("#", "| ", "- "):
        counts = [sum(line.startswith(sign) for line in prose(text).splitlines()) for text in (ENGLISH, FRENCH)]
        assert counts[0] == counts[1], sign


def test_they_have_the_same_commands_and_settings() -> None:
    assert blocks(FRENCH) == blocks(ENGLISH)
    assert literals(FRENCH) == literals(ENGLISH)


def test_they_lead_to_the_same_pages() -> None:
    assert targets(FRENCH) == targets(ENGLISH)
    assert "](README.fr.md)" in ENGLISH and "](README.md)" in FRENCH


def test_they_have_the_same_figures() -> None:
    assert figures(FRENCH) == figures(ENGLISH)


def test_french_signs_have_their_space() -> None:
    wrong = [
        line for line in prose(FRENCH).splitlines() if re.search(r"[^\W\d_][:;?!»](?:\s|$)| [:;?!»](?:\s|$)|« ", line)
    ]

    assert wrong == []
