"""axe-core, which finds what keeps people with disabilities from using a page: https://github.com/dequelabs/axe-core"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 AA, and what axe-core's makers hold to be good practice.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PRACTICE = "best-practice"


@cache
def source() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page, *, within: str = "html", tags: Sequence[str] = (*WCAG, PRACTICE)) -> list[str]:
    """Return what axe-core objects to in a page, or a part of it: the rule, what it wants, and where it is missed."""
    page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate(
        """([within, tags]) => axe.run({ include: [[within]] }, { runOnly: { type: "tag", values: tags } })
          .then(({ violations }) => violations.map(({ id, help, nodes }) => (
            { id, help, where: nodes.map(({ html, any }) => html.slice(0, 160) + " " + (any[0]?.message ?? "")) })))""",
        [within, list(tags)],
    )
    return [f"{one['id']}: {one['help']}: {where}" for one in found for where in one["where"]]
