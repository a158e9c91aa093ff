"""Cells that a spreadsheet would take for a formula, which may send elsewhere what else is open in it.

Such a cell is written with an apostrophe before it, as spreadsheets mark text, and so is one that has apostrophes and
then what would be a formula; so the one apostrophe that is taken away again was put there, and cells come back exactly.
"""

from __future__ import annotations

import re

# The wide ones (＝＋－＠) are taken for the narrow ones where people type Chinese or Japanese.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escape_formula(cell: str) -> str:
    """Return a cell so that every spreadsheet takes it for text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return a cell as it was before `guard`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
