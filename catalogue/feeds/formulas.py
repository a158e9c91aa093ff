"""Protection against CSV injection: cells that a spreadsheet would run as a formula, which may leak other data.

An apostrophe, which spreadsheets read as "text", is written before such a cell. A cell that already starts with
apostrophes and a formula gets one more, so unescaping removes only an escape and every cell round-trips exactly.
"""

from __future__ import annotations

import re

# Full-width signs (＝＋－＠) too: spreadsheets set to Chinese or Japanese treat them as the ASCII ones.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escape_formula(cell: str) -> str:
    """Return a cell that every spreadsheet reads as text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return a cell as it was before `escape_formula`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
