"""The project's Markdown files, and what they consist of."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# What others wrote, or a shop holds.
FOREIGN = {".venv", ".git", "node_modules", "data", "dist", ".hypothesis", ".pytest_cache", ".mypy_cache"}
# A block of code may lie in a list, and so be indented.
FENCE = re.compile(r"^ *(`{3,}|~{3,})[^\n]*\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
INLINE_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
LINK = re.compile(
    r"""
    \]\(\s*<?([^)\s>]+)>?(?:\s+["'][^"']*["'])?\s*\)  # [text](target "title"), and a picture
    | ^\[[^\]]+\]:\s*(\S+)                            # [name]: target
    | (?:href|src)="([^"]+)"
    """,
    re.MULTILINE | re.VERBOSE,
)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


@cache
def documents() -> tuple[Path, ...]:
    """Return every Markdown file of the project."""
    found = (path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts))
    return tuple(sorted(found))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """Return the text without blocks of code and comments."""
    return COMMENT.sub("", FENCE.sub("", path.read_text()))


def code(path: Path) -> list[str]:
    """Return the lines of all blocks of code, those that end in a backslash joined, and all code within the text."""
    blocks = [block.replace("\\\n", " ") for _, block in FENCE.findall(path.read_text())]
    return [line for block in blocks for line in block.splitlines()] + inline_code(path)


def inline_code(path: Path) -> list[str]:
    return [" ".join(text.split()) for _, text in INLINE_CODE.findall(prose(path))]


def links(path: Path) -> list[str]:
    """Return where the document's links and pictures lead."""
    text = INLINE_CODE.sub("", prose(path))
    return ["".join(parts) for parts in LINK.findall(text)]


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives to the document's headings."""
    given: dict[str, int] = {}
    for heading in HEADING.findall(prose(path)):
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        given[slug] = given.get(slug, -1) + 1
    return frozenset(f"{slug}-{again}" if again else slug for slug, most in given.items() for again in range(most + 1))


def code_blocks(name: str, language: str) -> list[str]:
    """Return the blocks of code in a language, as ```python begins one, of a document of the project."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
    return [str(block) for block in blocks]
